/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Spare {@link ByteBuffer} views of one chunk's memory, read-only, so that a drain allocates none.
 *
 * <p>A gathering write moves the position of the views that it is given, so a view is never shared: a drainer takes it
 * out of its slot, uses it for one write, and puts it back. The views live and die with their chunk; nothing else keeps
 * the memory reachable when a chunk is discarded.
 *
 * <p>Assumptions: few drainers write from the same chunk at the same moment. When more do than there are slots in
 * reach, a view is allocated and later dropped; nothing breaks.
 */
final class ViewCache {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(ByteBuffer[].class);

    /** How many slots beyond its own a drainer tries before it allocates. */
    private static final int REACH = 4;

    private final ByteBuffer memory;
    private final @Nullable ByteBuffer[] slots;

    ViewCache(ByteBuffer memory, int capacity) {
        this.memory = memory;
        this.slots = new ByteBuffer[capacity];
    }

    /**
     * Takes a view of {@code [start, end)} of the chunk out of the cache.
     *
     * @param entry the index of the entry in the gathering write: consecutive entries start at consecutive slots
     */
    ByteBuffer take(int entry, int start, int end) {
        ByteBuffer view = takeSpare(entry);
        if (view == null) {
            view = memory.asReadOnlyBuffer();
        }
        return view.limit(end).position(start);
    }

    /**
     * Puts back a view that {@link #take} gave out, as it was; the caller must not use it any more. Whatever a channel
     * has set on it is reset here.
     */
    void put(int entry, ByteBuffer view) {
        view.clear().order(ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < REACH; i++) {
            int slot = slotOf(entry + i);
            if (SLOT.getOpaque(slots, slot) == null && SLOT.compareAndSet(slots, slot, null, view)) {
                return;
            }
        }
    }

    private @Nullable ByteBuffer takeSpare(int entry) {
        for (int i = 0; i < REACH; i++) {
            int slot = slotOf(entry + i);
            ByteBuffer view = (ByteBuffer) SLOT.getOpaque(slots, slot);
            if (view != null && SLOT.compareAndSet(slots, slot, view, null)) {
                return view;
            }
        }
        return null;
    }

    private int slotOf(int index) {
        return index & (slots.length - 1);
    }
}
