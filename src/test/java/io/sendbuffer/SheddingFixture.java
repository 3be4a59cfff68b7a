/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A pool of few chunks that ends slow queues, and queues that are as far behind as a test needs. */
abstract class SheddingFixture {
    static final int CHUNK = 1 << 10;
    static final int CHUNKS = 64;
    static final byte[] FULL = new byte[CHUNK];
    static final int MIN_LAG_IN_CHUNKS = CHUNKS / 4;

    final List<Throwable> errors = new ArrayList<>();
    final List<SendBuffer> held = new ArrayList<>();
    final SendBufferPool pool = pool(true);

    SendBufferPool pool(boolean sheds) {
        return Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CHUNKS * CHUNK)
                .stripes(1)
                .shedSlowConsumers(sheds)
                .errorHandler(errors::add)
                .build());
    }

    /** A receiver whose channel takes nothing. */
    static SendQueue stalled(SendBufferPool pool, int messages) {
        SendQueue queue = new SendQueue();
        offer(queue, pool, messages);
        assertEquals(FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
        return queue;
    }

    static void offer(SendQueue queue, SendBufferPool pool, int messages) {
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = chunk(pool)) {
                assertEquals(OfferResult.QUEUED, queue.offer(message));
            }
        }
    }

    /** Takes a whole chunk. */
    static SendBuffer chunk(SendBufferPool pool) {
        SendBuffer message = pool.tryAcquire(CHUNK);
        assertNotNull(message, () -> "refused: " + pool.stats());
        return message.putBytes(FULL).seal();
    }

    /** Acquires chunks and gives them back, as messages to other receivers do. */
    static void pass(SendBufferPool pool, int chunks) {
        SendBuffer last = chunk(pool);
        for (int i = 1; i < chunks; i++) {
            SendBuffer next = chunk(pool); // before the last one is given back, or its chunk would begin again
            last.release();
            last = next;
        }
        last.release();
    }

    /** The application holds all remaining memory. */
    void exhaust() {
        exhaust(pool, held);
    }

    static void exhaust(SendBufferPool pool, List<SendBuffer> held) {
        PoolStats stats = pool.stats();
        while (stats.pinnedBytes() + stats.heapBytes() + CHUNK <= stats.maxMemory()) {
            held.add(chunk(pool));
            stats = pool.stats();
        }
    }

    void releaseHeld() {
        held.forEach(SendBuffer::release);
        held.clear();
    }

    static void requireShed(SendQueue queue) {
        assertAll(
                () -> assertTrue(queue.isClosed()),
                () -> assertInstanceOf(SlowConsumerException.class, queue.failure()),
                () -> assertEquals(0, queue.queuedBytes()));
        assertEquals(FlushResult.CLOSED, queue.flush(HostileChannel.takingAll()));
    }

    SendQueue laterStalled() {
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue queue = stalled(pool, 1);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        return queue;
    }

    void requireServedWithin(int seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        SendBuffer served = null;
        while (served == null) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "refused for long: " + pool.stats());
            served = pool.tryAcquire(CHUNK);
        }
        served.release();
    }

    /** A receiver far behind, whose channel takes nothing and whose end is its hook's. */
    SendQueue hooked(QueueOwner hook) {
        return hooked(1, hook);
    }

    SendQueue hooked(int messages, QueueOwner hook) {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT, hook);
        offer(queue, pool, messages);
        queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        pass(pool, 2 * CHUNKS);
        return queue;
    }

    static Holders holdersOf(SendBufferPool of) {
        try (SendBuffer any = of.acquire(1).seal()) {
            return any.chunk().store.holders();
        }
    }
}
