/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.function.BooleanSupplier;

/** Queues for tests of sessions. Their arrays come from a heap that is full from some allocation on. */
public final class FullHeapQueues {
    private FullHeapQueues() {}

    /**
     * A queue, and whether it was refused an allocation.
     *
     * @param queue the queue
     * @param refused true once an allocation was refused
     */
    public record Starved(SendQueue queue, BooleanSupplier refused) {}

    /** A new queue, with room for n more allocations. */
    public static Starved after(int allocations, boolean once) {
        FullHeap probe = FullHeap.after(Long.MAX_VALUE);
        new SendQueue(QueueLimits.DEFAULT, probe).close();
        long initial = Long.MAX_VALUE - probe.left();
        FullHeap heap = once ? FullHeap.onceAfter(initial + allocations) : FullHeap.after(initial + allocations);
        return new Starved(new SendQueue(QueueLimits.DEFAULT, heap), () -> heap.refused() > 0);
    }
}
