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
import static io.sendbuffer.TextMessages.textOf;
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a queue ends, every reference comes back once, and it stays ended. */
class SendQueueEndTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<SendBuffer> messages = separate(pool, "0123", "45", "6789");

    private void requireEnded() {
        assertTrue(queue.isClosed());
        assertOnlyOurs(messages);
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
        int calls = channel.calls().size();
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(0)));
        assertEquals(OfferResult.CLOSED, queue.offerRetained(messages.get(0)));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        queue.close();
        assertOnlyOurs(messages);
        assertEquals(calls, channel.calls().size(), "nothing is written after the end");
        releaseAll(messages);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 5, 9})
    void shouldReleaseEveryQueuedBufferWhenTheChannelFails(long written) {
        offerAll(queue, messages);
        channel.failAfter(written);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        IOException failure = assertInstanceOf(IOException.class, queue.failure());
        assertSays(failure, "the peer is gone after " + written);
        assertEquals("0123456789".substring(0, (int) written), textOf(channel));
        requireEnded();
        assertSame(failure, queue.failure(), "the first cause stays");
    }

    @Test
    void shouldReleaseWhatWasHalfWrittenWhenTheChannelFailsLater() {
        offerAll(queue, messages);
        channel.takeAtMost(5);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        channel.throwNext(new IOException("reset"));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertSays(assertInstanceOf(IOException.class, queue.failure()), "reset");
        requireEnded();
    }

    @Test
    void shouldEndWhenTheChannelIsClosed() {
        offerAll(queue, messages);
        channel.close();
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertInstanceOf(IOException.class, queue.failure());
        requireEnded();
    }

    @Test
    void shouldEndWithTheRuntimeExceptionOfTheChannelAndNotThrowIt() {
        RuntimeException thrown = new UnsupportedOperationException("not connected");
        offerAll(queue, messages);
        channel.throwNext(thrown);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertSame(thrown, queue.failure());
        requireEnded();
    }

    @Test
    void shouldEndWithTheErrorOfTheChannelAndThrowIt() {
        Error thrown = new LinkageError("no such method");
        offerAll(queue, messages);
        channel.throwNext(thrown);
        assertSame(thrown, assertThrows(LinkageError.class, () -> queue.flush(channel)));
        assertSame(thrown, queue.failure());
        requireEnded();
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 11, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldEndWhenTheChannelLiesAboutWhatItWrote(long lie) {
        offerAll(queue, messages);
        channel.lieNext(lie);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertSays(assertInstanceOf(IOException.class, queue.failure()), "says that it wrote " + lie + " of 10 bytes");
        requireEnded();
    }

    @Test
    void shouldReleaseWhatIsQueuedWhenClosedBeforeTheFirstFlush() {
        offerAll(queue, messages);
        queue.close();
        assertNull(queue.failure());
        requireEnded();
        assertEquals("", textOf(channel));
    }

    @Test
    void shouldReleaseWhatIsHalfWrittenWhenClosedBetweenTwoFlushes() {
        offerAll(queue, messages);
        channel.takeAtMost(5);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        queue.close();
        requireEnded();
        assertEquals("01234", textOf(channel));
    }

    @Test
    void shouldEndWhenClosedAfterTheLastWrite() {
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        queue.close();
        requireEnded();
        assertEquals("0123456789", textOf(channel));
    }

    @Test
    void shouldReleaseWhatIsBeingWrittenOnlyWhenTheWriteReturnedIfClosedFromWithinIt() {
        offerAll(queue, messages.subList(0, 2));
        channel.takeAtMost(5).duringWrite(() -> {
            offerAll(queue, messages.subList(2, 3));
            queue.close();
            assertEquals(2, messages.get(0).referenceCount(), "it is being read");
            assertEquals(2, messages.get(1).referenceCount(), "it is being read");
            assertEquals(1, messages.get(2).referenceCount(), "it waited");
            assertEquals(FlushResult.CLOSED, queue.flush(channel));
        });
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertNull(queue.failure());
        requireEnded();
        assertEquals("01234", textOf(channel));
    }

    @Test
    void shouldReleaseAllWhenTheChannelFailsAfterACloseFromWithinTheWrite() {
        offerAll(queue, messages);
        channel.duringWrite(queue::close).throwNext(new IOException("closed under the write"));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        requireEnded();
    }

    @Test
    void shouldReleaseTheOthersWhenOneBufferWasReleasedTooOften() {
        offerAll(queue, messages);
        SendBuffer stolen = messages.get(1);
        assertTrue(stolen.release(2), "this takes the queue's reference away");
        assertSays(assertThrows(IllegalStateException.class, queue::close), "released too often");
        assertEquals(1, messages.get(0).referenceCount());
        assertEquals(1, messages.get(2).referenceCount());
        messages.get(0).release();
        messages.get(2).release();
    }

    @Test
    void shouldBeBusyForAFlushFromWithinItsWrite() {
        List<SendBuffer> more = neighbors(pool, "x");
        offerAll(queue, messages);
        boolean[] first = {true};
        channel.duringWrite(() -> {
            if (first[0]) {
                first[0] = false;
                offerAll(queue, more);
                assertEquals(FlushResult.BUSY, queue.flush(channel), "the running drain writes it as well");
            }
        });
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("0123456789x", textOf(channel));
        releaseAll(more);
        releaseAll(messages);
    }
}
