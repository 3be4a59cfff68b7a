/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** State that a thread may lose between two acquires, and arguments that may change during a write. */
class ForgottenAllocatorTest {
    private static final int CHUNK = 1 << 10;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(16 * CHUNK).build());

    /** JDK 25 clears the thread-locals of its common pool's threads after each task. */
    @Test
    void shouldGiveAThreadItsAllocatorBackWhenItsThreadLocalsWereCleared() {
        for (int task = 0; task < 1_000; task++) {
            CompletableFuture.runAsync(() -> {
                        try (SendBuffer buffer = pool.acquire(100)) {
                            buffer.putInt(1).seal();
                        }
                    })
                    .join();
        }
        assertTrue(pool.stats().reservedBytes() <= 16 * CHUNK);
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldFindTheAllocatorOfTheCallingThreadInTheStore() {
        ChunkStore store = new ChunkStore(MemorySource.DIRECT, CHUNK, CHUNK, Throwable::printStackTrace);
        assertEquals(store.allocatorOfCaller(), store.allocatorOfCaller());
    }

    @Test
    void shouldNotReachItsNeighborWhenTextChangesWhileItIsWritten() {
        try (SendBuffer first = pool.acquire(10);
                SendBuffer second = pool.acquire(10)) {
            second.putLong(42).seal();
            assertThrows(IllegalStateException.class, () -> first.putUtf8(new ChangingText(10)));
            assertEquals(0, first.length());
            assertEquals(42, second.getLong(0));
        }
    }

    @Test
    void shouldKeepIdleMemoryWhenALargeBufferCanNeverFit() {
        pool.acquire(100).release();
        long reserved = pool.stats().reservedBytes();
        assertNull(pool.tryAcquire(17 * CHUNK));
        assertEquals(reserved, pool.stats().reservedBytes());
    }

    /** ASCII while it is measured, three bytes for each char afterward. */
    private static final class ChangingText implements CharSequence {
        private final int length;
        private int reads;

        ChangingText(int length) {
            this.length = length;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public char charAt(int index) {
            return reads++ < length ? 'a' : '€';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            throw new IllegalStateException("not called by a write");
        }
    }
}
