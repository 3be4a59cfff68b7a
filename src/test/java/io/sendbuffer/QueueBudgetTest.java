/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One budget for all receivers of a pool: what one may hold is a part of what is left. */
class QueueBudgetTest {
    private static final int CHUNK = 16 << 10;
    private static final int CAP = 16 << 20;
    private static final double SHARE = 0.125;
    private static final int LENGTH = 1_000;
    private static final int GUARANTEED = 64 << 10;

    /** A share is looked at whenever so much more waits; and chunks count as a whole. */
    private static final int TOLERANCE = GUARANTEED + 4 * CHUNK;

    private static final QueueLimits LARGE =
            QueueLimits.DEFAULT.withMaxQueuedBytes(1L << 30).withMaxQueuedMessages(1 << 20);

    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(CAP)
            .queueShare(SHARE)
            .shedSlowConsumers(false)
            .build());
    private final List<SendQueue> queues = new ArrayList<>();

    @AfterEach
    void close() {
        queues.forEach(SendQueue::close);
    }

    private SendQueue queue() {
        SendQueue queue = new SendQueue(LARGE);
        queues.add(queue);
        return queue;
    }

    private OfferResult offer(SendQueue to, int length) {
        SendBuffer message = pool.tryAcquire(length);
        assertNotNull(message, () -> "refused: " + pool.stats());
        try (message) {
            message.seal(length);
            return to.offer(message);
        }
    }

    private void fill(SendQueue queue) {
        OfferResult result;
        do {
            result = offer(queue, LENGTH);
        } while (result == OfferResult.QUEUED);
        assertEquals(OfferResult.REFUSED_BUDGET, result);
    }

    /** With n queues that take what they get: share × (cap - n × x) = x. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 20})
    void shouldShareEquallyAndLeaveSome(int count) {
        for (int i = 0; i < count; i++) {
            queue();
        }
        boolean queued = true;
        while (queued) {
            queued = false;
            for (SendQueue queue : queues) {
                queued |= offer(queue, LENGTH) == OfferResult.QUEUED;
            }
        }
        double fair = SHARE * CAP / (1 + count * SHARE);
        for (SendQueue queue : queues) {
            long bytes = queue.queuedBytes();
            assertTrue(Math.abs(bytes - fair) <= fair / 4 + TOLERANCE, () -> bytes + " of " + fair);
        }
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldShowWhatIsUsedOfTheBudgetAndWhatOneQueueMayHold() {
        assertEquals(0, pool.stats().budgetUsedBytes());
        assertEquals((long) (SHARE * CAP), pool.stats().queueShareBytes());
        SendQueue queue = queue();
        fill(queue);
        PoolStats stats = pool.stats();
        long used = stats.budgetUsedBytes();
        assertTrue(used >= queue.queuedBytes() && used <= queue.queuedBytes() + TOLERANCE, stats::toString);
        assertEquals((long) (SHARE * (CAP - used)), stats.queueShareBytes());
        assertTrue(queue.queuedBytes() >= stats.queueShareBytes() - TOLERANCE, stats::toString);
        assertEquals(1, queue.stats().refused().budget());
        SendBufferPool without = Pools.create();
        assertEquals(Long.MAX_VALUE, without.stats().queueShareBytes());
        assertEquals(0, without.stats().budgetUsedBytes());
    }

    @Test
    void shouldRefuseThoseThatHoldMostFirst() {
        SendQueue large = queue();
        fill(large);
        long held = large.queuedBytes();
        SendQueue another = queue();
        SendQueue small = queue();
        fill(another);

        assertTrue(another.queuedBytes() < held);
        assertEquals(OfferResult.REFUSED_BUDGET, offer(large, LENGTH));
        assertEquals(OfferResult.QUEUED, offer(small, LENGTH));
    }

    @Test
    void shouldGrantEachItsMinimumHoweverLittleIsLeft() {
        List<SendBuffer> held = new ArrayList<>();
        while (CAP - pool.stats().pinnedBytes() > CAP / 16) {
            held.add(pool.acquire(CHUNK));
        }
        SendQueue queue = queue();

        while (queue.queuedBytes() + LENGTH <= GUARANTEED) {
            assertEquals(OfferResult.QUEUED, offer(queue, LENGTH));
        }
        SendQueue another = queue();
        assertEquals(OfferResult.QUEUED, offer(another, 3 * GUARANTEED), "nothing else waits there");
        assertEquals(OfferResult.REFUSED_BUDGET, offer(another, GUARANTEED + 1));

        held.forEach(SendBuffer::release);
    }

    @Test
    void shouldNotifyOfRoomWhenThereIsSomeForWhatWasRefused() {
        SendQueue queue = queue();
        fill(queue);
        assertFalse(queue.isWritable());
        assertEquals(PressureChange.ROSE, queue.takePressureChange());
        HostileChannel channel = HostileChannel.takingAll();

        while (queue.takePressureChange() != PressureChange.FELL) {
            assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(10 * LENGTH)));
        }

        assertTrue(queue.queuedBytes() + LENGTH <= GUARANTEED, () -> queue.queuedBytes() + " bytes");
        assertEquals(OfferResult.QUEUED, offer(queue, LENGTH));
    }

    @Test
    void shouldDropTheOldestIfThePolicySaysSo() {
        SendQueue queue = queue();
        fill(queue);
        queue.overrunPolicy(OverrunPolicy.skip());

        assertEquals(OfferResult.QUEUED, offer(queue, LENGTH));

        assertTrue(queue.droppedMessages() > 0);
    }

    @Test
    void shouldEndIfThePolicySaysSo() {
        SendQueue queue = queue();
        fill(queue);
        queue.overrunPolicy(OverrunPolicy.end());

        assertEquals(OfferResult.CLOSED, offer(queue, LENGTH));

        assertTrue(queue.failure() instanceof SlowConsumerException);
        assertTrue(String.valueOf(queue.failure()).contains("share"), () -> "" + queue.failure());
    }

    @Test
    void shouldGrantMoreAgainWhenOthersHaveReceived() {
        SendQueue first = queue();
        SendQueue second = queue();
        fill(first);
        fill(second);
        long before = second.queuedBytes();

        first.flush(HostileChannel.takingAll());
        pool.acquire(CHUNK).release();
        fill(second);

        assertTrue(second.queuedBytes() > before);
    }

    /** What a quiet receiver holds of many chunks is not what is used up: it moves together. */
    @Test
    void shouldNotCountWhatWillMove() {
        SendQueue quiet = queue();
        for (int i = 0; i < 20_000; i++) {
            assertEquals(OfferResult.QUEUED, offer(quiet, 40));
            pool.acquire(CHUNK - 40).release();
        }
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void shouldRejectAShareOfNothing(double share) {
        assertThrows(
                IllegalArgumentException.class,
                () -> Pools.track(SendBufferPool.builder().queueShare(share).build()));
    }
}
