/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sendbuffer.benchmarks.report.GoalLine.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GoalsTest {
    private static final String LIFE = "acquire 64 B, write 8, seal, release, same thread";
    private static final String TICKS = "fan-out, 100 sessions × 64 B, ticks of 32";
    private static final String GROWTH = "cost per message and session, 10,000 sessions ÷ 10";

    @Test
    void shouldCallNothingMetThatWasNotMeasured() {
        List<GoalLine> lines = Goals.check(List.of());
        assertFalse(lines.isEmpty());
        lines.forEach(line -> assertEquals(Outcome.NOT_MEASURED, line.outcome(), line.what()));
    }

    @Test
    void shouldJudgeBesideTheBestOfThePeers() {
        GoalLine line = Measured.lines(
                        LIFE,
                        Measured.life("sendbuffer", 20.0),
                        Measured.life("netty-pooled", 60.0),
                        Measured.life("netty-adaptive", 90.0))
                .get(0);
        assertEquals("netty-pooled", name(line.peer()));
        assertEquals(Outcome.NOT_MET, line.outcome());
    }

    @Test
    void shouldNotJudgeWhileOneOfThePeersIsMissing() {
        GoalLine line = Measured.lines(LIFE, Measured.life("sendbuffer", 1.0), Measured.life("netty-adaptive", 90.0))
                .get(0);
        assertEquals(Outcome.NOT_MEASURED, line.outcome());
    }

    @Test
    void shouldMeetALimitThatIsReachedExactly() {
        GoalLine line = Measured.lines(
                        LIFE,
                        Measured.life("sendbuffer", 15.0),
                        Measured.life("netty-pooled", 60.0),
                        Measured.life("netty-adaptive", 60.0))
                .get(0);
        assertEquals(Outcome.MET, line.outcome());
    }

    @Test
    void shouldJudgeByTheMedianOfTheRatiosOfEachTurn() {
        // The medians are 100 and 100; but whenever both were measured in the same turn, ours took half as much again.
        GoalLine line = Measured.lines(
                        TICKS,
                        Measured.fanOut("sendbuffer", "100", "inline", 100.0, 1000.0, 75.0),
                        Measured.fanOut("floor", "100", "inline", 100.0, 667.0, 50.0))
                .get(0);
        assertEquals(1.5, value(line.ratio()), 0.01);
        assertEquals(Outcome.NOT_MET, line.outcome());
    }

    @Test
    void shouldNotTakeAnotherModeForTheOneThatAGoalIsFor() {
        GoalLine line = Measured.lines(
                        TICKS,
                        Measured.fanOut("sendbuffer", "100", "loop", 1.0),
                        Measured.fanOut("floor", "100", "inline", 100.0))
                .get(0);
        assertNull(line.ours());
        assertEquals(Outcome.NOT_MEASURED, line.outcome());
    }

    @Test
    void shouldCompareGrowthWithTheFloorsOwn() {
        GoalLine line = Measured.lines(
                        GROWTH,
                        Measured.fanOut("sendbuffer", "10", "inline", 100.0),
                        Measured.fanOut("sendbuffer", "10000", "inline", 300.0),
                        Measured.fanOut("floor", "10", "inline", 50.0),
                        Measured.fanOut("floor", "10000", "inline", 100.0))
                .get(0);
        assertEquals(1.5, value(line.ratio()), 1e-9);
        assertEquals(Outcome.NOT_MET, line.outcome());
    }

    @Test
    void shouldReportGarbageOfEachSuiteByItsWorstPath() {
        GoalLine micro = Measured.lines(
                        "garbage, the worst of the microbenchmarks run",
                        Measured.garbage("micro", "sendbuffer", 0.0),
                        Measured.garbage("micro", "sendbuffer", 8.0),
                        Measured.garbage("micro", "netty-pooled", 900.0),
                        Measured.garbage("fanout", "sendbuffer", 24.0))
                .get(0);
        assertEquals(8, value(micro.ours()));
        assertEquals(Outcome.NOT_MET, micro.outcome());
    }

    @Test
    void shouldCallNextToNothingNoGarbage() {
        GoalLine line = Measured.lines(
                        "garbage, the worst of the fan-outs run", Measured.garbage("fanout", "sendbuffer", 0.01))
                .get(0);
        assertEquals(Outcome.MET, line.outcome());
    }

    @Test
    void shouldJudgeWhatAMemberThatStallsAddsByWhatAHealthyOneCosts() {
        GoalLine line = Measured.lines(
                        "broadcast to 1,000 members: what 1,000 more that stall add, skip",
                        Measured.parking("skip", "0", 1000.0),
                        Measured.parking("skip", "1000", 1101.0),
                        Measured.parking("hold", "1000", 1001.0))
                .get(0);
        assertEquals(101, value(line.ours()), 1e-9);
        assertEquals(0.101, value(line.ratio()), 1e-9);
        assertEquals(Outcome.NOT_MET, line.outcome());
    }

    private static String name(@Nullable Figure figure) {
        assertNotNull(figure);
        return figure.contender();
    }

    private static double value(@Nullable Figure figure) {
        assertNotNull(figure);
        return figure.value();
    }

    private static double value(@Nullable Ratio ratio) {
        assertNotNull(ratio);
        return ratio.value();
    }
}
