/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages whose time is over are not written. X expires at once, that is after a millisecond, L a day later. */
class ExpiringMessagesTest {
    private static final QueueLimits TEN_BYTES = new QueueLimits(10, 100, 4, 4);
    private static final Duration SHORT = Duration.ofMillis(1);

    /** Long enough for what is to come before that, on a machine that is busy. */
    private static final Duration SOON = Duration.ofMillis(500);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<Gap> gaps = new ArrayList<>();
    private final SendQueue queue = new SendQueue(TEN_BYTES);
    private final List<SendBuffer> messages = new ArrayList<>();

    private SendBuffer message(String text) {
        SendBuffer message = pool.acquire(text.length() + 1).putAscii(text);
        switch (text.charAt(0)) {
            case 'X' -> message.expireAfter(SHORT);
            case 'S' -> message.expireAfter(SOON);
            case 'L' -> message.expireAfter(Duration.ofDays(1));
            default -> {}
        }
        messages.add(message.seal());
        return message;
    }

    private void offerAll(String... texts) {
        for (String text : texts) {
            assertEquals(OfferResult.QUEUED, queue.offer(message(text)), text);
        }
    }

    private static void pass(Duration time) {
        long start = System.nanoTime();
        while (System.nanoTime() - start <= time.toNanos() + 1_000_000) {
            Thread.onSpinWait();
        }
    }

    private void requireWritten(String expected) {
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(1_000)));
        assertEquals(expected, textOf(channel));
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        assertOnlyOurs(messages);
        releaseAll(messages);
        messages.clear();
    }

    private SendBuffer notice(Gap gap) {
        gaps.add(gap);
        return TextMessages.text(pool, "<" + gap.expired() + ">");
    }

    @Test
    void shouldDropWhatHasExpiredWhenItsTurnComes() {
        offerAll("X", "1", "L", "X", "X", "2", "X");
        pass(SHORT);
        assertEquals(7, queue.queuedMessages());
        requireWritten("1L2");
        assertEquals(4, queue.expiredMessages());
        assertEquals(0, queue.droppedMessages());
        offerAll("X");
        pass(SHORT);
        requireWritten("1L2");
        assertEquals(5, queue.expiredMessages());
    }

    @Test
    void shouldNotExpireEarly() {
        for (int i = 0; i < 2_000; i++) {
            long before = System.nanoTime();
            try (SendBuffer message = pool.acquire(1).expireAfter(SHORT)) {
                boolean isExpired = message.isExpired(AttributedSlice.nowMillis());
                assertTrue(!isExpired || System.nanoTime() - before >= SHORT.toNanos());
                pass(Duration.ZERO);
            }
        }
        try (SendBuffer message = pool.acquire(1).expireAfter(SHORT)) {
            int now = AttributedSlice.nowMillis();
            assertFalse(message.isExpired(now));
            assertTrue(message.isExpired(now + 2));
            assertTrue(message.isExpired(now + Integer.MAX_VALUE));
        }
    }

    @Test
    void shouldWriteToItsEndWhatWasBegunInTime() {
        offerAll("S2", "S4");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)));
        pass(SOON);
        requireWritten("S2S4");
        assertEquals(0, queue.expiredMessages());
    }

    @Test
    void shouldDropWhatHasExpiredForANewMessage() {
        offerAll("S2345", "12345");
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(message("6")));
        pass(SOON);
        offerAll("67890");
        assertEquals(1, queue.expiredMessages());
        requireWritten("1234567890");
    }

    @Test
    void shouldSayHowManyExpired() {
        queue.conflation(Conflation.off().withNotice(this::notice));
        offerAll("1", "X", "X", "2", "X");
        pass(SHORT);
        requireWritten("1<2>2<1>");
        assertEquals(List.of(Gap.ofQueue(2, 2, 0, 2), Gap.ofQueue(1, 1, 0, 1)), gaps);
    }

    @Test
    void shouldCountAllThatItLosesInOneNotice() {
        queue.overrunPolicy(OverrunPolicy.skip(this::notice));
        offerAll("12345", "X", "123456");
        pass(SHORT);
        requireWritten("<1>123456");
        assertEquals(List.of(Gap.ofQueue(2, 6, 0, 1)), gaps);
    }

    @Test
    void shouldEndInOrderThoughTheLastMessageHasExpired() {
        offerAll("1", "X");
        queue.finish();
        pass(SHORT);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals("1", textOf(channel));
        assertEquals(0, queue.unwrittenMessages());
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldLeaveOutWhatHasExpiredInAWriteThatCompletesLater() {
        offerAll("1", "X", "2");
        pass(SHORT);
        assertEquals(1, queue.beginWrite());
        assertEquals(1, queue.writeBuffers()[0].remaining());
        assertEquals(1, queue.completeWrite(1));
        assertEquals(0, queue.completeWrite(1));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldCheckTheTime() {
        try (SendBuffer message = pool.acquire(1)) {
            assertThrows(IllegalArgumentException.class, () -> message.expireAfter(Duration.ZERO));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> message.expireAfter(Duration.ofDays(1).plusMillis(1)));
            assertFalse(message.hasAttributes());
        }
    }
}
