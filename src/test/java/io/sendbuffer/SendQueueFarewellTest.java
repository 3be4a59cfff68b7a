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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A queue that finishes with a last message: nothing refuses it, nothing drops it, and nothing follows it. */
class SendQueueFarewellTest {
    private static final QueueLimits TEN_BYTES = new QueueLimits(10, 2, 4, 4);

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendQueue queue = new SendQueue(TEN_BYTES);
    private final List<SendBuffer> messages = separate(pool, "01234", "56789", "refused");
    private final SendBuffer bye = text(pool, "goodbye, goodbye!");

    @AfterEach
    void requireAllReleased() {
        assertOnlyOurs(messages);
        releaseAll(messages);
        assertEquals(1, bye.referenceCount());
        bye.release();
    }

    private void fill() {
        offerAll(queue, messages.subList(0, 2));
        assertEquals(OfferResult.REFUSED_BYTES, queue.offer(messages.get(2)));
    }

    private void requireEnds(String written) {
        assertEquals(FlushResult.CLOSED, queue.flush(channel.takeAtMost(1 << 20)));
        assertNull(queue.failure());
        assertTrue(queue.isClosed());
        assertEquals(written, textOf(channel));
        assertEquals(0, queue.queuedMessages());
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.unwrittenMessages());
        assertEquals(0, queue.unwrittenBytes());
    }

    @Test
    void shouldWriteItAfterAFullQueue() {
        fill();
        assertTrue(queue.finish(bye));
        assertEquals(2, bye.referenceCount());
        assertEquals(3, queue.queuedMessages());
        assertEquals(10 + bye.length(), queue.queuedBytes());
        assertFalse(queue.isWrittenToTheEnd());
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(2)));
        requireEnds("0123456789goodbye, goodbye!");
        assertEquals(3, queue.stats().writtenMessages());
        assertTrue(queue.isWrittenToTheEnd());
    }

    @Test
    void shouldWriteItFromAnEmptyQueue() {
        assertTrue(queue.finish(bye));
        assertTrue(queue.hasWork());
        requireEnds("goodbye, goodbye!");
    }

    @Test
    void shouldAcceptOneOnly() {
        assertTrue(queue.finish(bye));
        assertFalse(queue.finish(messages.get(0)));
        requireEnds("goodbye, goodbye!");
        assertFalse(queue.finish(messages.get(0)), "it has ended");
    }

    @Test
    void shouldRefuseItOnceItFinishes() {
        offerAll(queue, messages.subList(0, 1));
        queue.finish();
        assertFalse(queue.finish(bye));
        assertEquals(1, bye.referenceCount());
        requireEnds("01234");
    }

    @Test
    void shouldEndWithoutAnEmptyOne() {
        offerAll(queue, messages.subList(0, 1));
        SendBuffer empty = pool.acquire(1).seal();
        assertTrue(queue.finish(empty));
        assertEquals(1, empty.referenceCount());
        empty.release();
        assertEquals(1, queue.queuedMessages());
        requireEnds("01234");
    }

    @Test
    void shouldRefuseABufferThatIsNotSealedAndStayOpen() {
        SendBuffer open = pool.acquire(1);
        assertThrows(IllegalStateException.class, () -> queue.finish(open));
        open.release();
        assertThrows(IllegalStateException.class, () -> queue.finish(open));
        assertFalse(queue.isFinishing());
        assertTrue(queue.finish(bye));
        requireEnds("goodbye, goodbye!");
    }

    @Test
    void shouldWriteItInPiecesAndNothingAfterIt() {
        fill();
        assertTrue(queue.finish(bye));
        channel.takeAtMost(3);
        for (int flushes = 0; queue.flush(channel) == FlushResult.BLOCKED; flushes++) {
            assertEquals(OfferResult.CLOSED, queue.offer(messages.get(2)));
            assertTrue(flushes < 100);
        }
        requireEnds("0123456789goodbye, goodbye!");
    }

    @Test
    void shouldWriteItInTurns() {
        fill();
        assertTrue(queue.finish(bye));
        int turns = 0;
        while (queue.flush(channel, 1) == FlushResult.MORE) {
            turns++;
        }
        assertTrue(turns >= 1, () -> "a turn for each write");
        requireEnds("0123456789goodbye, goodbye!");
    }

    @Test
    void shouldWriteItWhereWritesCompleteLater() {
        fill();
        int count = queue.beginWrite();
        assertTrue(queue.finish(bye));
        long all = 0;
        while (count > 0) {
            long written = 0;
            for (int i = 0; i < count; i++) {
                written += queue.writeBuffers()[i].remaining();
            }
            all += written;
            count = queue.completeWrite(written);
        }
        assertEquals(SendQueue.ENDED, count);
        assertEquals(10 + bye.length(), all);
        assertTrue(queue.isClosed());
        assertEquals(0, queue.unwrittenMessages());
    }

    /** No class, no key and no time has an effect. */
    @Test
    void shouldWriteItWhateverItsAttributes() {
        SendBuffer last = pool.acquire(3)
                .putAscii("bye")
                .messageClass(MessageClass.EXPENDABLE)
                .conflate(7)
                .expireAfter(Duration.ofMillis(1))
                .seal();
        SendBuffer older = pool.acquire(3).putAscii("old").conflate(7).seal();
        assertEquals(OfferResult.QUEUED, queue.offer(older));
        older.release();
        offerAll(queue, messages.subList(0, 1));
        assertTrue(queue.finish(last));
        long start = System.nanoTime();
        while (System.nanoTime() - start < 5_000_000) {
            Thread.onSpinWait(); // its time is over
        }
        requireEnds("old01234bye");
        assertEquals(0, queue.expiredMessages() + queue.conflatedMessages());
        last.release();
    }

    @Test
    void shouldNotDropItUnderAnyPolicy() {
        queue.overrunPolicy(OverrunPolicy.skip());
        fillBySkipping();
        assertTrue(queue.finish(bye));
        queue.overrun(System.nanoTime() + Duration.ofDays(1).toNanos());
        queue.overrunPolicy(OverrunPolicy.end());
        queue.limits(new QueueLimits(4, 1, 4, 4));
        requireEnds("56789goodbye, goodbye!");
    }

    private void fillBySkipping() {
        offerAll(queue, messages.subList(0, 2));
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(2)));
        assertEquals(2, queue.droppedMessages());
        assertEquals(OfferResult.QUEUED, queue.offer(messages.get(1)));
        assertEquals(3, queue.droppedMessages());
    }

    // ---- notices

    private final List<Gap> gaps = new ArrayList<>();

    @Test
    void shouldWriteTheNoticeOfWhatWasLostBeforeIt() {
        queue.overrunPolicy(OverrunPolicy.skip(gap -> {
            gaps.add(gap);
            return text(pool, "<" + gap.messages() + ">");
        }));
        fillBySkipping();
        assertTrue(queue.finish(bye));
        requireEnds("<3>56789goodbye, goodbye!");
        assertEquals(1, gaps.size());
    }

    @Test
    void shouldAskOnceMoreForANoticeThatCouldNotBeMade() {
        AtomicInteger refusals = new AtomicInteger(1);
        queue.overrunPolicy(OverrunPolicy.skip(
                gap -> refusals.getAndDecrement() > 0 ? null : text(pool, "<" + gap.messages() + ">")));
        fillBySkipping();
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertTrue(queue.finish(bye));
        requireEnds("56789<3>goodbye, goodbye!");
    }

    @Test
    void shouldWriteItThoughNoNoticeCanBeMade() {
        queue.overrunPolicy(OverrunPolicy.skip(gap -> {
            gaps.add(gap);
            return null;
        }));
        fillBySkipping();
        assertTrue(queue.finish(bye));
        requireEnds("56789goodbye, goodbye!");
        assertEquals(1, gaps.size(), "it is not asked for again at once");
    }

    @Test
    void shouldGiveItBackIfTheNoticeThrows() {
        IllegalStateException thrown = new IllegalStateException("no notice");
        queue.overrunPolicy(OverrunPolicy.skip(gap -> {
            throw thrown;
        }));
        fillBySkipping();
        assertTrue(queue.finish(bye));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals(thrown, queue.failure());
        assertEquals(2, queue.unwrittenMessages());
    }

    // ---- values

    @Test
    void shouldWriteTheMarkedValuesBeforeItAndNoneAfterIt() {
        queue.pullFrom(key -> text(pool, String.valueOf((char) ('a' + key))), 8);
        offerAll(queue, messages.subList(0, 1));
        queue.mark(3);
        queue.mark(5);
        assertTrue(queue.finish(bye));
        assertFalse(queue.mark(6));
        requireEnds("01234dfgoodbye, goodbye!");
    }

    /** A mark that came at the moment of the finish, and shows only when the last message is being written. */
    @Test
    void shouldWriteNoValueAfterItThoughAMarkComesLate() {
        queue.pullFrom(key -> text(pool, "late"), 8);
        assertTrue(queue.finish(bye));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(3)));
        MarkedKeys keys = queue.backlog().markedKeys();
        assertTrue(keys != null);
        keys.over = false;
        assertTrue(queue.mark(1));
        keys.over = true;
        requireEnds("goodbye, goodbye!");
    }

    // ---- the end before it

    @Test
    void shouldGiveItBackWhenTheQueueIsClosed() {
        fill();
        assertTrue(queue.finish(bye));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(2)));
        queue.close();
        assertEquals(1, bye.referenceCount());
        assertEquals(3, queue.unwrittenMessages());
        assertEquals(8 + bye.length(), queue.unwrittenBytes());
    }

    @Test
    void shouldGiveItBackWhenItWasWrittenInPart() {
        assertTrue(queue.finish(bye));
        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(2)));
        queue.close();
        assertEquals(1, bye.referenceCount());
        assertEquals(1, queue.unwrittenMessages());
        assertEquals(bye.length() - 2, queue.unwrittenBytes());
    }

    @Test
    void shouldGiveItBackWhenTheChannelFails() {
        fill();
        assertTrue(queue.finish(bye));
        channel.throwNext(new IOException("reset"));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals(1, bye.referenceCount());
        assertEquals(3, queue.unwrittenMessages());
    }

    @Test
    void shouldGiveItBackWhenAReleaseOfAnotherMessageThrows() {
        SendBuffer wrong = text(pool, "wrong");
        assertEquals(OfferResult.QUEUED, queue.offer(wrong));
        wrong.release();
        wrong.release();
        assertTrue(queue.finish(bye));
        assertThrows(IllegalStateException.class, queue::close);
        assertEquals(1, bye.referenceCount());
    }
}
