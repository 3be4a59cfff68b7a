/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of an evacuation's copies: with each number of them, and whichever allocation fails. */
class CopiesTest {
    private static final int MESSAGES = 1_000;

    private final SendBufferPool pool = Pools.create();
    private final List<SendBuffer> originals = new ArrayList<>();
    private final List<SendBuffer> copied = new ArrayList<>();

    private void acquireAll() {
        for (int i = 0; i < MESSAGES; i++) {
            originals.add(pool.acquire(4).putInt(i).seal());
            copied.add(pool.acquire(4).putInt(i).seal());
        }
    }

    private void requireKnown(Copies copies, int count) {
        for (int i = 0; i < MESSAGES; i++) {
            if (i < count) {
                assertSame(copied.get(i), copies.get(originals.get(i)));
            } else {
                assertNull(copies.get(originals.get(i)));
            }
        }
    }

    @Test
    void shouldFindEachCopyAndReleaseAllThoughEachAllocationFailsOnce() {
        acquireAll();
        int refused = 0;
        for (int allocations = 0; ; allocations++) {
            FullHeap heap = FullHeap.onceAfter(allocations);
            Copies copies = new Copies(heap);
            for (int i = 0; i < MESSAGES; i++) {
                if (heap.left() == 0 && heap.refused() == 0 && isRefused(copies)) {
                    requireKnown(copies, i);
                }
                copies.reserve();
                originals.get(i).retain();
                copied.get(i).retain();
                copies.add(originals.get(i), copied.get(i));
            }
            requireKnown(copies, MESSAGES);
            copies.clear(originals.get(0).chunk().store);
            requireKnown(copies, 0);
            TextMessages.assertOnlyOurs(originals);
            TextMessages.assertOnlyOurs(copied);
            if (heap.refused() == 0) {
                break;
            }
            refused++;
        }
        assertEquals(9, refused, "for 8 to 2,048 places");
        TextMessages.releaseAll(originals);
        TextMessages.releaseAll(copied);
    }

    private static boolean isRefused(Copies copies) {
        try {
            copies.reserve();
            return false;
        } catch (OutOfMemoryError e) {
            return true;
        }
    }

    @Test
    void shouldNotChangeWhereTheFirstAllocationFails() {
        Copies copies = new Copies(FullHeap.after(0));
        assertThrows(OutOfMemoryError.class, copies::reserve);
        try (SendBuffer message = pool.acquire(1).seal(1)) {
            assertNull(copies.get(message));
        }
    }
}
