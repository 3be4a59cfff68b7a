/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * What one pool's memory counts for its cap: the bytes of its chunks, reserved before they are allocated, and the heap
 * that their slice objects take. Guarded by the store's lock.
 */
final class MemoryAccount {
    private final long cap;
    private long reservedBytes;
    private long heapBytes;

    MemoryAccount(long cap) {
        this.cap = cap;
    }

    long cap() {
        return cap;
    }

    long reservedBytes() {
        return reservedBytes;
    }

    long heapBytes() {
        return heapBytes;
    }

    /** Bytes that may still be counted. */
    long room() {
        return cap - reservedBytes - heapBytes;
    }

    /** Counts a chunk's bytes. The caller has made room for them. */
    void reserve(long bytes) {
        reservedBytes += bytes;
    }

    /** Counts off what was reserved for a chunk that was never registered. */
    void giveBack(long bytes) {
        reservedBytes -= bytes;
    }

    /** Counts heap for a chunk's slice objects. The caller has made room for it. */
    void reserveHeap(Chunk chunk, long bytes) {
        heapBytes += bytes;
        chunk.heapBytes += bytes;
    }

    /** Counts off heap that a chunk's slice objects no longer take, or never took. */
    void giveHeapBack(Chunk chunk, long bytes) {
        heapBytes -= bytes;
        chunk.heapBytes -= bytes;
    }

    /** Counts off all that a discarded chunk counted. */
    void forget(Chunk chunk) {
        reservedBytes -= chunk.size;
        heapBytes -= chunk.heapBytes;
        chunk.heapBytes = 0;
    }
}
