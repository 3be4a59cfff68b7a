/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A soft limit that is passed for too long, and messages that wait for too long: each look is given its time. */
class QueueTimedLimitsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final QueueLimits LIMITS = new QueueLimits(100, 100, 4, 4);
    private static final QueueLimits SOFT = LIMITS.withSoftLimit(6, MINUTE);
    private static final QueueLimits AGE = LIMITS.withMaxAge(MINUTE);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final long start = System.nanoTime();
    private SendQueue queue = new SendQueue();

    @AfterEach
    void close() {
        queue.close();
    }

    private void begin(QueueLimits limits, OverrunPolicy policy) {
        queue = new SendQueue(limits);
        queue.overrunPolicy(policy);
    }

    private OfferResult offer(String bytes) {
        try (SendBuffer message = text(pool, bytes)) {
            return queue.offer(message);
        }
    }

    /** A moment this many seconds after the test has begun, and a little, since it runs meanwhile. */
    private long at(long seconds) {
        return start + TimeUnit.SECONDS.toNanos(seconds) + TimeUnit.SECONDS.toNanos(5);
    }

    private void look(long seconds) {
        assertFalse(queue.isOverdue(at(seconds)), "at " + seconds + " s");
    }

    @Test
    void shouldEndWhenItHasHeldMoreThanItsSoftLimitForTooLong() {
        begin(SOFT, OverrunPolicy.end());
        offer("123456");
        look(1000);
        offer("7");
        look(50);
        assertTrue(queue.isOverdue(at(60)));
        queue.overrun(at(50));
        assertFalse(queue.isClosed(), "it is not overdue at that time");
        queue.overrun(at(60));
        assertTrue(queue.isClosed());
        Throwable failure = queue.failure();
        assertNotNull(failure);
        assertEquals(
                "ended as a slow consumer: more than 6 bytes have waited for PT1M; raise the limit, or choose another"
                        + " OverrunPolicy than end()",
                failure.getMessage());
        assertFalse(queue.isOverdue(at(60)));
        assertEquals(Long.MAX_VALUE, queue.nanosToLook(at(60)));
    }

    @Test
    void shouldMeasureTheSoftTimeAnewAfterItWasBelow() {
        begin(SOFT, OverrunPolicy.end());
        offer("1234567");
        assertTrue(queue.isOverdue(at(60)));
        channel.takeAtMost(1);
        queue.flush(channel);
        look(1000);
        assertEquals(Long.MAX_VALUE, queue.nanosToLook(at(60)));
        offer("8");
        long since = System.nanoTime();
        assertFalse(queue.isOverdue(since + MINUTE.toNanos() - TimeUnit.SECONDS.toNanos(5)));
        assertTrue(queue.isOverdue(since + MINUTE.toNanos()));
    }

    @Test
    void shouldSayWhenToLookAtTheSoftLimit() {
        begin(SOFT, OverrunPolicy.end());
        offer("1234567");
        long now = System.nanoTime();
        long left = queue.nanosToLook(now);
        assertTrue(left > TimeUnit.SECONDS.toNanos(50) && left <= MINUTE.toNanos(), () -> left + " ns");
        assertTrue(queue.isOverdue(now + left));
    }

    @Test
    void shouldHoldWhileItsSoftLimitIsPassed() {
        begin(SOFT, OverrunPolicy.hold());
        offer("1234");
        offer("5678");
        look(60);
        assertEquals(OfferResult.REFUSED_SOFT_LIMIT, offer("9"));
        assertEquals(OfferResult.QUEUED, offer(""), "an empty message takes no space");
        assertFalse(queue.isWritable());
        assertTrue(queue.nanosToLook(at(60)) <= TimeUnit.MILLISECONDS.toNanos(10));
        channel.takeAtMost(4);
        queue.flush(channel.block(0));
        look(61);
        assertEquals(OfferResult.QUEUED, offer("9"));
        look(1000);
        channel.takeAtMost(100);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("123456789", textOf(channel));
    }

    @Test
    void shouldAcceptAtOnceWhenAllIsWritten() {
        begin(SOFT, OverrunPolicy.hold());
        offer("12345678");
        look(60);
        assertEquals(OfferResult.REFUSED_SOFT_LIMIT, offer("9"));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(OfferResult.QUEUED, offer("9"));
    }

    @Test
    void shouldDropDownToItsSoftLimit() {
        begin(SOFT, OverrunPolicy.skip());
        List<SendBuffer> messages = separate(pool, "abc", "def", "ghi", "jkl");
        TextMessages.offerAll(queue, messages);
        queue.overrun(at(60));
        assertEquals(2, queue.droppedMessages());
        assertEquals(6, queue.queuedBytes());
        look(1000);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("ghijkl", textOf(channel));
        TextMessages.assertOnlyOurs(messages);
        TextMessages.releaseAll(messages);
    }

    @Test
    void shouldEndWhenAMessageHasWaitedForTooLong() {
        begin(AGE, OverrunPolicy.end());
        look(0);
        assertEquals(Long.MAX_VALUE, queue.nanosToLook(at(0)), "nothing waits");
        offer("a");
        look(0);
        offer("b");
        look(30);
        look(59);
        assertTrue(queue.isOverdue(at(60)));
        channel.takeAtMost(1);
        queue.flush(channel);
        look(60);
        look(89);
        assertTrue(queue.isOverdue(at(90)), "b is as old as the first look after it");
        queue.overrun(at(90));
        Throwable failure = queue.failure();
        assertNotNull(failure);
        assertEquals(
                "ended as a slow consumer: a message has waited for PT1M; raise the limit, or choose another"
                        + " OverrunPolicy than end()",
                failure.getMessage());
    }

    @Test
    void shouldRefuseWhileAMessageIsTooOld() {
        begin(AGE, OverrunPolicy.hold());
        offer("a");
        look(0);
        offer("b");
        look(30);
        look(60);
        assertEquals(OfferResult.REFUSED_AGE, offer("c"));
        queue.flush(channel.takeAtMost(1));
        look(61);
        assertEquals(OfferResult.QUEUED, offer("c"));
    }

    @Test
    void shouldDropWhatIsTooOldAndNothingElse() {
        begin(AGE, OverrunPolicy.skip(gap -> text(pool, "<" + gap.messages() + ">")));
        List<SendBuffer> messages = separate(pool, "abcde", "f", "g", "h");
        TextMessages.offerAll(queue, messages.subList(0, 2));
        queue.flush(channel.takeAtMost(1));
        look(0);
        TextMessages.offerAll(queue, messages.subList(2, 3));
        look(30);
        TextMessages.offerAll(queue, messages.subList(3, 4));
        look(40);
        queue.overrun(at(60));
        assertEquals(1, queue.droppedMessages(), "f; the first one is being written");
        queue.overrun(at(70));
        assertEquals(1, queue.droppedMessages());
        queue.overrun(at(90));
        assertEquals(2, queue.droppedMessages(), "g");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(2)));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        queue.overrun(at(95));
        assertEquals(2, queue.droppedMessages(), "the notice, that is being written, is not old");
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(100)));
        assertEquals("abcde<2>h", textOf(channel));
        TextMessages.assertOnlyOurs(messages);
        TextMessages.releaseAll(messages);
    }

    @Test
    void shouldFollowALimitThatIsSetWhileMessagesWait() {
        begin(LIMITS, OverrunPolicy.end());
        offer("1234567");
        look(1000);
        queue.limits(SOFT);
        assertTrue(queue.isOverdue(at(60)));
        queue.limits(LIMITS);
        look(1000);
        queue.limits(AGE);
        look(0);
        assertTrue(queue.isOverdue(at(60)));
        queue.overrunPolicy(OverrunPolicy.hold());
        look(60);
        assertEquals(OfferResult.REFUSED_AGE, offer("8"));
        queue.limits(LIMITS);
        assertEquals(OfferResult.QUEUED, offer("8"));
    }

    @Test
    void shouldNotBeOverdueWhenItFinishes() {
        begin(SOFT.withMaxAge(MINUTE), OverrunPolicy.end());
        offer("1234567");
        look(0);
        queue.finish();
        look(1000);
        assertEquals(Long.MAX_VALUE, queue.nanosToLook(at(0)));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertNull(queue.failure());
    }

    @Test
    void shouldCheckItsTimes() {
        Duration tooShort = Duration.ofMillis(9);
        assertThrows(IllegalArgumentException.class, () -> LIMITS.withSoftLimit(6, tooShort));
        assertThrows(IllegalArgumentException.class, () -> LIMITS.withSoftLimit(101, MINUTE));
        assertThrows(IllegalArgumentException.class, () -> LIMITS.withSoftLimit(0, MINUTE));
        assertThrows(IllegalArgumentException.class, () -> LIMITS.withMaxAge(Duration.ofHours(25)));
        assertThrows(IllegalArgumentException.class, () -> LIMITS.withMaxAge(Duration.ofMillis(-10)));
        assertEquals(SOFT.withMaxQueuedBytes(4).softLimit(), 4);
        assertEquals(SOFT.withMaxQueuedBytes(7).softLimit(), 6);
        assertEquals(LIMITS.withMaxQueuedBytes(1000).softLimit(), 1000);
    }

    /** What expires makes room at the front of the ring: that is no sign that what a stalled client holds has left. */
    @Test
    void shouldMeasureTheAgeOfWhatStallsThoughWhatWaitsBehindThatExpires() {
        begin(AGE.withMaxQueuedMessages(3), OverrunPolicy.end());
        offer("stalls");
        queue.flush(channel.takeAtMost(2).block(1));
        assertTrue(queue.queuedBytes() > 0, "it is being written");
        look(0);
        for (int i = 0; i < 20; i++) {
            try (SendBuffer brief = text(pool, "x").expireAfter(Duration.ofMillis(1))) {
                assertEquals(OfferResult.QUEUED, queue.offer(brief));
            }
            long expires = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(3);
            while (System.nanoTime() < expires) {
                Thread.onSpinWait();
            }
            look(i);
        }
        assertTrue(queue.expiredMessages() > 10, () -> "expired: " + queue.expiredMessages());
        assertTrue(queue.isOverdue(at(61)));
    }
}
