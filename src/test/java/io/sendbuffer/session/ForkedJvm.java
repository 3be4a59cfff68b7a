/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class in its own JVM, with the flags that the test needs. */
public final class ForkedJvm {
    private ForkedJvm() {}

    /** Runs until it exits; its status must be 0. Returns what it printed. */
    public static String run(List<String> flags, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return run(List.of(), flags, main, arguments);
    }

    /** Likewise, with the words of another command before those of the JVM. */
    static String run(List<String> prefix, List<String> flags, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        // The class path of Surefire's JVM may be a jar that only refers to the real one.
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("sendbuffer", ".log");
        Process child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = child.waitFor(100, TimeUnit.SECONDS);
            String text = tail(Files.readString(output, StandardCharsets.UTF_8));
            assertTrue(ended, () -> "it does not end: " + text);
            assertEquals(0, child.exitValue(), text);
            return text;
        } finally {
            child.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 4_000));
    }
}
