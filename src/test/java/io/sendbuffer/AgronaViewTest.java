package io.sendbuffer;

import static io.sendbuffer.Failures.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Agrona's views need a JVM flag: without it they say so, with it they work. Only they need it. */
class AgronaViewTest {
    private static final List<String> FLAG = List.of("--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED");

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldNameTheMissingFlagAndLeaveTheBufferUsable() {
        try (SendBuffer buffer = pool.acquire(64).putInt(1)) {
            requireFlagNamed(buffer::asMutableDirectBuffer);
            buffer.putInt(2).seal();
            requireFlagNamed(buffer::asDirectBuffer);
            assertEquals(2, buffer.getInt(4));
        }
    }

    private static void requireFlagNamed(Runnable view) {
        assertSays(assertThrows(UnsupportedOperationException.class, view::run), String.join(" ", FLAG));
    }

    @Test
    void shouldNotNeedTheFlagToRefuseAViewThatTheStateForbids() {
        SendBuffer buffer = pool.acquire(64);
        assertSays(assertThrows(IllegalStateException.class, buffer::asDirectBuffer), "call seal()");
        buffer.seal();
        assertSays(assertThrows(IllegalStateException.class, buffer::asMutableDirectBuffer), "sealed");
        buffer.release();
        assertSays(assertThrows(IllegalStateException.class, buffer::asDirectBuffer), "released");
        assertSays(assertThrows(IllegalStateException.class, buffer::asMutableDirectBuffer), "released");
    }

    @Test
    void shouldWorkInAJvmWithTheFlag() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command()).redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(1, TimeUnit.MINUTES), output);
        assertEquals(0, child.exitValue(), output);
        assertFalse(output.contains("Exception"), output);
    }

    private static List<String> command() {
        // The class path of surefire's JVM may be a jar that only points to the real one.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(java, FLAG.get(0), FLAG.get(1), "-Xmx64m", "-cp", classPath, AgronaViewMain.class.getName());
    }
}
