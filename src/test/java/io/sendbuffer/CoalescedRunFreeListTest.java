/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CoalescedRunFreeListTest {
    private static final int MAX_KEPT = 4_096;

    private final CoalescedRun.FreeList runs = new CoalescedRun.FreeList();

    /** Does what the last release of an empty run does. */
    private static void giveBack(CoalescedRun run) {
        run.onReleased(0);
    }

    private Set<CoalescedRun> take(int times) {
        Set<CoalescedRun> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < times; i++) {
            taken.add(runs.take(32));
        }
        assertEquals(times, taken.size(), "one was taken twice");
        return taken;
    }

    @Test
    void shouldTakeWhatWasGivenBack() {
        CoalescedRun run = runs.take(2);
        assertNotSame(run, runs.take(2));
        giveBack(run);
        assertSame(run, runs.take(2));
    }

    @Test
    void shouldTakeWhatWasPutBack() {
        CoalescedRun run = runs.take(2);
        runs.putBack(run);
        assertSame(run, runs.take(2));
        assertNotSame(run, runs.take(2));
    }

    @Test
    void shouldMakeALargerOneWhereOneIsTooSmall() {
        giveBack(runs.take(2));
        CoalescedRun large = runs.take(1_000);
        assertTrue(large.capacity() >= 1_000);
        giveBack(large);
        assertSame(large, runs.take(1_000));
    }

    @Test
    void shouldKeepNoMoreThanItsBound() {
        Set<CoalescedRun> first = take(MAX_KEPT + 10);
        first.forEach(CoalescedRunFreeListTest::giveBack);
        Set<CoalescedRun> second = take(MAX_KEPT);
        assertTrue(first.containsAll(second), "those that came back are used again");
        assertTrue(Collections.disjoint(first, take(10)), "those beyond the bound are not");
    }

    @Test
    void shouldKeepFewerLargeOnes() {
        Set<CoalescedRun> first = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < MAX_KEPT; i++) {
            first.add(runs.take(64));
        }
        first.forEach(CoalescedRunFreeListTest::giveBack);
        int again = 0;
        for (int i = 0; i < MAX_KEPT; i++) {
            again += first.contains(runs.take(64)) ? 1 : 0;
        }
        assertEquals(MAX_KEPT / 2, again);
    }
}
