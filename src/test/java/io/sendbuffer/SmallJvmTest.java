/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool in JVMs that have less memory than it would use, each in a process of its own. */
@Tag("alone")
class SmallJvmTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 64})
    void shouldRefuseInMicrosecondsAtTheJvmsLimit(int stripes) throws Exception {
        requirePasses(List.of("-Xmx64m", "-XX:MaxDirectMemorySize=32m"), "refuse", String.valueOf(stripes));
    }

    @Test
    void shouldRefuseInMicrosecondsWhereTheHeapIsTheLimit() throws Exception {
        requirePasses(List.of("-Xmx64m"), "refuse", "4");
    }

    @Test
    void shouldServeAThousandLargeBuffersWithoutACollection() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "large");
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "large");
    }

    @Test
    void shouldShrinkByItselfAfterABurstAndGrowAgain() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "decay");
    }

    @Test
    void shouldServeSmallBuffersFromMemoryThatWasLarge() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "mixed");
    }

    @Test
    void shouldGrowAfterATrimThoughNoCollectionMayBeAskedFor() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=50m", "-XX:+DisableExplicitGC"), "regrow");
    }

    @Test
    void shouldGrowByWhatClosedPoolsLeftThoughNoCollectionMayBeAskedFor() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-XX:+DisableExplicitGC"), "pools");
    }

    @Test
    void shouldGrowAfterPoolsWereClosedWhoseThreadsLiveOn() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "current");
    }

    /** No piece obtained from the JVM is large enough, so all of them have to go back to it. */
    @Test
    void shouldServeALargerBufferThanAnyBefore() throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m"), "larger");
    }

    /** Idle memory that was cut from larger memory keeps all of that from the collector. */
    @ParameterizedTest
    @ValueSource(longs = {18, 19, 41})
    void shouldServeALargerBufferThanAnyBeforeThoughThePoolKeepsAPartOfOne(long seed) throws Exception {
        requirePasses(List.of("-XX:MaxDirectMemorySize=64m", "-D" + TestSeed.PROPERTY + "=" + seed), "larger");
    }

    @Test
    void shouldFillAPoolWithTinyMessagesWithinTheHeap() throws Exception {
        requirePasses(List.of("-Xmx256m", "-XX:MaxDirectMemorySize=512m"), "tiny");
    }

    @Test
    void shouldRefuseAndLoseNothingWhenTheHeapIsFull() throws Exception {
        requirePasses(List.of("-Xmx32m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC"), "heap");
    }

    @Test
    void shouldHaveADefaultCapThatTheJvmHolds() throws Exception {
        requirePasses(List.of("-Xmx128m"), "default");
    }

    @Test
    void shouldDoWithoutTheModulesThatKnowTheLimit() throws Exception {
        requirePasses(List.of("-Xmx64m", "--limit-modules", "java.base,java.logging,jdk.unsupported"), "blind");
    }

    private static void requirePasses(List<String> flags, String... args) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command(flags, args))
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(1, TimeUnit.MINUTES), output);
        assertEquals(0, child.exitValue(), output);
        assertTrue(output.endsWith("passed\n"), output);
        System.out.print(output);
    }

    private static List<String> command(List<String> flags, String... args) {
        // The class path of surefire's JVM may be a jar that only points to the real one.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, SmallJvmMain.class.getName()));
        command.addAll(List.of(args));
        return command;
    }
}
