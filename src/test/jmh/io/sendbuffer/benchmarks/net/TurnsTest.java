/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TurnsTest {
    private static final List<String> ALL = List.of("a", "b", "c", "d", "e", "f");

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 6})
    void shouldPutEachContenderAtEachPlaceEquallyOften(int count) {
        List<String> contenders = ALL.subList(0, count);
        Map<String, Integer> seen = new HashMap<>();
        for (int turn = 1; turn <= 2 * count; turn++) {
            List<String> order = Turns.order(contenders, turn);
            assertEquals(Set.copyOf(contenders), Set.copyOf(order));
            for (int place = 0; place < count; place++) {
                seen.merge(order.get(place) + place, 1, Integer::sum);
            }
        }
        assertEquals(count * count, seen.size(), seen.toString());
        assertEquals(Set.of(2), Set.copyOf(seen.values()), seen.toString());
    }

    /**
     * A contender that is measured right after one that leaves the caches or the scheduler in a bad state pays for it.
     */
    @ParameterizedTest
    @ValueSource(ints = {3, 5, 6})
    void shouldNotLetAContenderAlwaysFollowTheSame(int count) {
        List<String> contenders = ALL.subList(0, count);
        Map<String, Map<String, Integer>> before = new HashMap<>();
        for (int turn = 1; turn <= 2 * count; turn++) {
            List<String> order = Turns.order(contenders, turn);
            for (int place = 1; place < count; place++) {
                before.computeIfAbsent(order.get(place), name -> new HashMap<>())
                        .merge(order.get(place - 1), 1, Integer::sum);
            }
        }
        before.forEach((name, predecessors) -> {
            assertEquals(2, predecessors.size(), name + " follows " + predecessors);
            assertEquals(1, Set.copyOf(predecessors.values()).size(), name + " follows " + predecessors);
        });
    }
}
