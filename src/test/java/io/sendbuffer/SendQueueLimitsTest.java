/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The limits of a queue are hard, and bytes in flight count until they are written. */
class SendQueueLimitsTest {
    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();

    @Test
    void shouldRefuseTheMessageThatWouldPassTheByteLimitWhole() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(10));
        List<SendBuffer> messages = neighbors(pool, "123456", "12345", "1234", "1");
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(0)));
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(1)));
        assertEquals(1, messages.get(1).referenceCount(), "a refused message is not retained");
        assertEquals(6, queue.queuedBytes());
        assertEquals(1, queue.queuedMessages());
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(2)));
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(3)));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1234561234", TextMessages.textOf(channel));
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(1)));
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldRefuseMoreMessagesThanTheLimit() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(2));
        List<SendBuffer> messages = neighbors(pool, "a", "b", "c");
        offerAll(queue, messages.subList(0, 2));
        assertEquals(OfferResult.REFUSED_MESSAGES, queue.offer(messages.get(2)));
        assertEquals(1, messages.get(2).referenceCount());
        assertEquals(2, queue.queuedMessages());
        try (SendBuffer empty = pool.acquire(0).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(empty), "an empty message takes no space");
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(2)));
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldSayOfAMessageLargerThanTheByteLimitThatItNeverFits() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(4));
        try (SendBuffer message = text(pool, "12345");
                SendBuffer other = text(pool, "1234")) {
            assertEquals(OfferResult.TOO_LARGE, queue.offer(message));
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
            assertEquals(OfferResult.TOO_LARGE, queue.offerRetained(message));
            assertEquals(OfferResult.QUEUED, queue.offer(other));
            assertEquals(OfferResult.TOO_LARGE, queue.offer(message), "not only refused, though it is full");
            assertEquals(OfferResult.REFUSED_BYTES, queue.offer(other));
            assertEquals(1, message.referenceCount());
            queue.close();
            assertEquals(OfferResult.CLOSED, queue.offer(message));
        }
    }

    @Test
    void shouldCountBytesUntilTheyAreWrittenAndMessagesUntilTheirEndIs() {
        SendQueue queue = new SendQueue(new QueueLimits(10, 2, 100, 4));
        List<SendBuffer> messages = neighbors(pool, "12345", "67890", "1", "234");
        offerAll(queue, messages.subList(0, 2));
        channel.takeAtMost(4);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        assertEquals(6, queue.queuedBytes());
        assertEquals(2, queue.queuedMessages());
        assertEquals(OfferResult.REFUSED_MESSAGES, queue.offer(messages.get(2)), "two are still being written");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        assertEquals(2, queue.queuedBytes());
        assertEquals(1, queue.queuedMessages());
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(3)));
        assertEquals(5, queue.queuedBytes());
        channel.takeAtMost(100);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1234567890234", TextMessages.textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldCountWhatIsBeingWrittenDuringTheWrite() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(8));
        List<SendBuffer> messages = neighbors(pool, "12345", "6789");
        offerAll(queue, messages.subList(0, 1));
        channel.duringWrite(() -> {
            assertEquals(5, queue.queuedBytes());
            assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(1)));
        });
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        releaseAll(messages);
    }

    @Test
    void shouldRefuseLimitsThatCannotBe() {
        requireRefused("maxQueuedBytes", 0, () -> QueueLimits.DEFAULT.withMaxQueuedBytes(0));
        requireRefused("maxQueuedMessages", 0, () -> QueueLimits.DEFAULT.withMaxQueuedMessages(0));
        int tooMany = (1 << 30) + 1;
        requireRefused("maxQueuedMessages", tooMany, () -> QueueLimits.DEFAULT.withMaxQueuedMessages(tooMany));
        requireRefused("maxBytesPerWrite", -4, () -> QueueLimits.DEFAULT.withMaxBytesPerWrite(-4));
        requireRefused("maxEntriesPerWrite", 0, () -> QueueLimits.DEFAULT.withMaxEntriesPerWrite(0));
        requireRefused("maxEntriesPerWrite", 1_025, () -> QueueLimits.DEFAULT.withMaxEntriesPerWrite(1_025));
    }

    private static void requireRefused(String name, int value, Executable limits) {
        assertSays(
                assertThrows(IllegalArgumentException.class, limits),
                name + " must be between",
                String.format("was %,d", value));
    }

    @Test
    void shouldChangeOneLimitAndKeepTheOthers() {
        QueueLimits limits = new QueueLimits(8, 2, 3, 4).withWatermarks(6, 5);
        assertEquals(new QueueLimits(9, 2, 3, 4).withWatermarks(6, 5), limits.withMaxQueuedBytes(9));
        assertEquals(new QueueLimits(8, 9, 3, 4).withWatermarks(6, 5), limits.withMaxQueuedMessages(9));
        assertEquals(new QueueLimits(8, 2, 9, 4).withWatermarks(6, 5), limits.withMaxBytesPerWrite(9));
        assertEquals(new QueueLimits(8, 2, 3, 9).withWatermarks(6, 5), limits.withMaxEntriesPerWrite(9));
        assertEquals(new QueueLimits(8, 2, 3, 4).withWatermarks(7, 1), limits.withWatermarks(7, 1));
    }
}
