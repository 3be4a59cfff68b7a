/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A batch in a queue: accepted whole or not at all, in its order, and given back however the queue ends. */
class SendQueueBatchTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendBatch batch = new SendBatch();

    private SendBatch batchOf(List<SendBuffer> messages) {
        messages.forEach(batch::add);
        return batch.seal();
    }

    private void clearAndRelease(List<SendBuffer> messages) {
        batch.clear();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldHoldReferencesOfItsOwnUntilTheMessagesAreWritten() {
        List<SendBuffer> messages = separate(pool, "ab", "cde");
        assertEquals(OfferResult.QUEUED, queue.offer(batchOf(messages)));
        messages.forEach(message -> assertEquals(3, message.referenceCount()));
        assertEquals(5, queue.queuedBytes());
        assertEquals(2, queue.queuedMessages());
        batch.clear();
        releaseAll(messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcde", textOf(channel));
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldTakeOverRetainedReferencesWhenItIsQueuedOnly() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(3));
        List<SendBuffer> messages = separate(pool, "a", "bc");
        batchOf(messages).retain(3);
        assertEquals(OfferResult.QUEUED, small.offerRetained(batch));
        assertEquals(OfferResult.REFUSED_BYTES, small.offerRetained(batch));
        messages.forEach(message -> assertEquals(5, message.referenceCount()));
        small.close();
        assertEquals(OfferResult.CLOSED, small.offerRetained(batch));
        messages.forEach(message -> assertEquals(4, message.referenceCount()));
        batch.release(2);
        clearAndRelease(messages);
    }

    @Test
    void shouldRefuseABatchWholeWhenOneByteTooMany() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(10));
        List<SendBuffer> messages = separate(pool, "abcd", "efg");
        try (SendBuffer before = text(pool, "1234")) {
            small.offer(before);
            assertEquals(OfferResult.REFUSED_BYTES, small.offer(batchOf(messages)));
            messages.forEach(message -> assertEquals(2, message.referenceCount()));
            assertEquals(4, small.queuedBytes());
            assertEquals(1, small.queuedMessages());
        }
        assertEquals(FlushResult.DRAINED, small.flush(channel));
        assertEquals(OfferResult.QUEUED, small.offer(batch), "there is room again");
        try (SendBuffer after = text(pool, "567")) {
            assertEquals(OfferResult.QUEUED, small.offer(after), "up to the last byte");
        }
        assertEquals(FlushResult.DRAINED, small.flush(channel));
        assertEquals("1234abcdefg567", textOf(channel));
        clearAndRelease(messages);
    }

    @Test
    void shouldRefuseABatchWholeWhenOneMessageTooMany() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(3));
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        try (SendBuffer before = text(pool, "1")) {
            small.offer(before);
            assertEquals(OfferResult.REFUSED_MESSAGES, small.offer(batchOf(messages)));
            messages.forEach(message -> assertEquals(2, message.referenceCount()));
            assertEquals(1, small.queuedMessages());
        }
        assertEquals(FlushResult.DRAINED, small.flush(channel));
        assertEquals(OfferResult.QUEUED, small.offer(batch), "exactly as many as allowed");
        assertEquals(FlushResult.DRAINED, small.flush(channel));
        assertEquals("1abc", textOf(channel));
        clearAndRelease(messages);
    }

    @Test
    void shouldCountABatchUntilItIsWritten() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(3));
        List<SendBuffer> messages = separate(pool, "abc", "def");
        small.offer(batchOf(messages));
        assertEquals(FlushResult.BLOCKED, small.flush(channel.takeAtMost(4)));
        assertEquals(2, small.queuedBytes());
        assertEquals(1, small.queuedMessages());
        assertEquals(OfferResult.QUEUED, small.offer(batch));
        assertEquals(OfferResult.REFUSED_MESSAGES, small.offer(batch));
        assertEquals(FlushResult.DRAINED, small.flush(channel.takeAtMost(100)));
        assertEquals("abcdefabcdef", textOf(channel));
        clearAndRelease(messages);
    }

    @Test
    void shouldSayOfABatchThatIsTooLargeForAnEmptyQueueThatItNeverFits() {
        SendQueue small = new SendQueue(new QueueLimits(100, 2, 10, 4));
        SendQueue narrow = new SendQueue(new QueueLimits(2, 100, 10, 4));
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        assertEquals(OfferResult.TOO_LARGE, small.offer(batchOf(messages)));
        assertEquals(OfferResult.TOO_LARGE, narrow.offer(batch));
        assertEquals(OfferResult.TOO_LARGE, narrow.offerRetained(batch));
        messages.forEach(message -> assertEquals(2, message.referenceCount(), "ours and the batch's"));
        small.finish();
        assertEquals(OfferResult.CLOSED, small.offer(batch));
        assertEquals(FlushResult.CLOSED, small.flush(channel));
        assertEquals(0, channel.byteCount());
        clearAndRelease(messages);
    }

    /** Whether neighbors could be merged must not decide whether an empty queue accepts them. */
    @Test
    void shouldRefuseMoreMessagesThanItsLimitWhetherMergedOrNot() {
        SendQueue ofTwo = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(2));
        SendQueue ofThree = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(3));
        List<SendBuffer> neighbors = List.of(text(pool, "a"), text(pool, "b"), text(pool, "c"));
        batchOf(neighbors);
        assertEquals(OfferResult.TOO_LARGE, ofTwo.offer(batch));
        assertEquals(OfferResult.QUEUED, ofThree.offer(batch));
        assertEquals(1, ofThree.queuedMessages(), "they were merged");
        ofThree.close();
        clearAndRelease(neighbors);
    }

    @Test
    void shouldSayThatItIsClosedOrFinishesAndKeepNothing() {
        List<SendBuffer> messages = separate(pool, "a", "b");
        batchOf(messages);
        SendQueue finishing = new SendQueue();
        finishing.offer(batch);
        finishing.finish();
        assertEquals(OfferResult.CLOSED, finishing.offer(batch));
        messages.forEach(message -> assertEquals(3, message.referenceCount()));
        assertEquals(FlushResult.CLOSED, finishing.flush(channel));
        assertEquals("ab", textOf(channel), "what was accepted before is written");
        queue.close();
        assertEquals(OfferResult.CLOSED, queue.offer(batch));
        assertEquals(0, queue.queuedMessages());
        clearAndRelease(messages);
    }

    @Test
    void shouldTakeABatchWithoutMessages() {
        assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()));
        assertEquals(OfferResult.QUEUED, queue.offerRetained(batch));
        assertEquals(0, queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        queue.close();
        assertEquals(OfferResult.CLOSED, queue.offer(batch));
    }

    @Test
    void shouldKeepTheOrderAmongSingleMessages() {
        List<SendBuffer> singles = separate(pool, "1", "2", "3");
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        batchOf(messages);
        offerAll(queue, singles.subList(0, 1));
        queue.offer(batch);
        offerAll(queue, singles.subList(1, 2));
        queue.offer(batch);
        offerAll(queue, singles.subList(2, 3));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1abc2abc3", textOf(channel));
        releaseAll(singles);
        clearAndRelease(messages);
    }

    @Test
    void shouldWriteAMessageAsOftenAsItIsInTheBatch() {
        List<SendBuffer> messages = separate(pool, "a", "b");
        SendBuffer a = messages.get(0);
        batch.add(a).add(messages.get(1)).add(a).add(a).seal();
        queue.offer(batch);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abaa", textOf(channel));
        clearAndRelease(messages);
    }

    @Test
    void shouldTakeBatchesThatAreMuchLargerThanItsRing() {
        String[] texts = IntStream.range(0, 3_000).mapToObj(i -> i + ",").toArray(String[]::new);
        String expected = String.join("", texts);
        List<SendBuffer> messages = separate(pool, texts);
        try (SendBuffer first = text(pool, "first,")) {
            queue.offer(first);
        }
        assertEquals(OfferResult.QUEUED, queue.offer(batchOf(messages)));
        assertEquals(OfferResult.QUEUED, queue.offer(batch));
        assertEquals(6_001, queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("first," + expected + expected, textOf(channel));
        clearAndRelease(messages);
    }

    @Test
    void shouldOfferNothingWhenAMessageInTheMiddleHasNoRoomForAReference() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        batchOf(messages);
        messages.get(1).retain(Integer.MAX_VALUE - 2);
        assertThrows(IllegalStateException.class, () -> queue.offer(batch));
        assertEquals(0, queue.queuedMessages());
        messages.get(1).release(Integer.MAX_VALUE - 2);
        clearAndRelease(messages);
    }
}
