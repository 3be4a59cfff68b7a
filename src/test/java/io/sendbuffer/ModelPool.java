/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A small real pool and what its statistics must say, for one thread. */
final class ModelPool {
    static final int CHUNK = 1_024;
    private static final int CAP = 16 * CHUNK;

    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(CAP)
            .stripes(1)
            .shedSlowConsumers(false)
            .build());

    final List<ModelMessage> alive = new ArrayList<>();

    /** Every outcome that occurred, so that a run that never reached an outcome does not count as a test of it. */
    final Set<Enum<?>> outcomes = new HashSet<>();

    /**
     * Where the last slice of each chunk ends: a thread allocates alternately from its own chunk and from a shared one.
     */
    private final IdentityHashMap<Chunk, Integer> positions = new IdentityHashMap<>();

    private long refused;

    /** Acquires, or checks that there was no room. */
    @Nullable
    ModelMessage tryAcquire(int capacity) {
        SendBuffer buffer = pool.tryAcquire(capacity);
        if (buffer == null) {
            refused++;
            requireNoRoomFor(capacity);
            return null;
        }
        ModelMessage message = new ModelMessage(buffer, capacity);
        requireNoOverlap(message);
        if (!buffer.chunk().forOneBuffer) {
            positions.put(buffer.chunk(), buffer.offset() + capacity);
        }
        alive.add(message);
        assertEquals(capacity, buffer.capacity());
        return message;
    }

    private void requireNoRoomFor(int capacity) {
        PoolStats stats = pool.stats();
        if (capacity <= CHUNK) {
            assertEquals(0, stats.idleBytes(), () -> "refused " + capacity + " with " + stats);
            assertTrue(
                    stats.reservedBytes() + stats.heapBytes() + CHUNK > CAP,
                    () -> "refused " + capacity + " with " + stats);
        } else {
            // The thread keeps its current chunk, idle or not; the other idle memory would not be enough.
            assertTrue(
                    stats.pinnedBytes() + CHUNK + stats.heapBytes() + capacity > CAP,
                    () -> "refused " + capacity + " with " + stats);
        }
    }

    private void requireNoOverlap(ModelMessage message) {
        int start = message.buffer.offset();
        int end = start + message.footprint;
        assertTrue(start >= 0 && end <= message.buffer.chunk().size, () -> message.buffer + " is out of bounds");
        for (ModelMessage other : alive) {
            int otherStart = other.buffer.offset();
            if (other.footprint > 0
                    && other.buffer.chunk() == message.buffer.chunk()
                    && start < otherStart + other.footprint
                    && otherStart < end) {
                throw new AssertionError(message.buffer + " overlaps " + other.buffer);
            }
        }
    }

    /** The tail comes back if nothing was allocated after it. */
    void sealed(ModelMessage message) {
        SendBuffer buffer = message.buffer;
        int capacity = message.content.length;
        Integer position = positions.get(buffer.chunk());
        if (buffer.chunk().current && position != null && position == buffer.offset() + capacity) {
            positions.put(buffer.chunk(), buffer.offset() + message.length);
            message.footprint = message.length;
        }
    }

    /** To be called when a reference is gone. */
    void forgetIfFree(ModelMessage message) {
        if (message.held + message.queued == 0) {
            alive.remove(message);
            assertEquals(0, message.buffer.referenceCount());
        }
    }

    boolean hasRefused() {
        return refused > 0;
    }

    void trim() {
        long before = pool.stats().reservedBytes();
        long discard = pool.trim();
        PoolStats after = pool.stats();
        assertEquals(before - discard, after.reservedBytes());
        assertEquals(0, after.idleBytes(), after::toString);
    }

    void requireAsModeled() {
        long inUse = 0;
        long pinned = 0;
        Set<Chunk> chunks = Collections.newSetFromMap(new IdentityHashMap<>());
        for (ModelMessage message : alive) {
            inUse += message.footprint;
            if (chunks.add(message.buffer.chunk())) {
                pinned += message.buffer.chunk().size;
            }
        }
        PoolStats stats = pool.stats();
        assertTrue(stats.reservedBytes() <= CAP, stats::toString);
        assertEquals(
                new PoolStats(
                        CAP,
                        stats.reservedBytes(),
                        inUse,
                        pinned,
                        stats.reservedBytes() - pinned,
                        alive.size(),
                        refused,
                        stats.heapBytes(),
                        0),
                stats);
    }
}
