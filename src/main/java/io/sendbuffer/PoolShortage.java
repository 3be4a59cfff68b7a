/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.Serializable;
import java.util.Locale;

/**
 * Why an acquire was refused, in figures that the store has at hand: a refusal walks over nothing.
 *
 * @param chunkSize bytes of a chunk
 * @param chunkBytes off-heap bytes of all chunks
 * @param heapBytes heap bytes of their objects
 * @param freeBytes what counts for the cap and is free
 * @param ownChunks how many chunks are the current ones of a thread each
 * @param cause which limit it is
 * @param jvmLimit the JVM's limit on direct memory
 * @param jvmUsed what all direct buffers of the JVM take
 */
record PoolShortage(
        long maxMemory,
        int chunkSize,
        long chunkBytes,
        long heapBytes,
        long freeBytes,
        int ownChunks,
        Cause cause,
        long jvmLimit,
        long jvmUsed)
        implements Serializable {
    /** A pool with fewer chunks is better off with smaller ones. */
    private static final int FEW = 8;

    /** The limit that an acquire ran into. */
    enum Cause {
        CAP,
        JVM_DIRECT_MEMORY,
        JVM_HEAP
    }

    String describe() {
        String figures = String.format(
                Locale.ROOT,
                "maxMemory %,d, reserved %,d by chunks, %,d by heap objects, %,d of both free, %,d chunks owned by a"
                        + " thread each",
                maxMemory,
                chunkBytes,
                heapBytes,
                freeBytes,
                ownChunks);
        return figures + "; " + advice();
    }

    private boolean hasFewChunks() {
        return maxMemory / chunkSize < FEW;
    }

    private String advice() {
        return switch (cause) {
            case CAP ->
                (hasFewChunks() ? fewChunks() : "")
                        + "release buffers, raise maxMemory (and -XX:MaxDirectMemorySize), or use tryAcquire;"
                        + " SendBufferPool.stats() counts what is in use";
            case JVM_DIRECT_MEMORY ->
                "the cap has room, but the JVM gives no more direct memory: " + jvmFigures()
                        + "; raise -XX:MaxDirectMemorySize, lower maxMemory, or release other direct buffers";
            case JVM_HEAP ->
                "the cap has room, but the heap had none for the buffer's objects, or another thread was"
                        + " faster; raise -Xmx, or acquire again";
        };
    }

    private String fewChunks() {
        return String.format(
                Locale.ROOT,
                "the pool has room for only %,d chunks of %,d bytes, which a single receiver that stalls can keep:"
                        + " lower chunkSize; ",
                maxMemory / chunkSize,
                chunkSize);
    }

    private String jvmFigures() {
        return jvmLimit == Long.MAX_VALUE
                ? "it recently refused an allocation"
                : String.format(
                        Locale.ROOT, "-XX:MaxDirectMemorySize is %,d, all direct buffers take %,d", jvmLimit, jvmUsed);
    }
}
