/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Arrays for a queue, from a heap that is full at the n-th allocation: once, or from then on. */
final class FullHeap extends QueueArrays {
    private final boolean once;
    private long left;
    private int refused;

    private FullHeap(long left, boolean once) {
        this.left = left;
        this.once = once;
    }

    /** Succeeds for n allocations, fails one, and succeeds for all that follow. */
    static FullHeap onceAfter(long allocations) {
        return new FullHeap(allocations, true);
    }

    /** Succeeds for n allocations, and fails all that follow. */
    static FullHeap after(long allocations) {
        return new FullHeap(allocations, false);
    }

    /** The number of allocations that failed. */
    int refused() {
        return refused;
    }

    /** The number of allocations that would still succeed. */
    long left() {
        return left;
    }

    private void allocate() {
        if (left == 0 && !(once && refused > 0)) {
            refused++;
            throw new OutOfMemoryError("injected");
        }
        left = Math.max(0, left - 1);
    }

    @Override
    @Nullable
    SendBuffer[] messages(int length) {
        allocate();
        return super.messages(length);
    }

    @Override
    @Nullable
    ByteBuffer[] views(int length) {
        allocate();
        return super.views(length);
    }

    @Override
    long[] longs(int length) {
        allocate();
        return super.longs(length);
    }

    @Override
    @Nullable
    ViewCache[] caches(int length) {
        allocate();
        return super.caches(length);
    }
}
