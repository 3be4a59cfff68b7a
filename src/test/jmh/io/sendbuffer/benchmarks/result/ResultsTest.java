/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void shouldReadWhatItWrote() throws IOException {
        Result result = new Result(
                "micro", "Life", new TreeMap<>(Map.of("length", "64")), "jetty", "time", "ns/op", List.of(1.5, 2.5));
        Report report =
                new Report(Machine.ofRun("short", Instant.EPOCH, Duration.ofSeconds(90)), List.of(result, result));
        Path file = directory.resolve("results.json");

        Results.write(file, report);

        assertEquals(report, Results.read(file));
    }

    @Test
    void shouldNameTheFileThatIsNone() throws IOException {
        Path file = Files.writeString(directory.resolve("other.json"), "[1, 2]");
        IOException refusal = assertThrows(IOException.class, () -> Results.read(file));
        assertTrue(
                String.valueOf(refusal.getMessage()).contains("other.json is no file of results"),
                refusal.getMessage());
    }

    @Test
    void shouldNameTheFileThatIsEmpty() throws IOException {
        Path file = Files.createFile(directory.resolve("empty.json"));
        IOException refusal = assertThrows(IOException.class, () -> Results.read(file));
        assertTrue(String.valueOf(refusal.getMessage()).contains("empty.json is empty"), refusal.getMessage());
    }

    @Test
    void shouldRefuseAResultWithoutSamples() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Result("micro", "Life", new TreeMap<>(), "jetty", "time", "ns/op", List.of()));
    }

    @Test
    void shouldTakeHalfOfTheDistanceBetweenTheQuartilesForTheSpread() {
        Result result =
                new Result("micro", "Life", new TreeMap<>(), "jetty", "time", "ns/op", List.of(90.0, 100.0, 110.0));
        assertEquals(0.05, result.spread(), 1e-9);
    }
}
