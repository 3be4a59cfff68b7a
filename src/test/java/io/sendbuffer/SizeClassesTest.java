/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SizeClassesTest {
    @Test
    void shouldWasteAnEighthAtMost() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 100_000; i++) {
            long bytes = i < 5_000 ? i + 1 : 1 + random.nextInt(Integer.MAX_VALUE - 1) / (1L << random.nextInt(31));
            long rounded = SizeClasses.roundedUp(bytes);
            String which = bytes + TestSeed.hint(seed);
            assertTrue(rounded >= bytes && rounded - bytes <= bytes / 8, which);
            assertEquals(rounded, SizeClasses.roundedUp(rounded), which);
            assertEquals(SizeClasses.indexOf(rounded), SizeClasses.indexToHold(bytes), which);
        }
    }

    @Test
    void shouldHoldInEachClassWhatItIsAskedFor() {
        int last = -1;
        for (long size = 1; size <= Integer.MAX_VALUE; size = SizeClasses.roundedUp(size + 1)) {
            int index = SizeClasses.indexOf(size);
            assertEquals(last + 1, last < 0 ? 0 : index, "of " + size);
            assertTrue(index < SizeClasses.COUNT);
            // A chunk between two classes is in the lower one, whose buffers need no more than that size.
            assertEquals(index, SizeClasses.indexOf(SizeClasses.roundedUp(size + 1) - 1));
            last = index;
        }
        assertEquals(SizeClasses.COUNT, Math.max(SizeClasses.COUNT, SizeClasses.indexOf(Integer.MAX_VALUE) + 1));
    }
}
