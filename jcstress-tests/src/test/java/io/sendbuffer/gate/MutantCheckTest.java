/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the check says of mutants of a library of two classes. */
class MutantCheckTest {
    private static final String COUNTER = "src/main/java/sample/Counter.java";
    private static final String USER = "src/main/java/sample/User.java";

    @TempDir
    Path root;

    private final List<Path> mutants = new ArrayList<>();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeEach
    void writeTheLibrary() throws IOException {
        write(COUNTER, """
                package sample;
                final class Counter {
                    private int count;
                    int next(int step) {
                        count += step;
                        return count;
                    }
                }
                """);
        write(USER, """
                package sample;
                final class User {
                    int use(Counter counter) {
                        return counter.next(2);
                    }
                }
                """);
    }

    @Test
    void aMutantThatAppliesAndCompilesPasses() throws IOException {
        mutant("X1-counts-nothing", COUNTER, "        count += step;", "        count += 0;");
        assertTrue(passes());
        assertSays("1 mutants, each applies and compiles");
    }

    @Test
    void aMutantThatDoesNotApplyIsReported() throws IOException {
        mutant("X1-counts-nothing", COUNTER, "        count += stride;", "        count += 0;");
        assertFalse(passes());
        assertSays("X1-counts-nothing does not apply");
        assertSays("1 mutants, 1 do not apply or do not compile");
    }

    @Test
    void aMutantOfAFileThatIsNotThereIsReported() throws IOException {
        mutant("X1-counts-nothing", "src/main/java/sample/Moved.java", "count += step;", "count += 0;");
        assertFalse(passes());
        assertSays("X1-counts-nothing does not apply: there is no src/main/java/sample/Moved.java");
    }

    @Test
    void aMutantThatDoesNotCompileIsReportedWithTheCompilersMessage() throws IOException {
        mutant("X1-counts-nothing", COUNTER, "        count += step;", "        count += 0;");
        mutant("X2-calls-what-was-renamed", USER, "        return counter.next(2);", "        return counter.next();");
        mutant("X3-returns-nothing", COUNTER, "        return count;", "");
        assertFalse(passes());
        assertSays("X2-calls-what-was-renamed does not compile: ");
        assertSays("/" + USER + ":4: ");
        assertSays("counter.next()");
        assertSays("X3-returns-nothing does not compile: ");
        assertSays("3 mutants, 2 do not apply or do not compile");
    }

    @Test
    void changesOfTwoFilesAreCompiledTogether() throws IOException {
        Path file = mutant(
                "X1-in-two-files", COUNTER, "    int next(int step) {", "    int next() {\n        int step = 1;");
        Files.writeString(
                file,
                Files.readString(file)
                        + change(USER, "        return counter.next(2);", "        return counter.next();"));
        assertTrue(passes(), this::said);
    }

    @Test
    void noMutantsAreNoPass() throws IOException {
        assertFalse(passes());
    }

    private boolean passes() throws IOException {
        return MutantCheck.passes(root, mutants, new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private void assertSays(String text) {
        assertTrue(said().contains(text), () -> text + " is not in " + said());
    }

    private Path mutant(String name, String changed, String old, String replacement) throws IOException {
        Path file = write(
                name + Mutant.EXTENSION, "Breaks: the sample.\nKills: none\n" + change(changed, old, replacement));
        mutants.add(file);
        return file;
    }

    private static String change(String file, String old, String replacement) {
        return "File: " + file + "\n<<<<<<<\n" + old + "\n=======\n" + replacement + "\n>>>>>>>\n";
    }

    private Path write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }
}
