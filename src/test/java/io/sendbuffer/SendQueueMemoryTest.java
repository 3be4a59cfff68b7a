/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.releaseAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A full heap affects only the receiver that needs a larger queue: at every allocation, once or for good. */
class SendQueueMemoryTest {
    private static final int MESSAGES = 1_400;

    private static final int BATCH = 90;

    /** The number of arrays of a new queue. */
    private static final int INITIAL_ARRAYS = 5;

    private final SendBufferPool pool = Pools.create();
    private final List<SendBuffer> messages = new ArrayList<>();

    /** The bytes that a queue accepted. */
    private final ByteArrayOutputStream accepted = new ByteArrayOutputStream();

    private int refused;

    /** A burst makes the ring large; while the receiver keeps up, it becomes small again by itself. */
    @Test
    void shouldGiveTheRingOfABurstBackWhileItsReceiverKeepsUp() {
        List<Integer> rings = new ArrayList<>();
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT, new QueueArrays() {
            @Override
            @Nullable
            SendBuffer[] messages(int length) {
                rings.add(length);
                return super.messages(length);
            }
        });
        HostileChannel channel = HostileChannel.takingAll();
        messages.forEach(message -> assertEquals(OfferResult.QUEUED, queue.offer(message)));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        int ofTheBurst = rings.size();
        for (int i = 0; i < 1_000; i++) {
            queue.offer(messages.get(i));
            assertEquals(FlushResult.DRAINED, queue.flush(channel));
        }
        assertEquals(1, rings.size() - ofTheBurst, "one smaller ring: " + rings);
        assertTrue(rings.get(ofTheBurst) <= 64, () -> "its places: " + rings);
        queue.close();
    }

    @BeforeEach
    void acquire() {
        List<SendBuffer> gaps = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            messages.add(pool.acquire(8).putInt(i).putInt(~i).seal());
            gaps.add(pool.acquire(1).seal(1)); // so that each is an entry of its own
        }
        releaseAll(gaps);
    }

    @AfterEach
    void release() {
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldRefuseOneMessageAndContinueWhereverTheHeapIsFullOnce() {
        boolean reached = true;
        for (int n = INITIAL_ARRAYS; reached; n++) {
            FullHeap heap = FullHeap.onceAfter(n);
            sendAll(heap);
            reached = heap.refused() > 0;
            assertTrue(refused <= 1, "refused at " + n);
        }
        assertEquals(0, refused, "the last run had room for all");
    }

    @Test
    void shouldRefuseWhatDoesNotFitAndDeliverTheRestWhereverTheHeapStaysFull() {
        boolean reached = true;
        for (int n = INITIAL_ARRAYS; reached; n++) {
            FullHeap heap = FullHeap.after(n);
            sendAll(heap);
            reached = heap.refused() > 0;
            assertTrue(accepted.size() > 0, "accepted nothing at " + n);
        }
        assertEquals(0, refused, "the last run had room for all");
    }

    /** Single messages, batches and writes alternate: what is accepted is written, once, in order. */
    private void sendAll(FullHeap heap) {
        accepted.reset();
        refused = 0;
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT, heap);
        HostileChannel channel = HostileChannel.takingAll();
        for (int i = 0; i < 12; i++) {
            offer(queue, i);
        }
        offerBatch(queue, 12, 24);
        flush(queue, channel);
        for (int from = 24; from + BATCH < 1_200; from += BATCH) {
            offerBatch(queue, from, from + BATCH);
        }
        flush(queue, channel.takeAtMost(1_000));
        for (int i = 1_200; i < MESSAGES; i++) {
            offer(queue, i);
        }
        flush(queue, channel.takeAtMost(Integer.MAX_VALUE));
        assertEquals(0, queue.queuedMessages());
        assertArrayEquals(accepted.toByteArray(), channel.bytes());
        queue.close();
        assertOnlyOurs(messages);
    }

    private static void flush(SendQueue queue, HostileChannel channel) {
        FlushResult result;
        do {
            result = queue.flush(channel);
        } while (result == FlushResult.BLOCKED);
        assertEquals(FlushResult.DRAINED, result, () -> String.valueOf(queue.failure()));
    }

    private void offer(SendQueue queue, int index) {
        SendBuffer message = messages.get(index);
        if (accepts(queue.offer(message), queue, 1)) {
            append(message);
        }
    }

    private void offerBatch(SendQueue queue, int from, int to) {
        try (SendBatch batch = new SendBatch()) {
            messages.subList(from, to).forEach(batch::add);
            if (accepts(queue.offer(batch.seal()), queue, to - from)) {
                messages.subList(from, to).forEach(this::append);
            }
        }
    }

    private boolean accepts(OfferResult result, SendQueue queue, int count) {
        if (result == OfferResult.QUEUED) {
            return true;
        }
        assertEquals(OfferResult.REFUSED_HEAP, result);
        assertTrue(count > 0 && queue.failure() == null);
        refused++;
        return false;
    }

    private void append(SendBuffer message) {
        byte[] bytes = new byte[message.length()];
        message.getBytes(0, bytes, 0, bytes.length);
        accepted.writeBytes(bytes);
    }

    @Test
    void shouldLeaveNoTraceOfWhatItRefused() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT, FullHeap.after(INITIAL_ARRAYS));
        for (int i = 0; i < 8; i++) {
            assertEquals(OfferResult.QUEUED, queue.offer(messages.get(i)));
        }
        assertEquals(OfferResult.REFUSED_HEAP, queue.offer(messages.get(8)));
        assertEquals(OfferResult.REFUSED_HEAP, queue.offerRetained(messages.get(8)));
        assertEquals(1, messages.get(8).referenceCount());
        assertEquals(8, queue.queuedMessages());
        assertEquals(64, queue.queuedBytes());
        queue.close();
        assertEquals(8, queue.unwrittenMessages());
    }

    /** Wherever the heap of one receiver is full, once or for good. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReachTheOtherReceiversOfABroadcast(boolean once) {
        int n = INITIAL_ARRAYS;
        FullHeap heap;
        do {
            heap = once ? FullHeap.onceAfter(n) : FullHeap.after(n);
            broadcastTo(new SendQueue(QueueLimits.DEFAULT, heap));
            assertOnlyOurs(messages);
            n++;
        } while (heap.refused() > 0);
        assertTrue(n > INITIAL_ARRAYS + 1, "it never was");
    }

    private void broadcastTo(SendQueue stuck) {
        SendQueue well = new SendQueue();
        HostileChannel channel = HostileChannel.takingAll();
        for (SendBuffer message : messages) {
            message.retain(2);
            int taken = 0;
            for (SendQueue queue : List.of(stuck, well)) {
                taken += queue.offerRetained(message) == OfferResult.QUEUED ? 1 : 0;
            }
            if (taken < 2) {
                message.release(2 - taken);
            }
            assertEquals(FlushResult.DRAINED, well.flush(channel));
        }
        assertEquals(8 * MESSAGES, channel.byteCount());
        stuck.close();
    }
}
