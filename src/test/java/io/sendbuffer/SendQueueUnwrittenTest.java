/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue reports of its progress, and, at its end, of what was lost: exact to the byte. */
class SendQueueUnwrittenTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<SendBuffer> messages = separate(pool, "0123", "45", "6789");

    @AfterEach
    void release() {
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    private void requireLost(long bytes, int lost) {
        assertEquals(bytes, queue.unwrittenBytes());
        assertEquals(lost, queue.unwrittenMessages());
        queue.close();
        queue.flush(channel);
        assertEquals(bytes, queue.unwrittenBytes(), "the first end counts");
        assertEquals(lost, queue.unwrittenMessages());
    }

    private static int messagesAfter(int written) {
        return written < 4 ? 3 : written < 6 ? 2 : written < 10 ? 1 : 0;
    }

    @Test
    void shouldLoseNothingWhileItLivesAndNothingWhenAllIsWritten() {
        offerAll(queue, messages);
        assertEquals(0, queue.unwrittenBytes());
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(10, queue.bytesWritten());
        queue.close();
        requireLost(0, 0);
    }

    @Test
    void shouldLoseAllThatWaits() {
        offerAll(queue, messages);
        queue.close();
        requireLost(10, 3);
        assertEquals(0, queue.bytesWritten());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 6, 9})
    void shouldCountAHalfWrittenMessageWithItsRest(int written) {
        offerAll(queue, messages);
        channel.takeAtMost(written);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        assertEquals(written, queue.bytesWritten());
        queue.close();
        requireLost(10 - written, messagesAfter(written));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 6, 9, 10})
    void shouldCountOffWhatTheWriteTookDuringWhichItWasClosed(int written) {
        offerAll(queue, messages.subList(0, 2));
        channel.takeAtMost(written).duringWrite(() -> {
            queue.offer(messages.get(2));
            queue.close();
            assertEquals(10, queue.unwrittenBytes(), "until the write returns");
            assertEquals(3, queue.unwrittenMessages());
        });
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        int taken = Math.min(6, written);
        assertEquals(taken, queue.bytesWritten());
        requireLost(10 - taken, messagesAfter(taken));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 6, 9, 10})
    void shouldCountOffWhatAPendingWriteTookAfterTheClose(int written) {
        offerAll(queue, messages);
        assertEquals(3, queue.beginWrite());
        queue.close();
        assertEquals(10, queue.unwrittenBytes(), "until the write returns");
        assertEquals(SendQueue.ENDED, queue.completeWrite(written));
        assertEquals(written, queue.bytesWritten());
        requireLost(10 - written, messagesAfter(written));
    }

    @Test
    void shouldCountAFailedWriteAsLostWhole() {
        offerAll(queue, messages);
        channel.takeAtMost(5);
        queue.flush(channel);
        channel.throwNext(new IOException("reset"));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        requireLost(5, 2);
    }

    @Test
    void shouldCountAFailedPendingWriteAsLostWhole() {
        offerAll(queue, messages);
        queue.beginWrite();
        queue.failWrite(new IOException("reset"));
        requireLost(10, 3);
    }

    @Test
    void shouldCountOffWhatWasWrittenWhenTheNextWriteOfTheSameFlushFails() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(4));
        offerAll(small, messages);
        channel.failAfter(5);
        assertEquals(FlushResult.CLOSED, small.flush(channel));
        assertEquals(4, small.bytesWritten());
        assertEquals(6, small.unwrittenBytes());
        assertEquals(2, small.unwrittenMessages());
    }

    @Test
    void shouldLoseNothingWhenItFinishes() {
        offerAll(queue, messages);
        assertFalse(queue.isFinishing());
        queue.finish();
        assertTrue(queue.isFinishing());
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        requireLost(0, 0);
    }
}
