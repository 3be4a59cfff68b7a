/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the policies do with a queue that passes a hard limit. */
class QueueOverrunTest {
    private static final QueueLimits TEN_BYTES = new QueueLimits(10, 100, 4, 4);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<Gap> gaps = new ArrayList<>();
    private final GapNotice notice = gap -> {
        gaps.add(gap);
        return text(pool, "<" + gap.messages() + ">");
    };

    private static SendQueue queueOf(QueueLimits limits, OverrunPolicy policy) {
        SendQueue queue = new SendQueue(limits);
        queue.overrunPolicy(policy);
        assertSame(policy, queue.overrunPolicy());
        return queue;
    }

    @Test
    void shouldHoldUnlessItIsSetOtherwise() {
        assertSame(OverrunPolicy.hold(), new SendQueue().overrunPolicy());
    }

    @Test
    void shouldEndWhenAMessageWouldPassAHardLimit() {
        assertEnds(
                TEN_BYTES,
                OfferResult.REFUSED_BYTES,
                "12345678901",
                "ended as a slow consumer: more than 10 bytes would have waited; raise the"
                        + " limit, or choose another OverrunPolicy than end()");
        assertEnds(
                TEN_BYTES.withMaxQueuedMessages(2),
                OfferResult.REFUSED_MESSAGES,
                "123",
                "ended as a slow consumer: more than 2 messages would"
                        + " have waited; raise the limit, or choose another OverrunPolicy than end()");
    }

