/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The watermarks of a queue: when it is writable, and that its owner misses no change of that. */
class QueuePressureTest {
    /** 10 bytes at most; not writable above 6, until it holds 2 or fewer. */
    private static final QueueLimits LIMITS = new QueueLimits(10, 100, 100, 4).withWatermarks(6, 2);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final Owner owner = new Owner();
    private final SendQueue queue = new SendQueue(LIMITS, owner);

    private static final class Owner implements QueueOwner {
        int calls;
        Runnable onCall = () -> {};

        @Override
        public void onSlowConsumer(SlowConsumerException cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void onPressure() {
            calls++;
            onCall.run();
        }
    }

    private void offer(String bytes) {
        try (SendBuffer message = text(pool, bytes)) {
            assertEquals(OfferResult.QUEUED, queue.offer(message));
        }
    }

    private void drainTo(int bytes) {
        channel.takeAtMost((int) queue.queuedBytes() - bytes);
        assertEquals(bytes == 0 ? FlushResult.DRAINED : FlushResult.BLOCKED, queue.flush(channel.block(0)));
    }

    private List<PressureChange> takeAll() {
        List<PressureChange> changes = new ArrayList<>();
        PressureChange change;
        while ((change = queue.takePressureChange()) != PressureChange.NONE) {
            changes.add(change);
        }
        assertFalse(queue.hasPressureChange());
        return changes;
    }

    @Test
    void shouldBeWritableUpToTheHighWatermarkAndAgainFromTheLowOneOn() {
        offer("123456");
        assertTrue(queue.isWritable(), "it holds no more than the watermark");
        assertEquals(0, owner.calls);
        offer("7");
        assertFalse(queue.isWritable());
        drainTo(3);
        assertFalse(queue.isWritable(), "above the low watermark");
        assertEquals(List.of(PressureChange.ROSE), takeAll());
        drainTo(2);
        assertTrue(queue.isWritable());
        assertEquals(List.of(PressureChange.FELL), takeAll());
        drainTo(0);
        assertEquals(List.of(PressureChange.DRAINED), takeAll());
        assertEquals(3, owner.calls);
    }

    @Test
    void shouldKeepBothChangesThatNobodyTookInTime() {
        offer("1234567");
        drainTo(0);
        assertEquals(List.of(PressureChange.ROSE, PressureChange.FELL, PressureChange.DRAINED), takeAll());
    }

    @Test
    void shouldMakeOneOfManyPairsThatNobodyTook() {
        for (int i = 0; i < 5; i++) {
            offer("1234567");
            drainTo(1);
            offer("1");
            drainTo(0);
        }
        offer("1234567");
        assertEquals(List.of(PressureChange.ROSE), takeAll());
        drainTo(0);
        offer("1234567");
        assertEquals(List.of(PressureChange.FELL, PressureChange.ROSE), takeAll(), "it is not empty any more");
        queue.close();
    }

    @Test
    void shouldNotifyItsOwnerOnceForEachChange() {
        offer("1234567");
        offer("8");
        offer("9");
        assertEquals(1, owner.calls);
        drainTo(8);
        drainTo(5);
        assertEquals(1, owner.calls);
        drainTo(1);
        assertEquals(2, owner.calls);
        queue.close();
        assertEquals(2, owner.calls);
        assertEquals(List.of(), takeAll(), "the end says enough");
        assertFalse(queue.isWritable());
    }

    @Test
    void shouldCountARefusalAsARise() {
        offer("12345");
        assertTrue(queue.isWritable());
        try (SendBuffer large = text(pool, "123456");
                SendBuffer tooLarge = text(pool, "12345678901")) {
            assertEquals(OfferResult.TOO_LARGE, queue.offer(tooLarge));
            assertTrue(queue.isWritable(), "its size is to blame");
            assertEquals(OfferResult.REFUSED_BYTES, queue.offer(large));
            assertFalse(queue.isWritable());
            drainTo(2);
            assertEquals(List.of(PressureChange.ROSE, PressureChange.FELL), takeAll());
            assertEquals(OfferResult.QUEUED, queue.offer(large), "there is room now");
        }
        queue.close();
    }

