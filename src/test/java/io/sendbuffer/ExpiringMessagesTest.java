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
    void shouldMakeRoomOfWhatHasExpiredBehindWhatHasNot() {
        queue.conflation(Conflation.off().withNotice(this::notice));
        offerAll("12", "X4", "5", "X7", "L", "X0");
        pass(SHORT);
        assertEquals(10, queue.queuedBytes());
        offerAll("abc", "def");
        assertEquals(3, queue.expiredMessages());
        assertEquals(10, queue.queuedBytes());
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(message("g")));
        requireWritten("12<1>5<1>L<1>abcdef");
        assertEquals(0, queue.droppedMessages());
    }

    @Test
    void shouldDropWhatHasExpiredBeforeWhatHasNot() {
        queue.overrunPolicy(OverrunPolicy.skip());
        offerAll("12", "X4", "56", "X8", "90");
        pass(SHORT);
        offerAll("abcd");
        assertEquals(2, queue.expiredMessages());
        assertEquals(0, queue.droppedMessages());
        offerAll("e");
        assertEquals(1, queue.droppedMessages());
        requireWritten("5690abcde");
    }

    @Test
    void shouldMakeRoomForABatchAndForAControlMessage() {
        queue.limits(TEN_BYTES.withControlReserve(0, 0));
        offerAll("12345", "X7", "L9", "X");
        pass(SHORT);
        try (SendBatch batch = new SendBatch().add(message("ab")).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
        }
        offerAll("X");
        pass(SHORT);
        SendBuffer control =
                pool.acquire(2).putAscii("c").messageClass(MessageClass.CONTROL).seal();
        messages.add(control);
        assertEquals(OfferResult.QUEUED, queue.offer(control));
        assertEquals(3, queue.expiredMessages());
        requireWritten("12345L9abc");
    }

    /** A message with a time takes the place of one without, and the other way round. */
    @Test
    void shouldFindWhatHasComeIntoThePlaceOfAnother() {
        offerAll("123");
        for (int i = 0; i < 2; i++) {
            for (boolean expires : new boolean[] {false, true}) {
                SendBuffer message = pool.acquire(2).putAscii("ab").conflate(7);
                messages.add(expires ? message.expireAfter(SHORT).seal() : message.seal());
                assertEquals(OfferResult.QUEUED, queue.offer(message));
            }
        }
        offerAll("12345");
        pass(SHORT);
        offerAll("67");
        requireWritten("1231234567");
    }

    /** Where nothing can have expired, no place is looked at. */
    @Test
    void shouldLookThroughAFullQueueOnlyWhenSomethingMayHaveExpired() {
        SendQueue large = new SendQueue(new QueueLimits(10_000, 10_000, 100, 4));
        for (int i = 0; i < 2_000; i++) {
            assertEquals(OfferResult.QUEUED, large.offer(message("L2345")));
        }
        for (int i = 0; i < 1_000; i++) {
            assertEquals(OfferResult.REFUSED_BYTES, large.offer(message("6")));
        }
        assertEquals(0, passes(large));
        assertEquals(FlushResult.BLOCKED, large.flush(channel.takeAtMost(11)), "two leave");
        assertEquals(OfferResult.QUEUED, large.offer(message("X")));
        pass(SHORT);
        for (int i = 0; i < 100; i++) {
            assertEquals(OfferResult.REFUSED_BYTES, large.offer(message("L".repeat(100))));
        }
        assertEquals(1, large.expiredMessages());
        assertEquals(1, passes(large));
        releaseAll(messages);
        large.close();
    }

    /** The message whose time is over may have left: then a pass is in vain, and the next one has to be paid for. */
    @Test
    void shouldLookThroughAFullQueueSeldomWhereThatIsInVain() {
        MessageRing ring = new MessageRing(QueueArrays.HEAP);
        for (int i = 0; i < 2_560; i++) {
            ring.add(message("L2345"));
        }
        ExpirySearch search = new ExpirySearch();
        int now = AttributedSlice.nowMillis();
        int passes = 0;
        for (int offers = 0; offers < 100; offers++) {
            search.added(now);
            search.noteNoRoom();
            while (search.isToContinue(ring, now)) {
                assertEquals(-1, search.find(ring, now));
            }
            assertTrue(search.passes - passes <= 1);
            passes = search.passes;
        }
        assertEquals(10, passes);
        search.added(now);
        assertFalse(search.isToContinue(ring, now), "nine offers have paid for nine tenths");
        assertTrue(search.isToContinue(ring, now + 1), "and a millisecond for the rest");
        releaseAll(messages);
    }

    private static int passes(SendQueue queue) {
        Overrun overrun = queue.backlog().overrun;
        return overrun == null || overrun.expiries == null ? 0 : overrun.expiries.passes;
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
