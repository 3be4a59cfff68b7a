/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Memory that the JVM occasionally refuses: in the allocation, or, where the pool checks the limit first, without one.
 */
public final class SoakMemory {
    private static final long LIMIT = 1L << 30;

    private SoakMemory() {}

    /** How many bytes a queue's channel took, without those of logs. */
    public static long bytesOfOwnMessages(SendQueue queue) {
        return queue.bytesWritten() - queue.window().writtenOfLogsOpaque();
    }

    /**
     * Makes a pool get its memory here.
     *
     * @param refuses asked before each allocation: true makes it throw an {@link OutOfMemoryError}
     * @param isFull asked when the pool checks the JVM's limit: true leaves no room below it
     * @param allocated counts the bytes that were not refused
     */
    public static SendBufferPool.Builder refusing(
            SendBufferPool.Builder pool, BooleanSupplier refuses, BooleanSupplier isFull, AtomicLong allocated) {
        return pool.directMemory(
                        new DirectMemory(LIMIT, () -> isFull.getAsBoolean() ? LIMIT : 0, CollectionRequests.NONE))
                .memorySource(bytes -> {
                    if (refuses.getAsBoolean()) {
                        throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes, on purpose");
                    }
                    allocated.addAndGet(bytes);
                    return MemorySource.DIRECT.allocate(bytes);
                });
    }
}
