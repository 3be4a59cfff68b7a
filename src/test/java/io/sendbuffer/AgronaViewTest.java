/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;

/** Agrona's views work without a JVM flag, except for their address, and are safe with any of Agrona's flags. */
class AgronaViewTest {
    private static final List<String> FLAG = List.of("--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED");

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldReadAndWriteWithoutAFlag() {
        AgronaViewMain.checkViews(pool);
    }

    @Test
    void shouldNameTheMissingFlagOfAnAddressAndLeaveTheBufferUsable() {
        try (SendBuffer buffer = pool.acquire(64).putInt(1).seal()) {
            DirectBuffer view = buffer.asDirectBuffer();
            for (int i = 0; i < 2; i++) {
                assertSays(
                        assertThrows(UnsupportedOperationException.class, view::addressOffset), String.join(" ", FLAG));
            }
            assertEquals(1, buffer.getInt(0));
        }
    }

    @Test
    void shouldRefuseAViewThatTheStateForbids() {
        SendBuffer buffer = pool.acquire(64);
        assertSays(assertThrows(IllegalStateException.class, buffer::asDirectBuffer), "call seal()");
        MutableDirectBuffer view = buffer.asMutableDirectBuffer();
        buffer.seal();
        assertSays(assertThrows(IllegalStateException.class, buffer::asMutableDirectBuffer), "sealed");
        assertSays(assertThrows(IndexOutOfBoundsException.class, () -> view.getByte(0)), "ended with the seal");
        buffer.release();
        assertSays(assertThrows(IllegalStateException.class, buffer::asDirectBuffer), "released");
        assertSays(assertThrows(IllegalStateException.class, buffer::asMutableDirectBuffer), "released");
    }

    @Test
    void shouldBeSafeInAJvmWithTheFlag() throws IOException, InterruptedException {
        requireChildSucceeds(FLAG);
    }

    @Test
    void shouldBeSafeWithTheChecksOff() throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(FLAG);
        options.add("-Dagrona.disable.bounds.checks=true");
        requireChildSucceeds(options);
    }

    /** In a JVM of its own, since a crash would end this one. */
    private static void requireChildSucceeds(List<String> options) throws IOException, InterruptedException {
        Process child =
                new ProcessBuilder(command(options)).redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(1, TimeUnit.MINUTES), output);
        assertEquals(0, child.exitValue(), output);
        assertFalse(output.contains("Exception"), output);
    }

    private static List<String> command(List<String> options) {
        // The class path of surefire's JVM may be a jar that only points to the real one.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xmx64m", "-cp", classPath, AgronaViewMain.class.getName()));
        return command;
    }
}
