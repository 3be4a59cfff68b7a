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
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's table of mutants has a row for each existing mutant, and for no other. */
class MutationTableTest {
    private static final Path MUTANTS = Path.of("jcstress-tests", "mutants");
    private static final Pattern ROW = Pattern.compile(
            "^\\| ([A-Z]\\d+) +\\| (\\w+) +\\| ([\\w-]+) +\\|.*\\|.*\\| (killed|survives: .+)$", Pattern.MULTILINE);

    private static final String KILLS = "Kills: ";
    private static final Pattern COMMA = Pattern.compile(",\\s*");

    @Test
    void shouldShowEveryMutantAndTheTestsThatSeeIt() throws IOException {
        SortedSet<String> shown = new TreeSet<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("src", "site", "markdown", "mutants.md")));
        while (row.find()) {
            shown.add(row.group(1) + "-" + row.group(3) + ": " + row.group(2));
        }

        assertFalse(shown.isEmpty(), "the document has no table of mutants");
        SortedSet<String> missing = mutants();
        missing.removeAll(shown);
        shown.removeAll(mutants());
        assertEquals(
                "[] []", missing + " " + shown, "missing, and extra: take the table of jcstress-tests/run mutants");
    }

    private static SortedSet<String> mutants() throws IOException {
        SortedSet<String> all = new TreeSet<>();
        try (Stream<Path> files = Files.list(MUTANTS)) {
            for (Path mutant :
                    files.filter(file -> file.toString().endsWith(".mutant")).toList()) {
                String name = mutant.getFileName().toString().replace(".mutant", "");
                String kills = Files.readAllLines(mutant).stream()
                        .filter(line -> line.startsWith(KILLS))
                        .map(line -> line.substring(KILLS.length()))
                        .findFirst()
                        .orElseThrow();
                COMMA.splitAsStream(kills).forEach(test -> all.add(name + ": " + test));
            }
        }
        return all;
    }
}
