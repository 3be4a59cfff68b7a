/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The examples of the README, the guide, and the pages on logs and slow consumers are the text of samples that compile,
 * and that a test runs.
 */
class ReadmeTest {
    private static final Path README = Path.of("README.md");
    private static final Path GUIDE = Path.of("src/site/markdown/guide.md");
    private static final Path LOG = Path.of("src/site/markdown/log.md");
    private static final Path SLOW_CONSUMERS = Path.of("src/site/markdown/slow-consumers.md");
    private static final Path SAMPLES = Path.of("src/samples/java/io/sendbuffer/samples/readme");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REGION = Pattern.compile("// README: \\w+\\n(.*?)\\n *// README: end", Pattern.DOTALL);
    private static final int MAX_LINES = 50;
    private static final int MAX_README_BYTES = 10_240;

    @Test
    void shouldShowNoCodeThatIsNotCompiled() throws IOException {
        requireCompiled(README, "GameServer.java");
        requireCompiled(
                GUIDE,
                "Messages.java",
                "Echo.java",
                "Framed.java",
                "Timed.java",
                "Browsers.java",
                "OwnSelectorLoop.java",
                "Ends.java",
                "Secure.java");
        requireCompiled(LOG, "PriceFeed.java");
        requireCompiled(SLOW_CONSUMERS, "Replay.java");
    }

    private static void requireCompiled(Path document, String... samples) throws IOException {
        List<String> shown = blocksOf(Files.readString(document), JAVA_BLOCK);
        assertFalse(shown.isEmpty(), () -> document + " has no example");
        List<String> compiled = new ArrayList<>();
        for (String sample : samples) {
            compiled.addAll(blocksOf(Files.readString(SAMPLES.resolve(sample)), REGION));
        }
        assertEquals(compiled, shown);
        for (String block : shown) {
            assertTrue(block.lines().count() <= MAX_LINES, () -> "an example of " + document + " is too long");
        }
    }

    @Test
    void shouldStayShort() throws IOException {
        assertTrue(
                Files.size(README) <= MAX_README_BYTES, "move what is not needed at first sight to src/site/markdown");
    }

    private static List<String> blocksOf(String text, Pattern pattern) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            blocks.add(matcher.group(1).stripTrailing().stripIndent().strip());
        }
        return blocks;
    }
}
