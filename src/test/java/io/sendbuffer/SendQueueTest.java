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
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Offers and flushes by one thread: what is accepted, kept, written and given back. */
class SendQueueTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final HostileChannel channel = HostileChannel.takingAll();

    @Test
    void shouldHaveNothingToDoWhenEmpty() {
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(List.of(), channel.calls());
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        assertFalse(queue.isClosed());
        assertNull(queue.failure());
    }

    @Test
    void shouldHoldAReferenceOfItsOwnUntilTheMessageIsWritten() {
        SendBuffer message = text(pool, "hello");
        assertEquals(OfferResult.QUEUED, queue.offer(message));
        assertEquals(2, message.referenceCount());
        assertEquals(5, queue.queuedBytes());
        assertEquals(1, queue.queuedMessages());
        message.release();
        assertEquals("hello", message.getUtf8(0, 5), "the queue's reference keeps it");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("hello", textOf(channel));
        assertEquals(0, pool.stats().outstandingBuffers());
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
    }

    @Test
    void shouldWriteInTheOrderOfTheOffers() {
        List<SendBuffer> first = separate(pool, "a", "bc");
        List<SendBuffer> second = neighbors(pool, "def", "g");
        offerAll(queue, first);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        offerAll(queue, second);
        offerAll(queue, first);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcdefgabc", textOf(channel));
        assertOnlyOurs(first);
        releaseAll(first);
        releaseAll(second);
    }

    @Test
    void shouldSendTheSameMessageToManyQueuesAndTwiceToOne() {
        List<SendQueue> queues = List.of(queue, new SendQueue(), new SendQueue());
        SendBuffer message = text(pool, "tick");
        queues.forEach(each -> offerAll(each, List.of(message, message)));
        assertEquals(1 + 2 * queues.size(), message.referenceCount());
        message.release();
        for (SendQueue each : queues) {
            HostileChannel receiver = HostileChannel.takingAll();
            assertEquals(FlushResult.DRAINED, each.flush(receiver));
            assertEquals("ticktick", textOf(receiver));
        }
    }

    @Test
    void shouldTakeOverARetainedReferenceWhenItIsQueuedOnly() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(5));
        SendBuffer message = text(pool, "hello").retain(3);
        assertEquals(OfferResult.QUEUED, small.offerRetained(message));
        assertEquals(OfferResult.REFUSED_BYTES, small.offerRetained(message));
        assertEquals(4, message.referenceCount());
        assertEquals(FlushResult.DRAINED, small.flush(channel));
        assertEquals(3, message.referenceCount());
        small.close();
        assertEquals(OfferResult.CLOSED, small.offerRetained(message));
        assertEquals(3, message.referenceCount());
        message.release(3);
    }

    @Test
    void shouldAcceptEmptyMessagesAndWriteNothingForThem() {
        SendBuffer empty = pool.acquire(10).seal();
        List<SendBuffer> others = neighbors(pool, "ab", "cd");
        assertEquals(OfferResult.QUEUED, queue.offer(empty));
        assertEquals(OfferResult.QUEUED, queue.offer(others.get(0)));
        assertEquals(OfferResult.QUEUED, queue.offerRetained(empty.retain()));
        assertEquals(OfferResult.QUEUED, queue.offer(others.get(1)));
        assertEquals(1, empty.referenceCount(), "nothing to write, nothing to hold");
        assertEquals(2, queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcd", textOf(channel));
        empty.release();
        releaseAll(others);
    }

    @Test
    void shouldBeBlockedWhenTheChannelTakesNothing() {
        SendBuffer message = text(pool, "hello");
        queue.offer(message);
        channel.block(2);
        for (int i = 0; i < 2; i++) {
            assertEquals(FlushResult.BLOCKED, queue.flush(channel));
            assertEquals(5, queue.queuedBytes());
            assertEquals(2, message.referenceCount());
        }
        assertEquals(2, channel.calls().size(), "a flush tries once, it does not spin");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("hello", textOf(channel));
        message.release();
    }

    @Test
    void shouldKeepItsPlaceInAHalfWrittenMessage() {
        List<SendBuffer> messages = neighbors(pool, "0123", "45", "6789");
        offerAll(queue, messages);
        channel.takeAtMost(3);
        List<Long> left = new ArrayList<>();
        FlushResult result = FlushResult.BLOCKED;
        while (result == FlushResult.BLOCKED) {
            result = queue.flush(channel);
            left.add(queue.queuedBytes());
        }
        assertEquals(FlushResult.DRAINED, result);
        assertEquals("0123456789", textOf(channel));
        assertEquals(List.of(7L, 4L, 1L, 0L), left);
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldReleaseEachMessageAsSoonAsItIsWritten() {
        List<SendBuffer> messages = separate(pool, "0123", "45", "6789");
        offerAll(queue, messages);
        channel.takeAtMost(6);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        assertEquals(1, messages.get(0).referenceCount());
        assertEquals(1, messages.get(1).referenceCount());
        assertEquals(2, messages.get(2).referenceCount());
        assertEquals(1, queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("0123456789", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldPutWhatIsOfferedLaterBehindAHalfWrittenMessage() {
        List<SendBuffer> messages = neighbors(pool, "0123", "45", "6789");
        offerAll(queue, messages.subList(0, 1));
        channel.takeAtMost(1);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        offerAll(queue, messages.subList(1, 3));
        channel.takeAtMost(100);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("0123456789", textOf(channel));
        releaseAll(messages);
    }

    /** The channel itself refuses a write within a write; the stack depth shows that nothing else is nested either. */
    @Test
    void shouldKeepTheStackFlatWhenEachWriteSendsTheNextMessage() {
        int count = 100_000;
        int[] sent = {1};
        Set<Long> depths = new HashSet<>();
        channel.duringWrite(() -> {
            if (sent[0] % 1_000 == 0) {
                depths.add(StackWalker.getInstance().walk(Stream::count));
            }
            if (sent[0] < count) {
                sent[0]++;
                try (SendBuffer next = text(pool, "x")) {
                    assertEquals(OfferResult.QUEUED, queue.offer(next));
                }
                assertEquals(FlushResult.BUSY, queue.flush(channel), "the running drain writes it as well");
            }
        });
        try (SendBuffer first = text(pool, "x")) {
            queue.offer(first);
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(count, channel.byteCount());
        assertEquals(1, depths.size(), () -> "depths of the stack: " + depths);
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldNotKeepPoolsThatWereClosed() {
        SendQueue queue = new SendQueue();
        List<WeakReference<ChunkStore>> closed = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            closed.add(offerFromAPoolThatCloses(queue));
        }
        SendBufferPool last = Pools.create();
        SendBuffer message = last.acquire(4).putInt(1).seal();
        queue.offer(message);
        message.release();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (closed.stream().anyMatch(store -> store.get() != null) && System.nanoTime() < deadline) {
            System.gc();
        }
        assertTrue(closed.stream().allMatch(store -> store.get() == null));
        queue.close();
    }

    /** Not tracked, or the tracker would keep it; in a separate thread, or this one's thread-locals would. */
    private static WeakReference<ChunkStore> offerFromAPoolThatCloses(SendQueue queue) {
        List<WeakReference<ChunkStore>> made = new ArrayList<>();
        Threads.runInThreadThatDies(() -> {
            SendBufferPool pool = Pools.create();
            SendBuffer message = pool.acquire(4).putInt(1).seal();
            queue.offer(message);
            message.release();
            made.add(new WeakReference<>(message.chunk().store));
            queue.flush(HostileChannel.takingAll());
            Pools.forget(pool);
            pool.close();
        });
        return made.get(0);
    }
}
