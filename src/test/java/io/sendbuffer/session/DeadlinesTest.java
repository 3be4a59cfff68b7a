/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.TestSeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What waits for its time, beside a sorted list. */
class DeadlinesTest {
    private static final class Item implements Deadlines.Entry {
        private final long at;
        private final long number;
        private int place = Deadlines.NOWHERE;

        Item(long at, long number) {
            this.at = at;
            this.number = number;
        }

        @Override
        public long atNanos() {
            return at;
        }

        @Override
        public long number() {
            return number;
        }

        @Override
        public int place() {
            return place;
        }

        @Override
        public void place(int value) {
            place = value;
        }

        @Override
        public String toString() {
            return at + "#" + number;
        }
    }

    private final Deadlines<Item> deadlines = new Deadlines<>();

    @Test
    void shouldHaveNothingAtFirst() {
        assertTrue(deadlines.isEmpty());
        assertNull(deadlines.first());
        deadlines.remove(new Item(1, 1));
        assertTrue(deadlines.isEmpty());
    }

    @Test
    void shouldHaveWhatIsDueFirstInFrontWhateverIsAddedAndRemoved() {
        long seed = TestSeed.next();
        Random random = new Random(seed);
        List<Item> expected = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            boolean grows = random.nextInt(100) < (step / 2_000 % 2 == 0 ? 60 : 40);
            if (grows || expected.isEmpty()) {
                Item item = new Item(random.nextInt(200), step);
                deadlines.add(item);
                expected.add(item);
            } else {
                Item item = random.nextInt(4) == 0
                        ? Objects.requireNonNull(deadlines.first())
                        : expected.get(random.nextInt(expected.size()));
                deadlines.remove(item);
                deadlines.remove(item);
                expected.remove(item);
                assertEquals(Deadlines.NOWHERE, item.place);
            }
            Item due = expected.stream()
                    .min(Comparator.comparingLong(Item::atNanos).thenComparingLong(Item::number))
                    .orElse(null);
            assertEquals(due, deadlines.first(), "step " + step + TestSeed.hint(seed));
            assertEquals(expected.isEmpty(), deadlines.isEmpty());
        }
    }

    @Test
    void shouldKnowThatTheClockMayOverflow() {
        Item before = new Item(Long.MAX_VALUE - 5, 2);
        Item after = new Item(Long.MIN_VALUE + 5, 1);
        deadlines.add(after);
        deadlines.add(before);
        assertEquals(before, deadlines.first());
    }
}
