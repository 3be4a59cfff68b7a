/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.small;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user writes for a server is little. */
class SmallSamplesTest {
    private static final Path SAMPLES = Path.of("src/samples/java/io/sendbuffer/samples/small");
    private static final int MAX_LINES = 150;

    @ParameterizedTest
    @ValueSource(strings = {"RedisLike.java", "WebFeed.java"})
    void shouldHaveLessThanSoManyLinesBehindTheImports(String sample) throws IOException {
        List<String> lines = Files.readAllLines(SAMPLES.resolve(sample));
        int last = 0;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("import ")) {
                last = i;
            }
        }
        int own = lines.size() - last - 1;
        assertTrue(own < MAX_LINES, sample + " has " + own);
        assertTrue(lines.stream().allMatch(line -> line.length() <= 120), "a line that is too long");
    }
}
