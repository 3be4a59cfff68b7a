/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writes that complete later, as on an asynchronous channel: the window belongs to the write until its completion. */
class SendQueuePendingWriteTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final List<SendBuffer> messages = separate(pool, "0123", "45", "6789");
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void giveOursBack() {
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    /** Does what the kernel does between the begin and the completion: reads the buffers, and moves their positions. */
    private int take(int count, int max) {
        int taken = 0;
        ByteBuffer[] buffers = queue.writeBuffers();
        for (int i = 0; i < count; i++) {
            while (taken < max && buffers[i].hasRemaining()) {
                out.write(buffers[i].get());
                taken++;
            }
        }
        return taken;
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldKeepTheReferencesUntilTheCompletion() {
        offerAll(queue, messages);
        int count = queue.beginWrite();
        assertEquals(3, count);
        messages.forEach(message -> assertEquals(2, message.referenceCount()));
        assertEquals(10, queue.queuedBytes(), "counted until written");
        assertEquals(0, queue.completeWrite(take(count, 10)));
        assertEquals("0123456789", written());
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
    }

    @Test
    void shouldWriteNothingElseWhileAWriteIsPending() {
        offerAll(queue, messages.subList(0, 1));
        int count = queue.beginWrite();
        ByteBuffer pending = queue.writeBuffers()[0];
        offerAll(queue, messages.subList(1, 3));
        assertEquals(0, queue.beginWrite(), "one write at a time");
        assertEquals(FlushResult.BUSY, queue.flush(HostileChannel.takingAll()));
        assertSame(pending, queue.writeBuffers()[0]);
        assertEquals(4, pending.remaining());

        count = queue.completeWrite(take(count, 4));
        assertEquals(2, count, "the completion includes what was queued meanwhile");
        assertEquals(0, queue.completeWrite(take(count, 6)));
        assertEquals("0123456789", written());
    }

    @Test
    void shouldContinueWhereAPartialWriteEnded() {
        offerAll(queue, messages);
        int count = queue.beginWrite();
        int writes = 0;
        while (count > 0) {
            count = queue.completeWrite(take(count, 3));
            writes++;
        }
        assertEquals("0123456789", written());
        assertEquals(4, writes);
    }

    @Test
    void shouldLeaveThePendingWindowToTheCompletionWhenClosed() {
        offerAll(queue, messages.subList(0, 2));
        int count = queue.beginWrite();
        offerAll(queue, messages.subList(2, 3));
        queue.close();
        assertEquals(1, messages.get(2).referenceCount(), "what was queued is released at once");
        assertEquals(2, messages.get(0).referenceCount(), "what the kernel may be reading is not released");
        assertEquals(2, messages.get(1).referenceCount());
        assertEquals(SendQueue.ENDED, queue.completeWrite(take(count, 6)));
        assertNull(queue.failure());
        assertEquals(SendQueue.ENDED, queue.beginWrite());
    }

    @Test
    void shouldEndWithTheCauseOfAFailedWrite() {
        offerAll(queue, messages);
        queue.beginWrite();
        IOException reset = new IOException("reset");
        queue.failWrite(reset);
        assertSame(reset, queue.failure());
        assertTrue(queue.isClosed());
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(0)));
        assertEquals(SendQueue.ENDED, queue.beginWrite());
    }

    @Test
    void shouldEndWhenTheChannelClaimsMoreThanItWasGiven() {
        offerAll(queue, messages);
        queue.beginWrite();
        assertEquals(SendQueue.ENDED, queue.completeWrite(11));
        assertSays(assertInstanceOf(IOException.class, queue.failure()), "wrote 11 of 10");
    }

    @Test
    void shouldRefuseACompletionWithoutAWrite() {
        assertSays(assertThrows(IllegalStateException.class, () -> queue.completeWrite(0)), "no write is pending");
        assertSays(
                assertThrows(IllegalStateException.class, () -> queue.failWrite(new IOException())),
                "no write is pending");
        assertEquals(0, queue.beginWrite(), "nothing is queued");
        offerAll(queue, messages);
        int count = queue.beginWrite();
        assertEquals(0, queue.completeWrite(take(count, 10)));
        assertThrows(IllegalStateException.class, () -> queue.completeWrite(0), "each write completes once");
    }

    @Test
    void shouldNotShareBuffersBetweenQueuesWithPendingWrites() {
        SendQueue other = new SendQueue();
        offerAll(queue, messages);
        offerAll(other, messages);
        int count = queue.beginWrite();
        int countOfOther = other.beginWrite();
        for (int i = 0; i < count; i++) {
            assertNotSame(queue.writeBuffers()[i], other.writeBuffers()[i]);
        }
        assertEquals(0, queue.completeWrite(take(count, 10)));
        assertEquals(4, other.writeBuffers()[0].remaining(), "the other one's position did not move");
        assertEquals(3, countOfOther);
        assertEquals(0, other.completeWrite(10));
    }
}
