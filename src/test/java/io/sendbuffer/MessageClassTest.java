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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a queue at its limits does with messages of different classes: C is control, E expendable. */
class MessageClassTest {
    /** Not writable above 6 bytes, until it holds 2 or fewer. */
    private static final QueueLimits LIMITS =
            new QueueLimits(10, 100, 4, 4).withWatermarks(6, 2).withControlReserve(4, 2);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendQueue queue = new SendQueue(LIMITS);
    private final List<SendBuffer> messages = new ArrayList<>();

    private OfferResult offer(String text) {
        SendBuffer message = pool.acquire(text.length() + 1).putAscii(text);
        switch (text.charAt(0)) {
            case 'C' -> message.messageClass(MessageClass.CONTROL);
            case 'E' -> message.messageClass(MessageClass.EXPENDABLE);
            default -> message.messageClass(MessageClass.NORMAL);
        }
        messages.add(message.seal());
        return queue.offer(message);
    }

    private void offerAll(String... texts) {
        for (String text : texts) {
            assertEquals(OfferResult.QUEUED, offer(text), text);
        }
    }

    private void requireWritten(String expected) {
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(1_000)));
        assertEquals(expected, textOf(channel));
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldTakeControlMessagesBeyondItsLimits() {
        offerAll("1234567890");
        assertEquals(OfferResult.REFUSED_BYTES, offer("n"));
        offerAll("C1", "C2");
        assertEquals(OfferResult.REFUSED_BYTES, offer("C"), "the reserve is strict too");
        assertEquals(OfferResult.TOO_LARGE, offer("C23456789012345"));
        assertEquals(14, queue.queuedBytes());
        requireWritten("1234567890C1C2");
    }

    @Test
    void shouldTakeAsManyControlMessagesAsTheReserveHas() {
        queue.limits(LIMITS.withMaxQueuedMessages(2));
        offerAll("1", "2", "C", "C");
        assertEquals(OfferResult.REFUSED_MESSAGES, offer("C"));
        assertEquals(OfferResult.REFUSED_MESSAGES, offer("3"));
        requireWritten("12CC");
    }

    @Test
    void shouldTakeAControlMessageThatIsLargerThanAllOthers() {
        offerAll("C2345678901234");
        assertEquals(OfferResult.REFUSED_BYTES, offer("1"));
        requireWritten("C2345678901234");
    }

    @Test
    void shouldTakeControlMessagesWhileItRefusesForALimitWithATime() {
        queue.limits(LIMITS.withMaxAge(Duration.ofSeconds(1)));
        offerAll("1");
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        assertFalse(queue.isOverdue(now + 1_000_000_000L));
        assertEquals(OfferResult.REFUSED_AGE, offer("2"));
        offerAll("C1");
        requireWritten("1C1");
    }

    @Test
    void shouldDropNoControlMessage() {
        queue.overrunPolicy(OverrunPolicy.skip());
        offerAll("C1", "234", "C2", "567", "890");
        assertEquals(1, queue.droppedMessages(), "234");
        assertEquals(10, queue.queuedBytes());
        offerAll("C3", "C4");
        assertEquals(1, queue.droppedMessages(), "the reserve has room");
        offerAll("C5", "C6");
        assertEquals(3, queue.droppedMessages(), "567 makes room for C5, and 890 for C6");
        assertEquals(OfferResult.QUEUED, offer("C7"));
        assertEquals(OfferResult.REFUSED_BYTES, offer("1"), "nothing is left to drop");
        requireWritten("C1C2C3C4C5C6C7");
    }

    @Test
    void shouldDropWhatLiesBehindManyControlMessages() {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.limits(QueueLimits.DEFAULT.withMaxQueuedMessages(1_000));
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 990; i++) {
            offerAll("C");
            expected.append('C');
        }
        for (int i = 0; i < 2_000; i++) {
            offerAll("n" + i);
            if (i >= 1_990) {
                expected.append('n').append(i);
            }
        }
        assertEquals(1_990, queue.droppedMessages());
        assertEquals(1_000, queue.queuedMessages());
        assertTrue(queue.backlog().places() <= 2_100, () -> queue.backlog().places() + " places");
        requireWritten(expected.toString());
    }

    @Test
    void shouldDropWhatIsTooOldBehindAControlMessageAndNoMore() {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.limits(LIMITS.withMaxAge(Duration.ofSeconds(1)));
        offerAll("C1", "old");
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        offerAll("new");
        assertTrue(queue.isOverdue(now + 1_000_000_000L));
        queue.overrun(now + 1_000_000_000L);
        assertEquals(1, queue.droppedMessages());
        requireWritten("C1new");
    }

    @Test
    void shouldRefuseExpendableMessagesWhileItIsNotWritable() {
        offerAll("E12345", "6");
        assertFalse(queue.isWritable());
        assertEquals(OfferResult.REFUSED_EXPENDABLE, offer("E"));
        assertTrue(OfferResult.REFUSED_EXPENDABLE.isRefused());
        offerAll("7");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertTrue(queue.isWritable());
        offerAll("E8");
        requireWritten("E1234567E8");
    }

    @Test
    void shouldReplaceAnExpendableMessageThoughItIsNotWritable() {
        try (SendBuffer older = keyed("E1");
                SendBuffer newer = keyed("E2")) {
            assertEquals(OfferResult.QUEUED, queue.offer(older));
            offerAll("23456");
            assertEquals(OfferResult.QUEUED, queue.offer(newer), "it takes no more than the older one");
        }
        requireWritten("E223456");
    }

    private SendBuffer keyed(String text) {
        return pool.acquire(8)
                .putAscii(text)
                .messageClass(MessageClass.EXPENDABLE)
                .conflate(1)
                .seal();
    }

    @Test
    void shouldMakeNoRoomForAnExpendableMessage() {
        queue.overrunPolicy(OverrunPolicy.skip());
        offerAll("1234567");
        assertEquals(OfferResult.REFUSED_EXPENDABLE, offer("E"));
        assertEquals(0, queue.droppedMessages());
        queue.overrunPolicy(OverrunPolicy.end());
        assertEquals(OfferResult.REFUSED_EXPENDABLE, offer("E"));
        assertFalse(queue.isClosed());
        requireWritten("1234567");
    }

    @Test
    void shouldDropTheOldestExpendableMessageBeforeAnyOther() {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.limits(LIMITS.withWatermarks(10, 2));
        offerAll("12", "E3", "45", "E6", "78");
        offerAll("90", "ab");
        assertEquals(2, queue.droppedMessages());
        offerAll("c");
        assertEquals(3, queue.droppedMessages(), "12: nothing expendable is left");
        requireWritten("457890abc");
    }

    /** It would have made room for itself, and been refused for the rise that this was. */
    @Test
    void shouldMakeNoRoomForAnExpendableMessageThatFindsTheQueueFullFirst() {
        queue.limits(LIMITS.withWatermarks(10, 2));
        queue.overrunPolicy(OverrunPolicy.skip());
        offerAll("1234567890");
        assertTrue(queue.isWritable());
        assertEquals(OfferResult.REFUSED_EXPENDABLE, offer("E"));
        assertFalse(queue.isWritable());
        assertEquals(0, queue.droppedMessages());
        requireWritten("1234567890");
    }

    @Test
    void shouldFindExpendableMessagesFarBehindOthersAndThoseThatCameBeforeThePolicy() {
        queue.limits(QueueLimits.DEFAULT.withMaxQueuedMessages(3_000).withWatermarks(4 << 20, 0));
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 2_998; i++) {
            offerAll("n");
            expected.append('n');
        }
        offerAll("E1", "E2");
        queue.overrunPolicy(OverrunPolicy.skip());
        offerAll("a", "b");
        assertEquals(2, queue.droppedMessages());
        requireWritten(expected.append("ab").toString());
    }

    /** An expendable message that goes first leaves the age of those before it as it was. */
    @Test
    void shouldKnowTheAgeOfWhatStaysBeforeAMessageThatWasDropped() {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.limits(LIMITS.withWatermarks(10, 2).withMaxAge(Duration.ofSeconds(1)));
        offerAll("old", "E23");
        long now = System.nanoTime();
        assertFalse(queue.isOverdue(now));
        offerAll("1234", "567");
        assertEquals(1, queue.droppedMessages(), "E23");
        assertFalse(queue.isOverdue(now + 900_000_000L));
        assertTrue(queue.isOverdue(now + 1_000_000_000L));
        queue.overrun(now + 1_000_000_000L);
        assertEquals(2, queue.droppedMessages(), "old, and nothing else");
        requireWritten("1234567");
    }

    @Test
    void shouldFollowTheLastClassThatWasSet() {
        try (SendBuffer message = pool.acquire(1)) {
            message.messageClass(MessageClass.CONTROL).messageClass(MessageClass.EXPENDABLE);
            assertTrue(message.isExpendable());
            assertFalse(message.isControl());
            message.messageClass(MessageClass.NORMAL);
            assertFalse(message.hasAttributes());
        }
    }

    /** The queue that has it would not notice. */
    @Test
    void shouldRejectAttributesOfAMessageThatIsShared() {
        SendBuffer message = pool.acquire(2).putAscii("12").seal();
        assertEquals(OfferResult.QUEUED, queue.offer(message));
        String why = assertThrows(IllegalStateException.class, () -> message.conflate(1))
                .getMessage();
        assertEquals(
                "the message has 2 references, and what holds the others, a queue for instance, would not notice: set"
                        + " key, class and time before the message is sent, added to a batch, or retained",
                why);
        assertThrows(IllegalStateException.class, () -> message.messageClass(MessageClass.CONTROL));
        assertThrows(IllegalStateException.class, () -> message.expireAfter(Duration.ofSeconds(1)));
        assertFalse(message.hasAttributes());
        messages.add(message);
        requireWritten("12");
    }

    @Test
    void shouldCheckItsReserve() {
        assertEquals("controlReserveBytes must be between 0 and 1,073,741,824, was -1", messageOf(-1, 0));
        assertEquals("controlReserveMessages must be between 0 and 1,048,576, was -1", messageOf(0, -1));
        assertEquals(Long.MAX_VALUE, LIMITS.withMaxQueuedBytes(Long.MAX_VALUE).maxBytesWithControl());
        assertEquals(64 << 10, QueueLimits.DEFAULT.controlReserveBytes());
        assertEquals(64, QueueLimits.DEFAULT.withMaxQueuedMessages(1).controlReserveMessages());
    }

    private static @Nullable String messageOf(int bytes, int count) {
        return assertThrows(IllegalArgumentException.class, () -> LIMITS.withControlReserve(bytes, count))
                .getMessage();
    }
}
