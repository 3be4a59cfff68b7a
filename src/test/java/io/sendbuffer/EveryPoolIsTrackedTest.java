/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A pool that no test watches hides its leaks, so every builder appears inside a call to {@link Pools#track}. */
class EveryPoolIsTrackedTest {
    private static final Path SOURCES = Path.of("src", "test", "java");

    // In pieces, so that this file does not find itself.
    private static final String BUILDER = "SendBufferPool" + ".builder()";
    private static final String BUILDER_REFERENCE = "SendBufferPool" + "::builder";
    private static final String TRACK = "Pools" + ".track(";

    @Test
    void shouldFindEveryPoolBuilderInsideOfTrack() throws IOException {
        List<String> untracked = new ArrayList<>();
        for (Path file : javaFiles()) {
            String text = Files.readString(file);
            for (int at = text.indexOf(BUILDER); at >= 0; at = text.indexOf(BUILDER, at + 1)) {
                if (!isTracked(text, at)) {
                    untracked.add(file + ":" + lineOf(text, at));
                }
            }
            assertFalse(text.contains(BUILDER_REFERENCE), file + " hides a builder in a method reference");
        }
        assertEquals(List.of(), untracked, "write Pools.track(... .build()) around these builders");
    }

    @Test
    void shouldDistinguishTrackedBuildersFromOthers() {
        assertTrue(isTrackedAtEnd(TRACK + BUILDER));
        assertTrue(isTrackedAtEnd(TRACK + "\n        with(limit(1), " + BUILDER));
        assertFalse(isTrackedAtEnd("pool = " + BUILDER));
        assertFalse(isTrackedAtEnd(TRACK + "pool); pool = " + BUILDER));
    }

    private static boolean isTrackedAtEnd(String text) {
        return isTracked(text, text.length() - BUILDER.length());
    }

    /** True if the last call to track before this place is still open there. */
    private static boolean isTracked(String text, int at) {
        int track = text.lastIndexOf(TRACK, at);
        if (track < 0) {
            return false;
        }
        int depth = 1;
        for (int i = track + TRACK.length(); i < at && depth > 0; i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return depth > 0;
    }

    private static List<Path> javaFiles() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertFalse(found.isEmpty(), "no sources below " + SOURCES + ": run the tests in the project's directory");
            return found;
        }
    }

    private static long lineOf(String text, int at) {
        return text.substring(0, at).lines().count();
    }
}