    private void assertEnds(QueueLimits limits, OfferResult limit, String digits, String why) {
        SendQueue queue = queueOf(limits, OverrunPolicy.end());
        List<SendBuffer> messages = neighbors(pool, digits.split(""));
        offerAll(queue, messages.subList(0, messages.size() - 1));
        SendBuffer last = messages.get(messages.size() - 1);
        assertEquals(OfferResult.CLOSED, queue.offer(last));
        Throwable failure = queue.failure();
        assertNotNull(failure);
        SlowConsumerException cause = assertInstanceOf(SlowConsumerException.class, failure);
        assertEquals(limit, cause.limit());
        assertEquals(why, cause.getMessage());
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldNotEndForAMessageThatCouldNeverFit() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.end());
        try (SendBuffer message = text(pool, "12345678901")) {
            assertEquals(OfferResult.TOO_LARGE, queue.offer(message));
        }
        assertFalse(queue.isClosed());
        queue.close();
    }

    @Test
    void shouldLeaveItsEndToItsOwner() {
        List<SlowConsumerException> causes = new ArrayList<>();
        SendQueue queue = new SendQueue(TEN_BYTES, OverrunPolicy.end(), causes::add);
        List<SendBuffer> messages = neighbors(pool, "1234567890", "1");
        offerAll(queue, messages.subList(0, 1));
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(1)), "the owner ends it later");
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(1)));
        assertEquals(1, causes.size());
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldEndThoughItsOwnerThrows() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        SendQueue queue = new SendQueue(TEN_BYTES, OverrunPolicy.end(), cause -> {
            throw thrown;
        });
        List<SendBuffer> messages = neighbors(pool, "1234567890", "1");
        offerAll(queue, messages.subList(0, 1));
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(1)));
        Throwable failure = queue.failure();
        assertNotNull(failure);
        assertSame(thrown, failure.getSuppressed()[0]);
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldDropTheOldestThatNoWriteHas() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip());
        List<SendBuffer> messages = separate(pool, "abc", "de", "fgh", "ij", "klm", "n");
        offerAll(queue, messages.subList(0, 4));
        channel.takeAtMost(1);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel), "abc is cut, and de is in the same write");
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(4)), "in the place of fgh");
        assertEquals(OfferResult.QUEUED, queue.offerRetained(messages.get(5).retain(1)), "in the place of none");
        assertEquals(1, messages.get(2).referenceCount(), "fgh is released");
        assertEquals(1, queue.droppedMessages());
        assertEquals(3, queue.droppedBytes());
        channel.takeAtMost(100);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcdeijklmn", textOf(channel));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldRefuseWhatEvenTheDroppedLeaveNoRoomFor() {
        SendQueue queue = queueOf(TEN_BYTES.withMaxBytesPerWrite(10), OverrunPolicy.skip());
        List<SendBuffer> messages = separate(pool, "abcdef", "ghij", "klmno");
        offerAll(queue, messages.subList(0, 2));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)));
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(2)), "all else is being written");
        assertEquals(0, queue.droppedMessages());
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldEndWhenWhatItDropsWasReleasedTooOften() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip());
        List<SendBuffer> messages = separate(pool, "abcdefgh", "12345");
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(0)));
        messages.get(0).release();
        messages.get(0).release();
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(1)), "the sender of another message is not to blame");
        assertEquals(IllegalStateException.class, classOf(queue.failure()));
        assertEquals(1, messages.get(1).referenceCount());
        messages.get(1).release();
    }

    @Test
    void shouldDropForABatchToo() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip());
        List<SendBuffer> messages = separate(pool, "abcd", "efgh", "ij", "kl", "mno");
        offerAll(queue, messages.subList(0, 3));
        try (SendBatch batch =
                new SendBatch().add(messages.get(3)).add(messages.get(4)).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
        }
        assertEquals(2, queue.droppedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("ijklmno", textOf(channel));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldSendANoticeWhereTheLossIsOnceForEachRun() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcd", "efgh", "ij", "kl", "mno", "pqrstu");
        offerAll(queue, messages.subList(0, 3));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)));
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(3)), "in the place of efgh");
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(4)));
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(5)), "in that of ij, kl and mno");
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(100)));
        assertEquals("abcd<4>pqrstu", textOf(channel));
        assertEquals(List.of(Gap.ofQueue(4, 11, 0, 0)), gaps);
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    private SendBuffer control(String text) {
        return pool.acquire(text.length())
                .putAscii(text)
                .messageClass(MessageClass.CONTROL)
                .seal();
    }

    /** Messages of a byte, and as many control messages, in turn; then others for all of whose bytes the first go. */
    private String writtenAfterLossesIn(SendQueue queue, int places) {
        List<SendBuffer> messages = new ArrayList<>();
        for (int i = 0; i < places; i++) {
            messages.add(control("C"));
            messages.add(text(pool, "n"));
        }
        offerAll(queue, messages);
        try (SendBuffer large = text(pool, "L".repeat(places))) {
            assertEquals(OfferResult.QUEUED, queue.offer(large));
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(places, queue.droppedMessages());
        assertOnlyOurs(messages);
        releaseAll(messages);
        return textOf(channel);
    }

    @Test
    void shouldSendANoticeAtEachPlaceWhereSomeAreMissing() {
        SendQueue queue = queueOf(new QueueLimits(20, 100, 100, 4), OverrunPolicy.skip(notice));
        List<SendBuffer> messages = new ArrayList<>(List.of(text(pool, "ab"), text(pool, "cd"), control("X")));
        messages.addAll(List.of(text(pool, "efg"), control("Y"), control("Z"), text(pool, "hi"), text(pool, "jklmn")));
        offerAll(queue, messages);
        try (SendBuffer large = text(pool, "LLLLLLLLLLLL")) {
            assertEquals(OfferResult.QUEUED, queue.offer(large), "ab, cd, efg and hi are dropped");
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("<2>X<1>YZ<1>jklmnLLLLLLLLLLLL", textOf(channel));
        assertEquals(List.of(Gap.ofQueue(2, 4, 0, 0), Gap.ofQueue(1, 3, 0, 0), Gap.ofQueue(1, 2, 0, 0)), gaps);
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        releaseAll(messages);
    }

    @Test
    void shouldMakeOneNoticeOfRunsThatHaveBecomeOne() {
        SendQueue queue = queueOf(new QueueLimits(8, 100, 100, 4).withWatermarks(8, 2), OverrunPolicy.skip(notice));
        List<SendBuffer> messages = new ArrayList<>();
        for (String text : List.of("E1", "n2", "E3", "n4")) {
            SendBuffer message = pool.acquire(4).putAscii(text);
            messages.add(text.startsWith("E") ? message.messageClass(MessageClass.EXPENDABLE) : message);
        }
        messages.forEach(SendBuffer::seal);
        offerAll(queue, messages);
        List<SendBuffer> more = separate(pool, "5678", "90");
        offerAll(queue, more);
        assertEquals(3, queue.droppedMessages(), "E1 and E3, and then what was between them");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("<3>n4567890", textOf(channel));
        releaseAll(messages);
        releaseAll(more);
    }

    @Test
    void shouldMakeNoMoreThanSixteenNoticesOfWhatIsLostInMorePlaces() {
        SendQueue queue = queueOf(new QueueLimits(40, 100, 100, 4), OverrunPolicy.skip(notice));
        assertEquals("C<1>".repeat(15) + "C<5>" + "C".repeat(4) + "L".repeat(20), writtenAfterLossesIn(queue, 20));
    }

    @Test
    void shouldCountAllInOneNoticeWhenTheHeapHasNoRoomForAnother() {
        for (int allocations = 0; allocations < 12; allocations++) {
            FullHeap heap = FullHeap.onceAfter(allocations);
            SendQueue queue;
            try {
                queue = new SendQueue(new QueueLimits(20, 100, 100, 4), heap);
            } catch (OutOfMemoryError e) {
                continue; // no queue then
            }
            queue.overrunPolicy(OverrunPolicy.skip(notice));
            long noticed = 0;
            gaps.clear();
            List<SendBuffer> messages = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                SendBuffer message = i % 4 == 0 ? control("C") : text(pool, "nn");
                queue.offer(message);
                messages.add(message);
            }
            while (queue.flush(channel) != FlushResult.DRAINED) {}
            for (Gap gap : gaps) {
                noticed += gap.messages();
            }
            assertEquals(queue.droppedMessages(), noticed, () -> "at " + heap.left());
            queue.close();
            releaseAll(messages);
        }
    }

    @Test
    void shouldSendANoticeThoughTheQueueIsFull() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890");
        offerAll(queue, messages);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)));
        assertEquals(12, queue.queuedBytes(), "two bytes of the notice, and ten of the message");
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(100)));
        assertEquals("<1>1234567890", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldCountEachMessageOfABatchInANotice() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = neighbors(pool, "abc", "de", "fghij");
        offerMerged(queue, messages);
        try (SendBuffer more = text(pool, "1")) {
            assertEquals(OfferResult.QUEUED, queue.offer(more));
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("<3>1", textOf(channel));
        assertEquals(List.of(Gap.ofQueue(3, 10, 0, 0)), gaps);
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    private static void offerMerged(SendQueue queue, List<SendBuffer> neighbors) {
        try (SendBatch batch = new SendBatch()) {
            neighbors.forEach(batch::add);
            assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()));
        }
        assertEquals(1, queue.queuedMessages());
    }

    @Test
    void shouldCountEachMessageOfABatchThatHasMoved() {
        int chunk = 1 << 10;
        SendBufferPool small = Pools.track(
                SendBufferPool.builder().chunkSize(chunk).maxMemory(64L * chunk).build());
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = neighbors(small, "abc", "de", "fghij");
        offerMerged(queue, messages);
        releaseAll(messages);
        for (int i = 0; i < 40; i++) {
            try (SendBuffer passing = small.acquire(chunk)) {
                assertFalse(passing.isSealed());
            }
        }
        SendBuffer before = queue.backlog().at(0);
        assertTrue(small.evacuate() > 0);
        assertTrue(queue.backlog().at(0) != before, "it has moved");
        try (SendBuffer more = text(pool, "1")) {
            assertEquals(OfferResult.QUEUED, queue.offer(more));
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("<3>1", textOf(channel));
    }

    @Test
    void shouldSendTheNoticeOfWhatAQueueLostBeforeItFinished() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890");
        offerAll(queue, messages);
        queue.finish();
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertNull(queue.failure());
        assertEquals("<1>1234567890", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldNoticeOfWhatWasLostUnderThePolicyBefore() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890", "klm", "no");
        offerAll(queue, messages.subList(0, 2));
        queue.overrunPolicy(OverrunPolicy.hold());
        assertEquals(FlushResult.DRAINED, queue.flush(channel), "this one makes no notice");
        queue.overrunPolicy(OverrunPolicy.skip(notice));
        offerAll(queue, messages.subList(2, 3));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1234567890<1>klm", textOf(channel));
        releaseAll(messages);
    }

    /** An empty pool must not cost a client what it is to know. */
    @Test
    void shouldAskAgainForANoticeThatCouldNotBeMadeWithAllThatWasLost() {
        AtomicInteger refusals = new AtomicInteger(2);
        SendQueue queue = queueOf(
                TEN_BYTES, OverrunPolicy.skip(gap -> refusals.getAndDecrement() > 0 ? null : notice.noticeOf(gap)));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890", "klm", "no");
        offerAll(queue, messages.subList(0, 2));
        assertEquals(FlushResult.DRAINED, queue.flush(channel), "it is not asked for again at once");
        assertEquals(1, refusals.get());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(1, refusals.get(), "nothing has come");
        offerAll(queue, messages.subList(2, 3));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        offerAll(queue, messages.subList(3, 4));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1234567890klm<1>no", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldCountWhatIsLostAfterANoticeThatCouldNotBeMade() {
        AtomicInteger refusals = new AtomicInteger(1);
        SendQueue queue = queueOf(
                TEN_BYTES, OverrunPolicy.skip(gap -> refusals.getAndDecrement() > 0 ? null : notice.noticeOf(gap)));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890", "klmnopqrst", "0987654321");
        offerAll(queue, messages.subList(0, 2));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        offerAll(queue, messages.subList(2, 4));
        assertEquals(FlushResult.DRAINED, queue.flush(channel.takeAtMost(100)));
        assertEquals("1234567890<2>0987654321", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldSendNoNoticeWhereTheFactoryMakesNone() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(gap -> null));
        assertEquals(FlushResult.DRAINED, overrunAndFlush(queue));
        SendQueue empty =
                queueOf(TEN_BYTES, OverrunPolicy.skip(gap -> pool.acquire(0).seal()));
        assertEquals(FlushResult.DRAINED, overrunAndFlush(empty));
        assertEquals("12345678901234567890", textOf(channel));
    }

    @Test
    void shouldEndWithWhatTheFactoryThrows() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(gap -> {
            throw thrown;
        }));
        assertEquals(FlushResult.CLOSED, overrunAndFlush(queue));
        assertSame(thrown, queue.failure());
        SendBuffer[] unsealed = new SendBuffer[1];
        SendQueue other = queueOf(TEN_BYTES, OverrunPolicy.skip(gap -> unsealed[0] = pool.acquire(5)));
        assertEquals(FlushResult.CLOSED, overrunAndFlush(other));
        assertEquals(IllegalStateException.class, classOf(other.failure()));
        assertEquals(0, unsealed[0].referenceCount(), "it is released all the same");
    }

    private static @Nullable Class<?> classOf(@Nullable Throwable thrown) {
        return thrown == null ? null : thrown.getClass();
    }

    private FlushResult overrunAndFlush(SendQueue queue) {
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890");
        offerAll(queue, messages);
        FlushResult result = queue.flush(channel);
        assertOnlyOurs(messages);
        releaseAll(messages);
        return result;
    }

    @Test
    void shouldSendTheNoticeInAWriteThatCompletesLater() {
        SendQueue queue = queueOf(TEN_BYTES.withMaxBytesPerWrite(100), OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890");
        offerAll(queue, messages);
        assertEquals(2, queue.beginWrite());
        assertEquals(3, queue.writeBuffers()[0].remaining(), "the notice");
        assertEquals(1, queue.completeWrite(5));
        assertEquals(0, queue.completeWrite(8));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldSayNothingOfWhatAnotherPolicyDropped() {
        SendQueue queue = queueOf(TEN_BYTES, OverrunPolicy.skip(notice));
        List<SendBuffer> messages = separate(pool, "abcdefghij", "1234567890");
        offerAll(queue, messages);
        queue.overrunPolicy(OverrunPolicy.hold());
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(0)));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("1234567890", textOf(channel));
        assertTrue(gaps.isEmpty());
        releaseAll(messages);
    }
}
