/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Sessions and frames are built on the core, the web on all of these, and all on the internal package: no code names
 * what is built on it.
 */
class LayersTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "sendbuffer");
    private static final Pattern SESSION = Pattern.compile("\\bio\\.sendbuffer\\.session\\b");
    private static final Pattern FRAME = Pattern.compile("\\bio\\.sendbuffer\\.frame\\b");
    private static final Pattern WEB = Pattern.compile("\\bio\\.sendbuffer\\.web\\b");
    private static final Pattern CORE_OR_SESSION = Pattern.compile("\\bio\\.sendbuffer\\b(?!\\.internal\\b)");

    @Test
    void shouldKeepTheCoreFreeOfSessions() throws IOException {
        assertEquals(List.of(), linesOfCodeWith(SESSION, SOURCES), "the core knows no session");
    }

    @Test
    void shouldKeepFramesApartFromSessions() throws IOException {
        assertEquals(List.of(), linesOfCodeWith(FRAME, SOURCES), "the core knows no frame");
        assertEquals(List.of(), linesOfCodeWith(FRAME, SOURCES.resolve("session")), "sessions know no frame");
        assertEquals(List.of(), linesOfCodeWith(SESSION, SOURCES.resolve("frame")), "frames know no session");
    }

    @Test
    void shouldKeepAllOthersFreeOfTheWeb() throws IOException {
        assertEquals(List.of(), linesOfCodeWith(WEB, SOURCES), "the core knows no browser");
        assertEquals(List.of(), linesOfCodeWith(WEB, SOURCES.resolve("session")), "sessions know no browser");
        assertEquals(List.of(), linesOfCodeWith(WEB, SOURCES.resolve("frame")), "frames know no browser");
    }

    @Test
    void shouldKeepTheInternalPackageFreeOfBoth() throws IOException {
        assertEquals(
                List.of(),
                linesOfCodeWith(CORE_OR_SESSION, SOURCES.resolve("internal")),
                "the internal package knows neither the core nor a session");
    }

    /** Comments may name what is built on a class. */
    private static List<String> linesOfCodeWith(Pattern name, Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : javaFilesIn(folder)) {
            for (String line : Files.readAllLines(file)) {
                String code = line.strip();
                boolean isComment = code.startsWith("*") || code.startsWith("/*") || code.startsWith("//");
                if (!isComment && name.matcher(code).find()) {
                    found.add(file.getFileName() + ": " + code);
                }
            }
        }
        return found;
    }

    private static List<Path> javaFilesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertFalse(found.isEmpty(), "no sources in " + folder + ": run the tests in the project's directory");
            return found;
        }
    }
}
