/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a queue says of itself. */
class QueueStatsTest {
    private static final int CHUNK = 1 << 10;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(64 * CHUNK).build());
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendQueue queue = new SendQueue(new QueueLimits(500, 4, 500, 4));

    @AfterEach
    void close() {
        queue.close();
    }

    private OfferResult offer(SendQueue to, int length) {
        try (SendBuffer message = pool.acquire(length)) {
            message.seal(length);
            return to.offer(message);
        }
    }

    /** Has the pool hand out chunks, of which nothing stays. */
    private void pass(int chunks) {
        SendBuffer last = pool.acquire(CHUNK);
        for (int i = 1; i < chunks; i++) {
            SendBuffer next = pool.acquire(CHUNK);
            last.release();
            last = next;
        }
        last.release();
    }

    @Test
    void shouldCountWhatWasWrittenRefusedAndIsQueued() {
        offer(queue, 10);
        offer(queue, 20);
        queue.flush(channel);
        offer(queue, 400);
        assertTrue(offer(queue, 200).isRefused());

        QueueStats stats = queue.stats();

        assertEquals(30, stats.writtenBytes());
        assertEquals(2, stats.writtenMessages());
        assertEquals(400, stats.queuedBytes());
        assertEquals(1, stats.queuedMessages());
        assertEquals(1, stats.refusedMessages());
        assertFalse(stats.isWritable());
        assertFalse(stats.isClosed());
    }

    @Test
    void shouldCountRefusalsByTheirReasons() {
        queue.limits(queue.limits().withMaxQueuedMessages(3).withControlReserve(10, 0));
        assertEquals(OfferResult.TOO_LARGE, offer(queue, 10_000));
        offer(queue, 400);
        assertEquals(OfferResult.REFUSED_BYTES, offer(queue, 200));
        assertEquals(OfferResult.REFUSED_BYTES, offerBatch(200));
        assertEquals(OfferResult.REFUSED_EXPENDABLE, offer(queue, 1, MessageClass.EXPENDABLE));
        offer(queue, 1);
        offer(queue, 1);
        assertEquals(OfferResult.REFUSED_MESSAGES, offer(queue, 1));
        assertEquals(OfferResult.REFUSED_MESSAGES, offer(queue, 1, MessageClass.CONTROL));
        queue.limits(queue.limits().withMaxAge(Duration.ofSeconds(1)));
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        assertFalse(queue.isOverdue(now + 1_000_000_000L));
        assertEquals(OfferResult.REFUSED_AGE, offer(queue, 1));
        queue.close();
        assertEquals(OfferResult.CLOSED, offer(queue, 1));

        QueueStats last = queue.stats();

        assertEquals(new RefusedOffers(2, 2, 0, 0, 1, 1, 0, 1), last.refused());
        assertEquals(5, last.refusedMessages());
        assertEquals(7, last.refused().total());
    }

    @Test
    void shouldNotCountAsRefusedWhatFoundRoomInTheEnd() {
        queue.overrunPolicy(OverrunPolicy.skip());
        offer(queue, 300);
        offer(queue, 200);
        assertEquals(OfferResult.QUEUED, offer(queue, 400));

        assertEquals(2, queue.stats().droppedMessages());
        assertEquals(RefusedOffers.NONE, queue.stats().refused());
    }

    @Test
    void shouldCountWhatItDropsByTheReason() {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.limits(queue.limits().withWatermarks(500, 499));
        offer(queue, 300);
        offer(queue, 200);
        offer(queue, 150); // in the place of 300
        offer(queue, 1);
        offer(queue, 1);
        offer(queue, 1); // a fifth message, in the place of 200
        assertEquals(new DroppedMessages(1, 1, 0, 0, 0, 0), queue.stats().dropped());
        queue.limits(queue.limits().withMaxQueuedMessages(5));
        assertEquals(OfferResult.QUEUED, offer(queue, 10, MessageClass.EXPENDABLE));
        offer(queue, 1); // in the place of that
        assertEquals(new DroppedMessages(1, 1, 0, 0, 0, 1), queue.stats().dropped());

        queue.limits(queue.limits().withMaxAge(Duration.ofSeconds(1)));
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        queue.overrun(now + 1_000_000_000L);
        assertEquals(0, queue.queuedMessages());
        assertEquals(new DroppedMessages(1, 1, 0, 0, 5, 1), queue.stats().dropped());

        queue.limits(new QueueLimits(500, 6, 500, 4).withSoftLimit(100, Duration.ofSeconds(1)));
        offer(queue, 90);
        offer(queue, 90);
        now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        queue.overrun(now + 1_000_000_000L);
        queue.close();

        QueueStats last = queue.stats();
        assertEquals(new DroppedMessages(1, 1, 0, 1, 5, 1), last.dropped());
        assertEquals(9, last.dropped().total());
        assertEquals(9, last.droppedMessages());
        assertEquals(1, last.unwrittenMessages(), "what the end left is no drop");
    }

    @Test
    void shouldCountEachMessageThatItDropsThoughABatchHasMergedThem() {
        queue.overrunPolicy(OverrunPolicy.skip());
        List<SendBuffer> neighbors = TextMessages.neighbors(pool, "123", "456", "789");
        try (SendBatch batch = new SendBatch()) {
            neighbors.forEach(batch::add);
            assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()));
        }
        TextMessages.releaseAll(neighbors);
        assertEquals(1, queue.queuedMessages());
        offer(queue, 495);

        assertEquals(new DroppedMessages(3, 0, 0, 0, 0, 0), queue.stats().dropped());
        assertEquals(3, queue.droppedMessages());
        assertEquals(9, queue.droppedBytes());
    }

    private OfferResult offer(SendQueue to, int length, MessageClass messageClass) {
        try (SendBuffer message = pool.acquire(length).messageClass(messageClass)) {
            message.seal(length);
            return to.offer(message);
        }
    }

    private OfferResult offerBatch(int length) {
        try (SendBuffer message = pool.acquire(length).seal(length);
                SendBatch batch = new SendBatch().add(message).seal()) {
            return queue.offer(batch);
        }
    }

    @Test
    void shouldSayForHowLongItsChannelHasTakenNothing() {
        offer(queue, 10);
        queue.flush(channel);
        assertEquals(0, queue.stats().stalledNanos());
        offer(queue, 10);
        channel.block(2);

        queue.flush(channel);
        long before = System.nanoTime();
        long first = queue.stats().stalledNanos();
        queue.flush(channel);
        long second = queue.stats().stalledNanos();

        assertTrue(first > 0);
        assertTrue(
                second >= first && second <= first + System.nanoTime() - before, "a write of nothing is no progress");
        queue.flush(channel);
        assertEquals(0, queue.stats().stalledNanos());
    }

    @Test
    void shouldBeginAnewWhenTheChannelTakesSome() {
        offer(queue, 10);
        queue.flush(channel.block(1));
        long start = System.nanoTime();

        queue.flush(channel.takeAtMost(5));

        assertTrue(queue.stats().stalledNanos() <= System.nanoTime() - start);
    }

    @Test
    void shouldMeasureHowFarItIsBehindInWhatThePoolHandsOut() {
        offer(queue, 10);
        assertEquals(0, queue.stats().bytesBehind(), "its chunk is still in use by others");

        pass(5);

        long behind = queue.stats().bytesBehind();
        assertTrue(behind >= 4 * CHUNK && behind <= 6 * CHUNK, () -> behind + " bytes");
        queue.flush(channel);
        assertEquals(0, queue.stats().bytesBehind());
    }

    @Test
    void shouldCountEachChunkThatItKeepsOnce() {
        offer(queue, 10);
        offer(queue, 10);
        assertEquals(CHUNK, queue.pinnedBytes());
        pass(2);
        offer(queue, 10);
        assertEquals(2 * CHUNK, queue.pinnedBytes());

        queue.flush(channel.block(1));
        assertEquals(2 * CHUNK, queue.pinnedBytes(), "what a write has left counts as well");

        queue.flush(channel);
        assertEquals(0, queue.pinnedBytes());
    }

    @Test
    void shouldNameTheQueuesThatAreFarthestBehind() {
        SendQueue first = new SendQueue();
        SendQueue second = new SendQueue();
        SendQueue ahead = new SendQueue();
        offer(ahead, 10);
        ahead.flush(channel);
        offer(first, 10);
        pass(3);
        offer(second, 10);
        pass(3);

        assertEquals(List.of(first, second), pool.farthestBehind(3));
        assertEquals(List.of(first), pool.farthestBehind(1));

        assertNull(first.receiver());

        first.close();
        assertEquals(List.of(second), pool.farthestBehind(3));
        second.close();
        ahead.close();
    }

    @Test
    void shouldSayWhatItSendsTo() {
        QueueOwner owner = cause -> {};
        assertSame(owner, new SendQueue(QueueLimits.DEFAULT, owner).receiver());
        QueueOwner named = new QueueOwner() {
            @Override
            public void onSlowConsumer(SlowConsumerException cause) {}

            @Override
            public Object receiver() {
                return "client 7";
            }
        };
        assertEquals("client 7", new SendQueue(QueueLimits.DEFAULT, named).receiver());
    }

    @Test
    void shouldSeeTheGoodbyeThatWaits() {
        SendQueue ending = new SendQueue();
        offer(queue, 10);
        long after;
        try (SendBuffer goodbye = pool.acquire(10).seal(10)) {
            after = System.nanoTime();
            assertTrue(ending.finish(goodbye));
            pass(5);
            offer(queue, 10);
            assertTrue(queue.finish(goodbye));
        }
        assertEquals(CHUNK, ending.pinnedBytes());
        assertEquals(2 * CHUNK, queue.pinnedBytes(), "two messages, and the goodbye in the chunk of one");
        long least = System.nanoTime() - after;
        assertTrue(ending.stats().oldestNanos() >= least);
        long behind = ending.stats().bytesBehind();
        assertTrue(behind >= 4 * CHUNK, () -> behind + " bytes");
        assertEquals(List.of(queue, ending), pool.farthestBehind(3));

        assertEquals(FlushResult.CLOSED, ending.flush(channel));

        assertEquals(0, ending.pinnedBytes());
    }

    private static void pass() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < 100_000) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldBoundHowLongTheOldestMessageHasWaited() {
        assertEquals(0, queue.stats().oldestNanos());
        long before = System.nanoTime();
        offer(queue, 10); // of the pool's first chunk
        long after = System.nanoTime();
        pass();
        requireBetween(after, before, queue);
        queue.flush(channel.block(1)); // it waits in a write
        pass();
        requireBetween(after, before, queue);

        SendQueue later = new SendQueue();
        long then = System.nanoTime();
        pass(1); // another chunk
        offer(later, 10);
        requireBetween(System.nanoTime(), then, later);
        queue.flush(channel);
        assertEquals(0, queue.stats().oldestNanos());
        later.close();
        requireBetween(System.nanoTime(), then, later); // as it was at the end
    }

    private static void requireBetween(long youngest, long oldest, SendQueue queue) {
        long least = System.nanoTime() - youngest;
        long nanos = queue.stats().oldestNanos();
        long most = System.nanoTime() - oldest;
        assertTrue(nanos >= least && nanos <= most, () -> nanos + " ns, not " + least + " to " + most);
    }

    @Test
    void shouldSeeTheOldestBehindAValueThatGoesFirst() {
        SendQueue narrow = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(10));
        narrow.pullFrom(key -> pool.acquire(20).putLong(1).seal(), 1);
        offer(narrow, 10);
        offer(narrow, 10);
        long after = System.nanoTime();
        pass(2);
        narrow.mark(0);
        channel.takeAtMost(10);
        narrow.flush(channel, 10); // the first message; then a value, in a chunk of its own
        assertEquals(FlushResult.BLOCKED, narrow.flush(channel.block(1)));
        long least = System.nanoTime() - after;
        assertTrue(narrow.stats().oldestNanos() >= least);
        narrow.close();
    }

    @Test
    void shouldKnowTheAgeBetterWhereItIsLimited() {
        SendQueue limited = new SendQueue(QueueLimits.DEFAULT.withMaxAge(Duration.ofSeconds(100)));
        offer(limited, 10);
        pass();
        long look = System.nanoTime();
        limited.isOverdue(look);
        offer(limited, 10); // in the same chunk
        long after = System.nanoTime();
        channel.takeAtMost(10);
        limited.flush(channel, 1);
        limited.flush(channel.block(1));
        requireBetween(after, look, limited);
        limited.close();
    }

    @Test
    void shouldKeepTheAgeOfWhatMoves() {
        SendQueue stalled = new SendQueue();
        offer(stalled, 10);
        long after = System.nanoTime();
        pass(40);
        long evacuated = pool.evacuate();
        assertTrue(evacuated > 0, "it has moved");
        long least = System.nanoTime() - after;
        assertTrue(stalled.stats().oldestNanos() >= least);
        stalled.close();
    }

    @Test
    void shouldCountTheMarksThatWereConflated() {
        SendQueue marked = new SendQueue();
        marked.pullFrom(key -> null, 1);
        marked.mark(0);
        marked.mark(0);
        assertEquals(1, marked.stats().conflatedMarks());
        marked.close();
    }

    @Test
    void shouldKeepWhatItWasAtTheEnd() {
        offer(queue, 10);
        queue.flush(channel);
        offer(queue, 20);
        offer(queue, 30);

        queue.flush(channel.failAfter(15));

        QueueStats last = queue.stats();
        assertTrue(last.isClosed());
        assertTrue(queue.failure() instanceof IOException);
        assertEquals(1, last.writtenMessages());
        assertEquals(2, last.unwrittenMessages());
        assertEquals(0, last.queuedBytes());
        assertEquals(0, last.stalledNanos());
        assertEquals(0, last.bytesBehind());
    }

    @Test
    void shouldSayAfterTheEndForHowLongItHadStalled() {
        offer(queue, 10);
        queue.flush(channel.block(1));
        offer(queue, 20);
        long oldest = queue.stats().oldestNanos();
        long stalled = queue.stats().stalledNanos();
        assertTrue(stalled > 0);

        queue.close();

        QueueStats last = queue.stats();
        assertTrue(last.stalledNanos() >= stalled);
        assertTrue(last.oldestNanos() >= oldest);
        assertEquals(last, queue.stats(), "it stays so");
        assertEquals(30, last.unwrittenBytes());
    }
}
