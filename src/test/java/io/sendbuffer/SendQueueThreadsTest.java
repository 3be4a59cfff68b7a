/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many senders, one drainer at a time, and a close that may come at any moment. */
class SendQueueThreadsTest {
    private static final int SENDERS = 8;
    private static final int MESSAGES = 20_000;

    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final CountDownLatch inWrite = new CountDownLatch(1);
    private final CountDownLatch mayReturn = new CountDownLatch(1);

    /** Holds up the first write until it may return. */
    private final HostileChannel channel = HostileChannel.takingAll().duringWrite(() -> {
        inWrite.countDown();
        Threads.await(mayReturn);
    });

    @Test
    void shouldBeBusyDuringAWriteAndAlsoWriteWhatWasOfferedMeanwhile() {
        List<SendBuffer> messages = neighbors(pool, "first ", "second");
        offerAll(queue, messages.subList(0, 1));
        Future<FlushResult> drainer = Threads.start(() -> queue.flush(channel));
        Threads.await(inWrite);
        offerAll(queue, messages.subList(1, 2));
        assertEquals(FlushResult.BUSY, queue.flush(channel));
        assertEquals(12, queue.queuedBytes(), "neither is written yet");
        mayReturn.countDown();
        assertEquals(FlushResult.DRAINED, Threads.join(drainer));
        assertEquals("first second", textOf(channel));
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldReleaseWhatIsBeingWrittenOnlyWhenTheWriteReturnedIfClosedMeanwhile() {
        List<SendBuffer> messages = neighbors(pool, "in flight", "waiting");
        offerAll(queue, messages.subList(0, 1));
        Future<FlushResult> drainer = Threads.start(() -> queue.flush(channel));
        Threads.await(inWrite);
        offerAll(queue, messages.subList(1, 2));
        queue.close();
        assertEquals(2, messages.get(0).referenceCount(), "the channel is reading it");
        assertEquals(1, messages.get(1).referenceCount());
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(1)));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        queue.close();
        assertEquals(2, messages.get(0).referenceCount(), "the channel is still reading it");
        mayReturn.countDown();
        assertEquals(FlushResult.CLOSED, Threads.join(drainer));
        assertOnlyOurs(messages);
        assertEquals("in flight", textOf(channel));
        releaseAll(messages);
    }

    @Test
    void shouldWriteEveryMessageOfManySendersOnceAndInTheirOrder() {
        long seed = TestSeed.next();
        HostileChannel hostile = HostileChannel.seeded(seed);
        Threads.runTogether(SENDERS, sender -> {
            for (int sequence = 0; sequence < MESSAGES; sequence++) {
                try (SendBuffer message = numbered(sender, sequence)) {
                    while (queue.offer(message).isRefused()) {
                        queue.flush(hostile);
                    }
                }
                // Some senders leave their message to another one's flush: no message may be stranded.
                if (sequence % 4 == sender % 4) {
                    flushUntilItIsTaken(hostile);
                }
            }
            flushUntilItIsTaken(hostile);
        });
        assertEquals(0, queue.queuedMessages(), "something is stranded" + TestSeed.hint(seed));
        requireAllInOrder(ByteBuffer.wrap(hostile.bytes()), TestSeed.hint(seed));
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    /** Drained, or busy: then the other drainer writes the message as well, and flushes again if it is blocked. */
    private void flushUntilItIsTaken(HostileChannel hostile) {
        FlushResult result = queue.flush(hostile);
        while (result == FlushResult.BLOCKED) {
            result = queue.flush(hostile);
        }
        assertTrue(result == FlushResult.DRAINED || result == FlushResult.BUSY, result::toString);
    }

    private SendBuffer numbered(int sender, int sequence) {
        SendBuffer message = pool.acquire(64).putByte((byte) sender).putInt(sequence);
        for (int filler = sequence % 11; filler > 0; filler--) {
            message.putByte((byte) sender);
        }
        return message.seal();
    }

    private static void requireAllInOrder(ByteBuffer stream, String hint) {
        int[] next = new int[SENDERS];
        while (stream.hasRemaining()) {
            int sender = stream.get();
            assertEquals(next[sender], stream.getInt(), () -> "of sender " + sender + hint);
            for (int filler = next[sender] % 11; filler > 0; filler--) {
                assertEquals(sender, stream.get(), () -> "filler of sender " + sender + hint);
            }
            next[sender]++;
        }
        for (int sender = 0; sender < SENDERS; sender++) {
            assertEquals(MESSAGES, next[sender], "messages of sender " + sender + hint);
        }
    }

    @Test
    void shouldGiveEveryReferenceBackWhenClosedAmongOffersAndFlushes() {
        long seed = TestSeed.next();
        for (int round = 0; round < 500; round++) {
            SendQueue racing = new SendQueue();
            HostileChannel hostile = HostileChannel.seeded(seed + round);
            AtomicInteger accepted = new AtomicInteger();
            Threads.runTogether(3, thread -> {
                if (thread == 0) {
                    racing.close();
                } else {
                    accepted.addAndGet(sendUntilClosed(racing, hostile));
                }
            });
            String hint = "accepted " + accepted + " in round " + round + TestSeed.hint(seed);
            assertEquals(0, pool.stats().outstandingBuffers(), hint);
            assertEquals(0, racing.queuedMessages(), hint);
            assertTrue(hostile.byteCount() <= accepted.get() * Long.BYTES, hint);
        }
    }

    private int sendUntilClosed(SendQueue racing, HostileChannel hostile) {
        int accepted = 0;
        while (true) {
            try (SendBuffer message = pool.acquire(Long.BYTES).putLong(accepted).seal()) {
                if (racing.offer(message) == OfferResult.CLOSED) {
                    return accepted;
                }
                accepted++;
            }
            racing.flush(hostile);
        }
    }
}
