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

/** The README's examples are the text of samples that compile, and that a test runs. */
class ReadmeTest {
    private static final Path SAMPLES = Path.of("src/samples/java/io/sendbuffer/samples/readme");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REGION = Pattern.compile("// README: \\w+\\n(.*?)\\n *// README: end", Pattern.DOTALL);
    private static final int MOST_LINES = 40;

    @Test
    void shouldShowNoCodeThatIsNotCompiled() throws IOException {
        List<String> shown = blocksOf(Files.readString(Path.of("README.md")), JAVA_BLOCK);
        List<String> compiled = new ArrayList<>();
        for (String sample : List.of("GameServer.java", "OwnSelectorLoop.java")) {
            compiled.addAll(blocksOf(Files.readString(SAMPLES.resolve(sample)), REGION));
        }

        assertFalse(shown.isEmpty(), "the README has no example");
        assertEquals(compiled, shown);
        for (String block : shown) {
            assertTrue(block.lines().count() <= MOST_LINES, "an example is too long for a README");
        }
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
