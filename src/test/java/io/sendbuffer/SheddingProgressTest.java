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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queues whose channels take something, but too little: they end, unless the sender is too fast. */
@Timeout(30)
class SheddingProgressTest extends SheddingFixture {
    /** There is room for a chunk, and for no buffer of this size. */
    @Test
    void shouldEndOneThatTakesTooLittleForALargeBufferToo() {
        List<SendQueue> keepUp = List.of(new SendQueue(), new SendQueue());
        keepUp.forEach(each -> offer(each, pool, 1));
        keepUp.forEach(each -> assertEquals(FlushResult.DRAINED, each.flush(HostileChannel.takingAll())));
        SendQueue slow = new SendQueue();
        offer(slow, pool, CHUNKS / 2 + 2);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        assertEquals(FlushResult.BLOCKED, slow.flush(HostileChannel.takingAll().takeAtMost(CHUNK)));

        SendBuffer large = pool.tryAcquire(CHUNKS / 2 * CHUNK + CHUNK);

        assertNotNull(large);
        requireShed(slow);
        large.release();
    }

    /** The clock of a session tries to write in case the system takes bytes without reporting that it is writable. */
    @Test
    void shouldNotTakeATryThatWroteNothingForProgress() {
        List<SendQueue> queues = new ArrayList<>();
        HostileChannel channel = HostileChannel.takingAll();
        for (int i = 0; i < 3; i++) {
            SendQueue queue = new SendQueue();
            queues.add(queue);
            offer(queue, pool, 2);
            channel.takeAtMost(CHUNK / 2); // the last progress
            assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        }
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        channel.block(Integer.MAX_VALUE);
        queues.forEach(queue -> assertEquals(FlushResult.BLOCKED, queue.flush(channel)));
        exhaust();

        chunk(pool).release();

        queues.forEach(SheddingFixture::requireShed);
        releaseHeld();
    }

    @Test
    void shouldRefuseTheSenderWhenEveryReceiverTakesWhatItCan() {
        List<SendQueue> queues = exhaustedByFourThatTook(CHUNK / 2);

        assertNull(pool.tryAcquire(CHUNK));

        queues.forEach(queue -> assertFalse(queue.isClosed()));
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    /**
     * Four queues hold all of the pool's memory, each with messages of its own; their channels took a little just now.
     */
    private List<SendQueue> exhaustedByFourThatTook(int bytes) {
        List<SendQueue> queues = new ArrayList<>();
        HostileChannel channel = HostileChannel.takingAll().takeAtMost(bytes);
        for (int i = 0; i < 4; i++) {
            queues.add(new SendQueue());
            offer(queues.get(i), pool, CHUNKS / 4 - 1);
        }
        queues.forEach(queue -> queue.flush(channel));
        exhaust();
        return queues;
    }

    /**
     * At first the pool does not know that they stopped; one that hands out nothing more would never find out on its
     * own.
     */
    @Test
    void shouldRefuseTheSenderOnlyUntilItIsKnownThatMostStoppedAMomentAgo() {
        List<SendQueue> queues = exhaustedByFourThatTook(CHUNK / 2);
        assertNull(pool.tryAcquire(CHUNK));
        long start = System.nanoTime();

        requireServedWithin(10);

        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 100, () -> "ended after " + millis + " ms");
        requireShed(queues.get(0));
        assertFalse(queues.get(3).isClosed());
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    @Test
    void shouldNotEndThoseThatKeepTakingWhatTheyCan() {
        HostileChannel channel = HostileChannel.takingAll().takeAtMost(1);
        List<SendQueue> queues = exhaustedByFourThatTook(1);
        long start = System.nanoTime();
        for (int step = 1; step <= 4; step++) { // one byte each, of a message of 1,024
            queues.forEach(queue -> queue.flush(channel));
            while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(200L * step)) {
                assertNull(pool.tryAcquire(CHUNK));
            }
        }

        queues.forEach(queue -> assertFalse(queue.isClosed()));
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    @Test
    void shouldEndOneThatTakesTooLittleWhileMostKeepUp() {
        HostileChannel drip = HostileChannel.takingAll().takeAtMost(1);
        List<SendQueue> healthy = List.of(new SendQueue(), new SendQueue(), new SendQueue());
        SendQueue slow = new SendQueue();
        for (int i = 0; i < CHUNKS; i++) {
            try (SendBuffer message = chunk(pool)) {
                slow.offer(message);
                slow.flush(drip);
                healthy.forEach(queue -> queue.offer(message));
            }
            healthy.forEach(queue -> queue.flush(HostileChannel.takingAll()));
        }

        chunk(pool).release();

        requireShed(slow);
        healthy.forEach(queue -> assertFalse(queue.isClosed()));
    }
}
