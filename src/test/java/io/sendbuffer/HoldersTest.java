/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queues that a pool knows: each once, none forever, and a search costs little. */
@Timeout(30)
class HoldersTest extends SheddingFixture {
    @Test
    void shouldForgetQueuesThatEndedAndThatWereDropped() throws Exception {
        Holders holders = holdersOf(pool);
        for (int i = 0; i < 10_000; i++) {
            SendQueue queue = new SendQueue();
            offer(queue, pool, 1);
            queue.close();
        }
        assertTrue(holders.size() <= 64, () -> holders.size() + " are known");
        WeakReference<SendQueue> dropped = droppedQueue();
        for (int i = 0; i < 100 && dropped.get() != null; i++) {
            System.gc();
            Thread.sleep(1);
        }
        assertNull(dropped.get());
    }

    private WeakReference<SendQueue> droppedQueue() {
        SendQueue queue = new SendQueue();
        try (SendBuffer message = chunk(pool)) {
            queue.offer(message);
        }
        queue.flush(HostileChannel.takingAll());
        return new WeakReference<>(queue);
    }

    @Test
    void shouldKnowAQueueOnceWhoeverOffersFirst() {
        SendBufferPool shared = pool(true);
        Holders holders = holdersOf(shared);
        for (int round = 0; round < 50; round++) {
            SendQueue queue = new SendQueue();
            int before = holders.size();
            try (SendBuffer message = shared.acquire(8).putLong(1).seal()) {
                Threads.runTogether(2, index -> queue.offer(message));
            }
            assertEquals(1, holders.size() - before);
            queue.close();
        }
    }

    @Test
    void shouldEndNoHealthyQueueWhenTheApplicationHoldsAll() {
        SendQueue healthy = new SendQueue();
        offer(healthy, pool, 4);
        healthy.flush(HostileChannel.takingAll());
        exhaust();

        long start = System.nanoTime();
        int refused = 10_000;
        for (int i = 0; i < refused; i++) {
            assertNull(pool.tryAcquire(CHUNK));
        }
        long nanosEach = (System.nanoTime() - start) / refused;

        assertFalse(healthy.isClosed());
        assertTrue(nanosEach < 20_000, () -> nanosEach + " ns each");
        healthy.close();
        releaseHeld();
    }

    /** The time between two searches bounds the cost of refusals, with any number of queues. */
    @Test
    void shouldSearchSeldomWhenThereIsNoQueueToEnd() {
        List<SendQueue> queues = new ArrayList<>();
        SendBuffer message = pool.acquire(8).putLong(1).seal();
        for (int i = 0; i < 10_000; i++) {
            SendQueue queue = new SendQueue();
            queue.offer(message);
            queues.add(queue);
        }
        exhaust();
        assertNull(pool.tryAcquire(CHUNK));

        int refused = 100_000;
        long start = System.nanoTime();
        for (int i = 0; i < refused; i++) {
            assertNull(pool.tryAcquire(CHUNK));
        }
        long nanosEach = (System.nanoTime() - start) / refused;

        assertTrue(nanosEach < 20_000, () -> nanosEach + " ns each, with 10,000 queues");
        queues.forEach(SendQueue::close);
        message.release();
        releaseHeld();
    }
}
