/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A newer message replaces one of the same key that waits. The key of a text is its first letter, if that is small. */
class QueueConflationTest {
    private static final QueueLimits TEN_BYTES = new QueueLimits(10, 100, 4, 4);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<Gap> gaps = new ArrayList<>();
    private final GapNotice notice = gap -> {
        gaps.add(gap);
        return TextMessages.text(pool, "<" + gap.messages() + ">");
    };
    private final SendQueue queue = new SendQueue(TEN_BYTES);
    private final List<SendBuffer> messages = new ArrayList<>();

    private SendBuffer message(String text) {
        SendBuffer message = pool.acquire(text.length() + 1).putAscii(text);
        if (Character.isLowerCase(text.charAt(0))) {
            message.conflate(text.charAt(0));
        }
        messages.add(message.seal());
        return message;
    }

    private void offer(String... texts) {
        for (String text : texts) {
            assertEquals(OfferResult.QUEUED, queue.offer(message(text)), text);
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

    @Test
    void shouldGiveTheNewerMessageTheTurnOfTheOlder() {
        assertSame(Conflation.inPlace(), queue.conflation());
        offer("a1", "b1", "X", "a2", "X", "b22");
        assertEquals(7, queue.queuedBytes());
        assertEquals(4, queue.queuedMessages());
        assertEquals(1, messages.get(0).referenceCount(), "a1 is released");
        assertEquals(2, queue.conflatedMessages());
        assertEquals(0, queue.droppedMessages());
        requireWritten("a2b22XX");
    }

    @Test
    void shouldPutTheNewerMessageAtTheEnd() {
        queue.conflation(Conflation.atEnd());
        offer("a1", "b1", "X", "a2", "Y", "b22");
        assertEquals(7, queue.queuedBytes());
        assertEquals(4, queue.queuedMessages());
        requireWritten("Xa2Yb22");
    }

    /** What is old is what waits, not what was replaced by it. */
    @Test
    void shouldCountTheAgeOfTheNewerMessageAtTheEnd() {
        queue.conflation(Conflation.atEnd());
        queue.limits(TEN_BYTES.withMaxAge(Duration.ofSeconds(10)));
        offer("a1", "b1");
        long now = System.nanoTime();
        queue.isOverdue(now);
        offer("a2");
        assertEquals(OfferResult.QUEUED, offerBatch("b2"));
        queue.isOverdue(now + 10_000_000_000L);
        offer("c");
        queue.isOverdue(now + 20_000_000_000L);
        assertEquals(OfferResult.REFUSED_AGE, queue.offer(message("d")));
        requireWritten("a2b2c");
    }

    @Test
    void shouldLookAtNoKeyIfItIsOff() {
        queue.conflation(Conflation.off());
        offer("a1", "a2", "a3");
        queue.conflation(Conflation.inPlace());
        offer("a4");
        assertEquals(1, queue.conflatedMessages());
        requireWritten("a1a2a4");
    }

    @Test
    void shouldReplaceNothingThatAWriteHas() {
        offer("a1", "b1");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)));
        offer("a2", "b2", "a3");
        assertEquals(1, queue.conflatedMessages());
        requireWritten("a1b1a3b2");
    }

    @Test
    void shouldTakeANewerMessageThoughTheQueueIsFull() {
        offer("a1", "X2345678", "a2");
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(message("a22")), "it is larger, and there is no room");
        assertFalse(queue.isWritable());
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(message("b")));
        offer("a");
        offer("a3");
        requireWritten("a3X2345678");
    }

    @Test
    void shouldTakeANewerMessageThoughItHasAsManyAsItMayHold() {
        for (Conflation each : List.of(Conflation.inPlace(), Conflation.atEnd())) {
            queue.limits(TEN_BYTES.withMaxQueuedMessages(2));
            queue.conflation(each);
            offer("a1", "b1", "a2", "b2");
            assertEquals(OfferResult.REFUSED_MESSAGES, queue.offer(message("c")));
            assertEquals(2, queue.queuedMessages());
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
        }
        requireWritten("a2b2a2b2");
    }

    @Test
    void shouldReplaceAmongManyAsAmongFew() {
        queue.limits(QueueLimits.DEFAULT);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 26; i++) {
            offer((char) ('a' + i) + "1", "X");
        }
        for (int i = 25; i >= 0; i--) {
            offer((char) ('a' + i) + "2", (char) ('a' + i) + "3");
        }
        for (int i = 0; i < 26; i++) {
            expected.append((char) ('a' + i)).append("3X");
        }
        assertEquals(52, queue.conflatedMessages());
        requireWritten(expected.toString());
    }

    @Test
    void shouldNotGrowForMessagesThatGoToTheEndAgainAndAgain() {
        queue.limits(QueueLimits.DEFAULT);
        queue.conflation(Conflation.atEnd());
        offer("X");
        for (int i = 0; i < 100_000; i++) {
            try (SendBuffer keyed = pool.acquire(8).putInt(i).conflate(i % 100).seal()) {
                assertEquals(OfferResult.QUEUED, queue.offer(keyed));
            }
        }
        assertEquals(101, queue.queuedMessages());
        assertTrue(
                queue.backlog().places() <= 2 * 101 + 64, () -> queue.backlog().places() + " places");
        assertTrue(queue.backlog().capacity() <= 1_024, () -> queue.backlog().capacity() + " places");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        ByteBuffer written = ByteBuffer.wrap(channel.bytes());
        assertEquals('X', written.get());
        for (int i = 99_900; i < 100_000; i++) {
            assertEquals(i, written.getInt(), "the last one of each key");
        }
        releaseAll(messages);
    }

    /** Others wait between them, so that they get other numbers when the holes are forgotten. */
    @Test
    void shouldFindEachMessageAfterItsHolesWereForgotten() {
        queue.limits(QueueLimits.DEFAULT);
        queue.conflation(Conflation.atEnd());
        List<Integer> expected = new ArrayList<>();
        for (int i = 1; i < 3_000; i++) {
            int key = i % 7 == 0 ? -1 : (i * 31) % 100;
            int value = 100 * i + Math.max(0, key);
            try (SendBuffer message = pool.acquire(8).putInt(value)) {
                if (key >= 0) {
                    message.conflate(key);
                    expected.removeIf(each -> each >= 0 && each % 100 == key);
                }
                expected.add(key >= 0 ? value : -value);
                assertEquals(OfferResult.QUEUED, queue.offer(message.seal()));
            }
        }
        assertEquals(expected.size(), queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        ByteBuffer written = ByteBuffer.wrap(channel.bytes());
        for (int value : expected) {
            assertEquals(Math.abs(value), written.getInt());
        }
    }

    @Test
    void shouldKeepNoTableOnceItHasCaughtUp() {
        queue.limits(QueueLimits.DEFAULT);
        for (int round = 0; round < 100; round++) {
            offer("a", "b", "c", "d");
            assertFalse(queue.backlog().hasTableOfKeys(), "few wait");
            queue.flush(channel);
        }
        for (int i = 0; i < 26; i++) {
            offer((char) ('a' + i) + "1");
        }
        assertTrue(queue.backlog().hasTableOfKeys());
        for (int round = 0; round < 100; round++) {
            queue.flush(channel);
            offer("X");
        }
        assertFalse(queue.backlog().hasTableOfKeys());
        queue.close();
        releaseAll(messages);
    }

    @Test
    void shouldReplaceAControlMessageByAControlMessageOnly() {
        SendBuffer control = pool.acquire(2)
                .putAscii("a1")
                .conflate('a')
                .messageClass(MessageClass.CONTROL)
                .seal();
        SendBuffer newer = pool.acquire(2)
                .putAscii("a3")
                .conflate('a')
                .messageClass(MessageClass.CONTROL)
                .seal();
        messages.add(control);
        messages.add(newer);
        offerAll(queue, List.of(control));
        offer("a2");
        offerAll(queue, List.of(newer));
        requireWritten("a1a3");
    }

    @Test
    void shouldSayHowManyWereReplacedWhereTheyWere() {
        queue.conflation(Conflation.inPlace().withNotice(notice));
        offer("X", "a1", "b1", "a2", "a3", "bb");
        requireWritten("X<2>a3<1>bb");
        assertEquals(List.of(new Gap(2, 4, -1, -1, 2, 0), new Gap(1, 2, -1, -1, 1, 0)), gaps);
    }

    @Test
    void shouldSayOnceForEachRunHowManyWereReplaced() {
        queue.conflation(Conflation.atEnd().withNotice(notice));
        offer("a1", "b1", "a2");
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(1)), "of the notice, and b1");
        offer("a3", "b2");
        requireWritten("<1>b1<1>a3b2");
    }

    @Test
    void shouldCountWhatWasDroppedAndWhatWasReplacedInOneNotice() {
        queue.overrunPolicy(OverrunPolicy.skip(notice));
        offer("X2345678", "a1", "a2", "b1");
        requireWritten("<2>a2b1");
        assertEquals(List.of(new Gap(2, 10, -1, -1, 1, 0)), gaps);
    }

    @Test
    void shouldSayNothingOfWhatAnotherConflationReplaced() {
        queue.conflation(Conflation.inPlace().withNotice(notice));
        offer("a1", "a2");
        queue.conflation(Conflation.inPlace());
        requireWritten("a2");
        assertTrue(gaps.isEmpty());
    }

    @Test
    void shouldEndWhenWhatIsReplacedWasReleasedTooOften() {
        SendBuffer older = message("a1");
        assertEquals(OfferResult.QUEUED, queue.offer(older));
        older.release();
        older.release();
        SendBuffer newer = message("a2");
        assertEquals(OfferResult.QUEUED, queue.offer(newer), "it was");
        assertTrue(queue.isClosed());
        Throwable failure = queue.failure();
        assertNotNull(failure);
        assertEquals(IllegalStateException.class, failure.getClass());
        assertEquals(1, newer.referenceCount());
        newer.release();
    }

    @Test
    void shouldCountAReplacedMessageAsUnwritten() {
        int[] unwritten = {-1};
        try (SendBuffer older = pool.acquire(2).putAscii("a1").conflate('a').seal()) {
            older.onRelease(count -> unwritten[0] = count);
            queue.offer(older);
        }
        offer("a2");
        assertEquals(1, unwritten[0]);
        requireWritten("a2");
    }

    @Test
    void shouldKeepNoKeyForTheNextMessageInTheSameMemory() {
        for (int i = 0; i < 100; i++) {
            SendBuffer first = pool.acquire(8).conflate(7).seal();
            assertTrue(first.isKeyed());
            first.release();
            SendBuffer next = pool.acquire(8);
            assertFalse(next.hasAttributes());
            next.release();
        }
    }

    @Test
    void shouldQueueANewerMessageUnconflatedWhenTheHeapIsFull() {
        for (int allocations = 0; allocations < 20; allocations++) {
            FullHeap heap = FullHeap.onceAfter(5 + allocations);
            SendQueue tight = new SendQueue(QueueLimits.DEFAULT, heap);
            int queued = 0;
            for (int i = 0; i < 400; i++) {
                try (SendBuffer keyed =
                        pool.acquire(8).putInt(i).conflate(i % 200).seal()) {
                    OfferResult result = tight.offer(keyed);
                    assertTrue(result == OfferResult.QUEUED || result == OfferResult.REFUSED_HEAP, result::toString);
                    queued += result == OfferResult.QUEUED ? 1 : 0;
                }
            }
            assertEquals(queued, tight.queuedMessages() + tight.conflatedMessages());
            assertEquals(4L * tight.queuedMessages(), tight.queuedBytes());
            assertTrue(tight.conflatedMessages() >= 198, () -> tight.conflatedMessages() + " at " + heap.left());
            tight.close();
        }
    }

    // ---- batches

    private SendBatch batchOf(String... texts) {
        SendBatch batch = new SendBatch();
        for (String text : texts) {
            batch.add(message(text));
        }
        return batch.seal();
    }

    private OfferResult offerBatch(String... texts) {
        try (SendBatch batch = batchOf(texts)) {
            return queue.offer(batch);
        }
    }

    @Test
    void shouldReplaceWhatWaitsByTheMessagesOfABatch() {
        for (Conflation each : List.of(Conflation.inPlace(), Conflation.atEnd(), Conflation.off())) {
            queue.conflation(each);
            queue.limits(QueueLimits.DEFAULT);
            offer("a1", "X", "b1");
            assertEquals(OfferResult.QUEUED, offerBatch("Y", "b22", "c", "a2"));
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
        }
        assertEquals(4, queue.conflatedMessages());
        requireWritten("a2Xb22Yc" + "XYb22ca2" + "a1Xb1Yb22ca2");
    }

    @Test
    void shouldTakeTheLastOfEachKeyOfABatch() {
        for (Conflation each : List.of(Conflation.inPlace(), Conflation.atEnd(), Conflation.off())) {
            queue.conflation(each);
            queue.limits(QueueLimits.DEFAULT);
            offer("b");
            assertEquals(OfferResult.QUEUED, offerBatch("a1", "b1", "X", "a2", "b2", "a3"));
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
        }
        assertEquals(8, queue.conflatedMessages());
        requireWritten("b2a3X" + "Xb2a3" + "ba1b1Xa2b2a3");
    }

    @Test
    void shouldTakeABatchWholeOrNotAtAllThoughItReplaces() {
        for (Conflation each : List.of(Conflation.inPlace(), Conflation.atEnd())) {
            queue.conflation(each);
            offer("a1", "X234", "b1", "c1");
            assertEquals(OfferResult.REFUSED_BYTES, offerBatch("a2", "d"), "one byte more");
            assertEquals(10, queue.queuedBytes());
            assertEquals(OfferResult.QUEUED, offerBatch("a", "d", "c2"));
            assertEquals(10, queue.queuedBytes());
            assertEquals(5, queue.queuedMessages());
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
        }
        requireWritten("aX234b1c2d" + "X234b1adc2");
    }

    @Test
    void shouldDropTheOldestForABatchThatReplaces() {
        queue.overrunPolicy(OverrunPolicy.skip(notice));
        offer("X234", "a1", "b1");
        assertEquals(OfferResult.QUEUED, offerBatch("a22222", "b2"));
        assertEquals(1, queue.droppedMessages());
        requireWritten("<2>a22222<1>b2");
        assertEquals(List.of(new Gap(2, 6, -1, -1, 1, 0), new Gap(1, 2, -1, -1, 1, 0)), gaps);
    }

    @Test
    void shouldMergeNoNeighborsThatHaveAttributes() {
        queue.limits(QueueLimits.DEFAULT);
        List<SendBuffer> neighbors = TextMessages.neighbors(pool, "1", "2", "3", "4", "5");
        neighbors.get(2).conflate(7);
        try (SendBatch batch = new SendBatch()) {
            neighbors.forEach(batch::add);
            assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()));
        }
        assertEquals(3, queue.queuedMessages());
        try (SendBuffer newer = pool.acquire(1).putByte('6').conflate(7).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(newer));
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("12645", textOf(channel));
        releaseAll(neighbors);
    }

    @Test
    void shouldSendABatchAgainFromWithinARelease() {
        queue.limits(QueueLimits.DEFAULT);
        try (SendBatch batch = batchOf("a2", "b2", "a3")) {
            int[] sent = {0};
            for (char key : new char[] {'a', 'b'}) {
                try (SendBuffer older =
                        pool.acquire(1).putByte(key).conflate(key).seal()) {
                    older.onRelease(unwritten -> {
                        assertEquals(1, unwritten);
                        sent[0]++;
                        assertEquals(OfferResult.QUEUED, queue.offer(batch));
                    });
                    queue.offer(older);
                }
            }
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
            assertEquals(2, sent[0]);
        }
        requireWritten("a3b2");
    }

    @Test
    void shouldConflateNoBatchThatMixesClassesOfAKey() {
        queue.limits(QueueLimits.DEFAULT);
        SendBuffer control = message("a2").messageClass(MessageClass.CONTROL);
        offer("a1");
        try (SendBatch batch = new SendBatch().add(control).add(message("a3")).seal()) {
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
        }
        offer("a4");
        requireWritten("a1a2a4");
    }
}