    @Test
    void shouldNotFallBeforeWhatWasRefusedHasRoom() {
        offer("1");
        try (SendBuffer large = text(pool, "1234567890")) {
            assertEquals(OfferResult.REFUSED_BYTES, queue.offer(large));
            assertEquals(FlushResult.BLOCKED, queue.flush(channel.block(1)));
            assertEquals(List.of(PressureChange.ROSE), takeAll(), "a sender that was notified would be refused again");
            assertFalse(queue.isWritable());
            channel.takeAtMost(100);
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
            assertEquals(List.of(PressureChange.FELL, PressureChange.DRAINED), takeAll());
            assertEquals(OfferResult.QUEUED, queue.offer(large));
        }
        queue.close();
    }

    @Test
    void shouldNotFallWhileItRefusesForALimitWithATime() {
        Duration age = Duration.ofSeconds(1);
        queue.limits(LIMITS.withMaxAge(age));
        offer("1");
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        offer("2");
        assertFalse(queue.isOverdue(now + age.toNanos()));
        assertRefused("3", OfferResult.REFUSED_AGE, "1 is too old");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.block(1)));
        channel.takeAtMost(100);
        assertEquals(FlushResult.DRAINED, queue.flush(channel.block(0)));
        assertEquals(
                List.of(PressureChange.ROSE, PressureChange.FELL, PressureChange.DRAINED),
                takeAll(),
                "only when nothing waits any more, or the clock has looked");
    }

    @Test
    void shouldNotifyItsOwnerWhenTheClockFindsThatItRefusesNoMore() {
        Duration age = Duration.ofSeconds(1);
        queue.limits(new QueueLimits(10, 100, 2, 4).withWatermarks(6, 2).withMaxAge(age));
        SendQueue small = new SendQueue(queue.limits(), owner);
        List<SendBuffer> messages = neighbors(pool, "ab", "c", "d");
        offerAll(small, messages.subList(0, 1));
        long now = System.nanoTime();
        assertFalse(small.isOverdue(now));
        offerAll(small, messages.subList(1, 2));
        assertFalse(small.isOverdue(now + age.toNanos()));
        assertEquals(OfferResult.REFUSED_AGE, small.offer(messages.get(2)), "ab is too old");
        assertEquals(1, owner.calls);
        assertEquals(FlushResult.MORE, small.flush(channel, 1), "ab is written, c waits");
        assertFalse(small.isWritable(), "the clock has not looked");
        assertFalse(small.isOverdue(now + age.toNanos()));
        assertTrue(small.isWritable());
        assertEquals(2, owner.calls);
        assertEquals(OfferResult.QUEUED, small.offer(messages.get(2)));
        small.close();
        releaseAll(messages);
    }

    @Test
    void shouldCountMessagesInProportion() {
        QueueLimits few = new QueueLimits(1_000_000, 8, 100, 4).withWatermarks(500_000, 250_000);
        queue.limits(few);
        List<SendBuffer> messages = neighbors(pool, "1", "2", "3", "4", "5");
        offerAll(queue, messages.subList(0, 4));
        assertTrue(queue.isWritable(), "half of the messages");
        offerAll(queue, messages.subList(4, 5));
        assertFalse(queue.isWritable());
        drainTo(3);
        assertFalse(queue.isWritable());
        drainTo(2);
        assertTrue(queue.isWritable(), "a quarter of them");
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldNotCountMessagesForMoreBecauseManyBytesAreAllowed() {
        queue.limits(new QueueLimits(Long.MAX_VALUE, 16, 100, 4).withWatermarks(1 << 20, 1 << 10));
        List<SendBuffer> messages = neighbors(pool, "1", "2", "3", "4", "5");
        offerAll(queue, messages.subList(0, 4));
        assertTrue(queue.isWritable(), "a quarter of the messages");
        offerAll(queue, messages.subList(4, 5));
        assertFalse(queue.isWritable());
        drainTo(2);
        assertFalse(queue.isWritable());
        drainTo(1);
        assertTrue(queue.isWritable(), "a sixteenth of them");
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldFollowLimitsThatChangeWhileItLives() {
        offer("1234567");
        assertEquals(List.of(PressureChange.ROSE), takeAll());
        queue.limits(QueueLimits.DEFAULT);
        assertTrue(queue.isWritable());
        assertEquals(List.of(PressureChange.FELL), takeAll());
        queue.limits(QueueLimits.DEFAULT.withMaxQueuedBytes(4).withMaxQueuedMessages(1));
        assertEquals(List.of(PressureChange.ROSE), takeAll());
        assertEquals(3, owner.calls);
        assertEquals(4, queue.limits().maxQueuedBytes());
        assertRefused("1", OfferResult.REFUSED_BYTES, "what is queued stays, and no more comes");
        assertRefused("", OfferResult.QUEUED, "an empty message takes no space");
        try (SendBuffer nothing = text(pool, "");
                SendBatch batch = new SendBatch().add(nothing).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(batch), "nor do some");
        }
        drainTo(0);
        assertEquals(List.of(PressureChange.FELL, PressureChange.DRAINED), takeAll());
        queue.close();
        queue.limits(LIMITS);
        assertSame(LIMITS, queue.limits());
        assertFalse(queue.isWritable(), "it has ended");
    }

    private void assertRefused(String bytes, OfferResult expected, String why) {
        try (SendBuffer message = text(pool, bytes)) {
            assertEquals(expected, queue.offer(message), why);
        }
    }

    @Test
    void shouldNotBeWritableWhenItFinishes() {
        offer("1234567");
        queue.finish();
        assertFalse(queue.isWritable());
        channel.takeAtMost(100);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals(List.of(), takeAll());
        queue.limits(LIMITS);
        assertFalse(queue.isWritable());
    }

    @Test
    void shouldEndWhenItsOwnerThrows() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        owner.onCall = () -> {
            throw thrown;
        };
        try (SendBuffer message = text(pool, "1234567")) {
            message.retain();
            assertEquals(OfferResult.QUEUED, queue.offerRetained(message), "it was");
            assertEquals(1, message.referenceCount(), "and then released");
        }
        assertSame(thrown, queue.failure());
        assertTrue(queue.isClosed());
    }

    @Test
    void shouldCallItsOwnerAgainWhereTheStackEnded() {
        owner.onCall = () -> {
            throw new StackOverflowError("on purpose");
        };
        offer("1234567");
        assertEquals(1, owner.calls);
        owner.onCall = () -> {};
        offer("8");
        assertEquals(2, owner.calls);
        assertEquals(List.of(PressureChange.ROSE), takeAll());
        queue.close();
    }

    /** An administrator lowers a limit for a while: what follows from it comes back with it. */
    @Test
    void shouldHaveTheWatermarksOfBeforeWhenALimitWasLowered() {
        QueueLimits lowered = QueueLimits.DEFAULT.withMaxQueuedBytes(1_600);
        assertEquals(400, lowered.highWatermark());
        assertEquals(100, lowered.lowWatermark());
        assertEquals(QueueLimits.DEFAULT, lowered.withMaxQueuedBytes(QueueLimits.DEFAULT.maxQueuedBytes()));
        assertEquals(QueueLimits.ofBytes(32 << 20), QueueLimits.ofBytes(1).withMaxQueuedBytes(32 << 20));
        SendQueue queue = new SendQueue(lowered);
        queue.limits(queue.limits().withMaxQueuedBytes(4 << 20));
        try (SendBuffer message = pool.acquire(1_000).seal(1_000)) {
            assertEquals(OfferResult.QUEUED, queue.offer(message));
        }
        assertTrue(queue.isWritable());
        queue.close();
    }

    @Test
    void shouldCheckItsWatermarks() {
        assertEquals(
                "highWatermark must be between 1 and 10, was 11: raise maxQueuedBytes first, by withMaxQueuedBytes",
                messageOf(11, 5));
        assertEquals("highWatermark must be between 1 and 10, was 0", messageOf(0, 0));
        assertEquals("lowWatermark must be between 0 and 6, was 7", messageOf(6, 7));
        assertEquals("lowWatermark must be between 0 and 6, was -1", messageOf(6, -1));
        assertEquals(new QueueLimits(7, 100, 100, 4).withWatermarks(6, 2), LIMITS.withMaxQueuedBytes(7), "they fit");
        assertEquals(new QueueLimits(5, 100, 100, 4).withWatermarks(1, 0), LIMITS.withMaxQueuedBytes(5), "they do not");
        assertEquals(1, new QueueLimits(1, 1, 1, 1).highWatermark());
        assertEquals(
                "softLimit must be between 1 and 10, was 11: raise maxQueuedBytes first, by withMaxQueuedBytes",
                assertThrows(IllegalArgumentException.class, () -> LIMITS.withSoftLimit(11, Duration.ofSeconds(1)))
                        .getMessage());
    }

    private static @Nullable String messageOf(long high, long low) {
        return assertThrows(IllegalArgumentException.class, () -> LIMITS.withWatermarks(high, low))
                .getMessage();
    }
}
