/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * When the JVM's limit refuses an allocation, a collection is requested for the memory that the pool discarded, and not
 * too often.
 */
class CollectionRequestsTest {
    private static final int MIB = 1 << 20;
    private static final int LIMIT = 8 * MIB;

    private final List<Throwable> reported = new ArrayList<>();
    private final List<ByteBuffer> uncollected = new ArrayList<>();
    private final IllegalStateException failure = new IllegalStateException("no thread, on purpose");
    private long now = Long.MAX_VALUE - 1_000; // it overflows soon, as nanoTime may
    private int calls;
    private int counted;
    private boolean fails;

    private final CollectionRequests collectionRequests = new CollectionRequests(() -> now, this::call);
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .maxMemory(6 * MIB)
            .chunkSize(4 << 10)
            .idleFloor(0)
            .idleTimer(look -> {})
            .errorHandler(reported::add)
            .memorySource(this::allocate)
            .directMemory(new DirectMemory(LIMIT, () -> counted, collectionRequests))
            .build());

    private ByteBuffer allocate(int bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
        uncollected.add(memory);
        counted += bytes;
        return memory;
    }

    private void call() {
        calls++;
        if (fails) {
            throw failure;
        }
    }

    @AfterEach
    void nothingElseWasReported() {
        assertEquals(List.of(), reported);
    }

    /** Acquires buffers one after the other, each of a different size, and discards their memory. */
    private void fillTheLimit() {
        for (int quarters = 4; quarters <= 8; quarters++) {
            pool.acquire(quarters * MIB / 4).release();
            pool.trim();
        }
        assertTrue(counted > LIMIT - 5 * MIB, () -> counted + " bytes");
    }

    @Test
    void shouldCallWhenDiscardedMemoryKeepsItFromNewMemory() {
        fillTheLimit();
        assertEquals(0, calls);
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(1, calls);
        counted = 0; // as the collection does
        SendBuffer served = pool.tryAcquire(5 * MIB);
        assertNotNull(served);
        served.release();
    }

    @Test
    void shouldCallOncePerPause() {
        fillTheLimit();
        for (int i = 0; i < 1_000; i++) {
            assertNull(pool.tryAcquire(5 * MIB));
        }
        assertEquals(1, calls);
        now += CollectionRequests.MIN_PAUSE_NANOS - 1;
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(1, calls);
        now++;
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(2, calls);
    }

    @Test
    void shouldPauseLongerWhileTheNeedComesBack() {
        fillTheLimit();
        long second = CollectionRequests.MIN_PAUSE_NANOS;
        for (int i = 0; i < 3_600; i++) {
            assertNull(pool.tryAcquire(5 * MIB));
            now += second;
        }
        int inAnHour = calls;
        assertTrue(inAnHour <= 7 + 3_600 / 64, () -> inAnHour + " calls in an hour");
        now += 2 * CollectionRequests.MAX_PAUSE_NANOS;
        assertNull(pool.tryAcquire(5 * MIB));
        now += second;
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(inAnHour + 2, calls, "no need for a long time, so the pause is the shortest again");
    }

    /** They may have discarded it. */
    @Test
    void shouldSeldomCallWhereOthersHaveTheMemory() {
        counted = LIMIT;
        for (int i = 0; i < 64; i++) {
            assertNull(pool.tryAcquire(5 * MIB));
            assertNull(pool.tryAcquire(1));
            assertEquals(1, calls);
            now += CollectionRequests.MAX_PAUSE_NANOS / 64;
        }
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(2, calls);
    }

    @Test
    void shouldReportACallThatFailsAndRefuse() {
        fillTheLimit();
        fails = true;
        assertNull(pool.tryAcquire(5 * MIB));
        assertEquals(List.of(failure), reported);
        reported.clear();
    }

    @Test
    void shouldLetOneLook() {
        assertTrue(collectionRequests.claimLook());
        assertFalse(collectionRequests.claimLook());
        now += CollectionRequests.MIN_PAUSE_NANOS;
        assertTrue(collectionRequests.claimLook());
        assertEquals(0, calls);
    }
}
