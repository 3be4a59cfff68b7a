/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of shared fields is whole: no field has an access mode and no row. */
class SynchronizationTableTest {
    private static final Path SOURCES = Path.of("src", "main", "java");
    private static final Path TABLE = Path.of("src", "site", "markdown", "synchronization.md");

    private static final Pattern BY_VAR_HANDLE =
            Pattern.compile("fieldVarHandle\\(\\s*MethodHandles\\.lookup\\(\\),\\s*\"(\\w+)\"");
    private static final Pattern DECLARED =
            Pattern.compile("(?m)^    [^*/\\n]*(?:\\bvolatile\\b|\\bAtomic\\w+)[^=;(\\n]* (\\w+)(?: = [^\\n]*)?;");

    @Test
    void shouldHaveARowForEachFieldWithAnAccessMode() throws IOException {
        List<String> cells = Files.readAllLines(TABLE).stream()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.substring(2, line.indexOf(" | ")))
                .toList();
        TreeSet<String> missing = new TreeSet<>();
        int fields = 0;
        for (Path source : sources()) {
            String name = source.getFileName().toString().replace(".java", "");
            for (String field : sharedFields(Files.readString(source))) {
                fields++;
                if (cells.stream().noneMatch(cell -> names(cell, name, field))) {
                    missing.add(name + "." + field);
                }
            }
        }
        assertTrue(fields > 30, "found " + fields + " shared fields");
        assertEquals(new TreeSet<String>(), missing, "shared fields without a row in " + TABLE);
    }

    private static boolean names(String cell, String className, String field) {
        return Pattern.compile("\\b" + className + "\\b").matcher(cell).find()
                && Pattern.compile("\\b" + field + "\\b").matcher(cell).find();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static Set<String> sharedFields(String source) {
        Set<String> fields = new TreeSet<>();
        for (Pattern pattern : List.of(BY_VAR_HANDLE, DECLARED)) {
            Matcher matcher = pattern.matcher(source);
            while (matcher.find()) {
                fields.add(matcher.group(1));
            }
        }
        return fields;
    }
}
