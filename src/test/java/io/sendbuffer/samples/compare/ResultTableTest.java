/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private static final CompareSettings SETTINGS = new CompareSettings(200, 128, 32, 3);

    /** What each design takes, in the order in which they run. */
    private static final List<Integer> CPU_NANOS = List.of(1_000, 200, 800, 50, 40, 30);

    @Test
    void shouldShowTheGainOfSharingApartFromTheGainOfCoalescing() throws IOException {
        String table = tableOf(results());
        assertSays(table, "coalescing 0.20 copy, a write per tick ÷ copy, a write per message");
        assertSays(table, "sharing 0.25 shared, a write per tick ÷ copy, a write per tick");
        assertSays(table, "both 0.05 shared, a write per tick ÷ copy, a write per message");
        assertSays(table, "the log 0.60 log ÷ shared, a write per tick");
    }

    @Test
    void shouldHaveARowForEachDesign() throws IOException {
        List<DesignResult> results = results();
        String table = tableOf(results);
        for (DesignResult result : results) {
            long rows = table.lines()
                    .filter(line -> line.startsWith(result.name() + "  "))
                    .count();
            assertEquals(1, rows, () -> result.name() + " in " + table);
        }
        assertTrue(results.stream().anyMatch(result -> result.name().equals("log")));
    }

    private static List<DesignResult> results() throws IOException {
        PhaseResult latency = new PhaseResult(2, 1, 0, 1, 2, 3);
        List<DesignResult> results = new ArrayList<>();
        assertEquals(CPU_NANOS.size(), Compare.DESIGNS.size());
        for (int i = 0; i < CPU_NANOS.size(); i++) {
            try (BroadcastDesign design = Compare.DESIGNS.get(i).create()) {
                results.add(new DesignResult(design.name(), 1, 1, CPU_NANOS.get(i), 128, 0, 1_000, latency, List.of()));
            }
        }
        return results;
    }

    private static String tableOf(List<DesignResult> results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ResultTable.print(SETTINGS, results, new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void assertSays(String table, String line) {
        assertTrue(table.replaceAll(" +", " ").contains(line), () -> line + " is not in " + table);
    }
}
