package io.sendbuffer.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * A patch of the library's source that breaks one invariant, named by its file: {@code Q1-no-look-after-clearing.patch}
 * breaks Q1. Its first lines say what it breaks, which race tests have to see it, and, if they cannot, why:
 *
 * <pre>{@code
 * Breaks: the drainer leaves outside the lock, after it found the queue empty.
 * Kills: Q1_NothingIsStranded, Q1_LastLookBeforeLeaving
 * Survives: only where a machine cannot show it; then what else guards the line.
 * }</pre>
 *
 * @param patch the file
 * @param invariant the invariant
 * @param breaks what the patch breaks, in words
 * @param kills the simple names of the tests that must fail, each of them
 * @param survives why this cannot be shown, and what guards it instead; empty if it can
 */
record Mutant(Path patch, String invariant, String breaks, List<String> kills, String survives) {
    private static final Path SOURCES = Path.of("src", "main", "java");

    /** Reads a patch's name and first lines. */
    static Mutant of(Path patch) throws IOException {
        String name = patch.getFileName().toString();
        List<String> lines = Files.readAllLines(patch);
        String breaks = header(lines, "Breaks: ");
        String kills = header(lines, "Kills: ");
        if (breaks.isEmpty() || kills.isEmpty() || name.indexOf('-') < 0) {
            throw new IOException(
                    name + ": name it INVARIANT-what.patch, and begin it with the lines 'Breaks: ...' and "
                            + "'Kills: test, test'");
        }
        return new Mutant(
                patch,
                name.substring(0, name.indexOf('-')),
                breaks,
                List.of(kills.split(",\\s*")),
                header(lines, "Survives: "));
    }

    private static String header(List<String> lines, String key) {
        return lines.stream()
                .takeWhile(line -> !line.startsWith("---"))
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst()
                .orElse("");
    }

    String name() {
        return patch.getFileName().toString().replace(".patch", "");
    }

    /** The mutant without its invariant. */
    String what() {
        return name().substring(invariant.length() + 1);
    }

    /**
     * Applies the patch to a copy of the library's source and compiles it.
     *
     * @param root the library's checkout
     * @param scratch an empty directory
     * @return the directory of the classes
     * @throws IOException if the patch no longer applies, or what it makes does not compile
     */
    Path build(Path root, Path scratch) throws IOException, InterruptedException {
        copySources(root.resolve(SOURCES), scratch.resolve(SOURCES));
        ProcessBuilder git = new ProcessBuilder(
                        "git", "apply", patch.toAbsolutePath().toString())
                .directory(scratch.toFile())
                .redirectErrorStream(true);
        // Were the scratch directory inside of a checkout, git would look for the files there, and skip them silently.
        git.environment()
                .put(
                        "GIT_CEILING_DIRECTORIES",
                        scratch.toAbsolutePath().getParent().toString());
        Process process = git.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(name() + " no longer applies: " + said.strip());
        }
        return compile(scratch);
    }

    private Path compile(Path scratch) throws IOException {
        Path classes = Files.createDirectory(scratch.resolve("classes"));
        List<String> args = new ArrayList<>(List.of("-nowarn", "-proc:none", "--release", "17", "-d"));
        args.add(classes.toString());
        args.add("-cp");
        args.add(RaceRunner.ownClassPath());
        try (Stream<Path> files = Files.walk(scratch.resolve(SOURCES))) {
            files.filter(Mutant::isCompiled).map(Path::toString).forEach(args::add);
        }
        if (ToolProvider.getSystemJavaCompiler().run(null, null, null, args.toArray(String[]::new)) != 0) {
            throw new IOException(name() + " does not compile");
        }
        return classes;
    }

    /** The tests are on the class path, so the module's own declaration is left out. */
    private static boolean isCompiled(Path file) {
        return file.toString().endsWith(".java") && !file.endsWith("module-info.java");
    }

    private static void copySources(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                Path target = to.resolve(from.relativize(file).toString());
                try {
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
