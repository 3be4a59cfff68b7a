/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import com.sun.source.util.JavacTask;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Whether each mutant applies to the library's source as it is, and compiles: no race runs, no code is generated, and
 * what the compiler knows of the class path serves all mutants, so that hundreds of them take seconds.
 */
final class MutantCheck {
    private final Path root;
    private final List<String> options;
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final StandardJavaFileManager files;

    private MutantCheck(Path root, Path unbroken, StandardJavaFileManager files) {
        this.root = root;
        this.options =
                List.of("-nowarn", "-proc:none", "-cp", unbroken + File.pathSeparator + RaceRunner.ownClassPath());
        this.files = files;
    }

    /**
     * Checks mutants, and says of each that fails why.
     *
     * @param root the library's checkout
     */
    static boolean passes(Path root, List<Path> mutants, PrintStream out) throws IOException {
        Path unbroken = Files.createTempDirectory("unbroken");
        int failed = 0;
        try (StandardJavaFileManager files =
                ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            Mutant.compileAll(root, unbroken);
            MutantCheck check = new MutantCheck(root, unbroken, files);
            for (Path file : mutants) {
                String objection = check.objectionTo(Mutant.of(file));
                if (!objection.isEmpty()) {
                    failed++;
                    out.println(objection);
                }
            }
        } finally {
            MutantRun.delete(unbroken);
        }
        String verdict = failed == 0 ? "each applies and compiles" : failed + " do not apply or do not compile";
        out.printf("%d mutants, %s%n", mutants.size(), verdict);
        return failed == 0 && !mutants.isEmpty();
    }

    private String objectionTo(Mutant mutant) throws IOException {
        Map<String, String> sources;
        try {
            sources = mutant.changedSources(root);
        } catch (IOException e) {
            return e.getMessage();
        }
        String errors = errorsIn(sources);
        return errors.isEmpty() ? "" : mutant.name() + " does not compile: " + errors;
    }

    private String errorsIn(Map<String, String> sources) throws IOException {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<Source> units = sources.entrySet().stream()
                .map(source -> new Source(source.getKey(), source.getValue()))
                .toList();
        ((JavacTask) compiler.getTask(null, files, found, options, null, units)).analyze();
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(Diagnostic::toString)
                .collect(Collectors.joining("\n"));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("mutant:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
