/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * A change of the library's source that breaks one invariant, named by its file:
 * {@code Q1-no-look-after-clearing.mutant} breaks Q1. Its first lines say what it breaks, which race tests have to
 * detect it, and, if they cannot, why. Then follow the files that it changes, and for each the lines of code that are
 * replaced:
 *
 * <pre>{@code
 * Breaks: the drainer leaves outside the lock, after it found the queue empty.
 * Kills: Q1_NothingIsStranded, Q1_LastLookBeforeLeaving
 * Survives: only where a machine cannot show it; then what else guards the line.
 * File: src/main/java/io/sendbuffer/SendQueue.java
 * <<<<<<<
 * the lines as they are, which must occur once in the file
 * =======
 * what replaces them
 * >>>>>>>
 * }</pre>
 *
 * @param file the mutant's file
 * @param invariant the invariant
 * @param breaks what it breaks, in words
 * @param kills the simple names of the tests that must fail, each of them
 * @param survives why this cannot be shown, and what guards it instead; empty if it can
 * @param changes what it replaces
 */
record Mutant(
        Path file, String invariant, String breaks, List<String> kills, String survives, List<SourceChange> changes) {
    static final String EXTENSION = ".mutant";

    private static final Path SOURCES = Path.of("src", "main", "java");

    /** Reads a mutant's file. */
    static Mutant of(Path file) throws IOException {
        String name = file.getFileName().toString();
        List<String> lines = Files.readAllLines(file);
        String breaks = header(lines, "Breaks: ");
        String kills = header(lines, "Kills: ");
        if (breaks.isEmpty() || kills.isEmpty() || name.indexOf('-') < 0) {
            throw new IOException(name + ": name it INVARIANT-what" + EXTENSION
                    + ", and begin it with the lines 'Breaks: ...' and " + "'Kills: test, test'");
        }
        return new Mutant(
                file,
                name.substring(0, name.indexOf('-')),
                breaks,
                List.of(kills.split(",\\s*")),
                header(lines, "Survives: "),
                SourceChange.in(name, lines));
    }

    private static String header(List<String> lines, String key) {
        return lines.stream()
                .takeWhile(line -> !line.startsWith(SourceChange.FILE))
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst()
                .orElse("");
    }

    String name() {
        return file.getFileName().toString().replace(EXTENSION, "");
    }

    /** The mutant's name without its invariant. */
    String what() {
        return name().substring(invariant.length() + 1);
    }

    /**
     * Changes copies of the files, and compiles those.
     *
     * @param root the library's checkout
     * @param unbroken the directory of its classes, see {@link #compileAll}
     * @param scratch an empty directory
     * @return the directory of the changed classes
     * @throws IOException if the mutant does not apply, or what it makes does not compile
     */
    Path build(Path root, Path unbroken, Path scratch) throws IOException {
        List<Path> changed = new ArrayList<>();
        for (Map.Entry<String, String> source : changedSources(root).entrySet()) {
            Path copy = scratch.resolve(source.getKey());
            Files.createDirectories(copy.getParent());
            Files.writeString(copy, source.getValue());
            changed.add(copy);
        }
        Path classes = Files.createDirectory(scratch.resolve("classes"));
        compile(name(), changed.stream(), unbroken.toString(), classes);
        return classes;
    }

    /**
     * Returns the text of the files that it changes, by their path in the checkout.
     *
     * @throws IOException if the mutant does not apply
     */
    Map<String, String> changedSources(Path root) throws IOException {
        Map<String, String> changed = new TreeMap<>();
        for (SourceChange change : changes) {
            Path source = root.resolve(change.file());
            if (!Files.exists(source)) {
                throw new IOException(name() + " does not apply: there is no " + change.file());
            }
            changed.put(change.file(), change.applyTo(name(), Files.readString(source)));
        }
        return changed;
    }

    /**
     * Compiles the library as it is, for all mutants together: each then compiles what it changes.
     *
     * @param root the library's checkout
     * @param classes an empty directory
     */
    static void compileAll(Path root, Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(SOURCES))) {
            compile("the library", files.filter(Mutant::isCompiled), "", classes);
        }
    }

    private static void compile(String what, Stream<Path> files, String firstOnClassPath, Path classes)
            throws IOException {
        List<String> args = new ArrayList<>(List.of("-nowarn", "-proc:none", "--release", "17", "-d"));
        args.add(classes.toString());
        args.add("-cp");
        args.add(firstOnClassPath + File.pathSeparator + RaceRunner.ownClassPath());
        files.map(Path::toString).forEach(args::add);
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null, args.toArray(String[]::new)) != 0) {
            throw new IOException(what + " does not compile");
        }
    }

    /** The tests are on the class path, so the module's own declaration is left out. */
    private static boolean isCompiled(Path file) {
        return file.toString().endsWith(".java") && !file.endsWith("module-info.java");
    }
}
