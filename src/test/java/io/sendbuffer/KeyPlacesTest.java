/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The table of keys compared with a map. */
class KeyPlacesTest {
    private final long seed = TestSeed.next();
    private final String hint = TestSeed.hint(seed);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final KeyPlaces places = new KeyPlaces(QueueArrays.HEAP);

    @RepeatedTest(20)
    void shouldKnowTheNewestNumberOfEachKeyThatWaits() {
        Map<Long, Long> model = new HashMap<>();
        int keys = 1 + random.nextInt(3_000);
        int behind = 1 + random.nextInt(2_000);
        long stride = random.nextBoolean() ? 1 : 1L << 32; // keys that differ above only
        for (long number = 0; number < 50_000; number++) {
            long first = Math.max(0, number - behind);
            long key = random.nextInt(keys) * stride;
            places.put(key, number, first);
            model.put(key, number);
            long asked = random.nextInt(keys) * stride;
            long expected = model.getOrDefault(asked, KeyPlaces.NONE);
            long found = places.get(asked);
            assertTrue(found == expected || (expected < first && found == KeyPlaces.NONE), hint);
        }
        assertTrue(places.capacity() <= Math.max(64, 6 * Math.min(keys, behind)), hint);
        places.clear();
        assertEquals(0, places.size());
        assertEquals(KeyPlaces.NONE, places.get(0));
    }

    @Test
    void shouldNotGrowForKeysThatCameAndLeft() {
        for (long number = 0; number < 100_000; number++) {
            places.put(random.nextLong(), number, number - 10);
        }
        assertEquals(64, places.capacity());
    }

    @Test
    void shouldBeAsItWasWhenTheHeapIsFull() {
        KeyPlaces small = new KeyPlaces(FullHeap.onceAfter(1));
        int full = 2 * 64 / 3;
        for (int i = 0; i < full; i++) {
            small.put(i, i, 0);
        }
        assertThrows(OutOfMemoryError.class, () -> small.put(full, full, 0));
        assertEquals(full, small.size());
        assertEquals(KeyPlaces.NONE, small.get(full));
        small.put(full, full, 0);
        for (int i = 0; i <= full; i++) {
            assertEquals(i, small.get(i));
        }
    }
}
