/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.benchmarks.result.Machine;
import io.sendbuffer.benchmarks.result.Result;
import java.util.Arrays;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TablesTest {
    private static final Machine MACHINE = new Machine("today", "short", 1, "jdk", "os", "cpu", 2, new TreeMap<>());

    @Test
    void shouldPutOursFirstAndBesideTheBestOfTheOthers() {
        String text = figures(
                Measured.life("jetty", 40.0), Measured.life("sendbuffer", 10.0), Measured.life("netty-pooled", 80.0));
        assertTrue(text.contains("| length | sendbuffer | jetty | netty-pooled | ours ÷ best |"), text);
        assertTrue(text.contains("| 64 | 10.0 | 40.0 | 80.0 | 0.250 |"), text);
    }

    @Test
    void shouldSayWhereAnEntrantWasNotMeasured() {
        String text = figures(
                Measured.fanOut("sendbuffer", "10", "inline", 5.0),
                Measured.fanOut("floor", "10", "inline", 4.0),
                Measured.fanOut("floor", "100", "inline", 4.0));
        assertTrue(text.contains("| 64 | 32 | inline | 10 | 5.00 | 4.00 | 1.250 |"), text);
        assertTrue(text.contains("| 64 | 32 | inline | 100 | – | 4.00 | – |"), text);
    }

    @Test
    void shouldDivideNothingByWhatIsNextToNothing() {
        String text = figures(Measured.garbage("micro", "sendbuffer", 0.0), Measured.garbage("micro", "jetty", 0.001));
        assertTrue(text.contains("| 0.00 | 0.00 | – |"), text);
    }

    @Test
    void shouldShowEachGoalWithItsOutcome() {
        Result[] results = {
            Measured.life("sendbuffer", 10.0),
            Measured.life("netty-adaptive", 90.0),
            Measured.life("netty-pooled", 50.0),
            Measured.life("jetty", 20.0)
        };
        String table = MarkdownTable.of(MACHINE, Goals.check(Arrays.asList(results)));
        assertTrue(
                table.contains("| 10.0 ns | 50.0 ns (netty-pooled) | – | 0.200 | ≤ 0.25 × Netty's best | met |"),
                table);
        assertTrue(table.contains("| 10.0 ns | 20.0 ns (jetty) | – | 0.500 | ≤ 0.35 × jetty | not met |"), table);
        assertTrue(table.contains("| not measured |"), table);
        assertFalse(table.contains("null"), table);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0.004|0.00", "9.994|9.99", "9.996|10.0", "99.94|99.9", "99.96|100", "1234567|1,234,567"})
    void shouldShowThreeDigits(double value, String shown) {
        assertEquals(shown, MarkdownTable.number(value));
    }

    private static String figures(Result... results) {
        return FigureTables.of(MACHINE, Arrays.asList(results));
    }
}
