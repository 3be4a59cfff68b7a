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
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A drain that is limited to its write quantum, and a graceful end of a queue. */
class SendQueueTurnTest {
    private final SendBufferPool pool = Pools.create();
    private final SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(4));
    private final HostileChannel channel = HostileChannel.takingAll();
    private final List<SendBuffer> messages = separate(pool, "0123", "4567", "89ab");

    @AfterEach
    void requireReleased() {
        queue.close();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldSayThatThereIsMoreWhenItsTurnIsOver() {
        offerAll(queue, messages);
        assertEquals(FlushResult.MORE, queue.flush(channel, 4));
        assertEquals("0123", textOf(channel));
        assertEquals(8, queue.queuedBytes());
        assertEquals(2, queue.queuedMessages());
        assertEquals(FlushResult.DRAINED, queue.flush(channel, 8));
        assertEquals("0123456789ab", textOf(channel));
    }

    @Test
    void shouldBeginNoWriteOnceTheTurnIsOver() {
        offerAll(queue, messages);
        assertEquals(FlushResult.MORE, queue.flush(channel, 5), "exceeded by one write, not by two");
        assertEquals("01234567", textOf(channel));
    }

    @Test
    void shouldBeDrainedWhenTheLastWriteFillsTheTurn() {
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel, 12));
    }

    @Test
    void shouldNotKeepADrainerForWhatOthersSendMeanwhile() {
        channel.duringWrite(() -> queue.offer(messages.get(0))); // one more for each message written
        queue.offer(messages.get(0));
        assertEquals(FlushResult.MORE, queue.flush(channel, 100));
        assertEquals(25, channel.calls().size());
    }

    @Test
    void shouldWriteWhatIsQueuedAndThenEndWhenItFinishes() {
        offerAll(queue, messages);
        queue.finish();
        assertFalse(queue.isClosed(), "there is something to write");
        assertEquals(OfferResult.CLOSED, queue.offer(messages.get(0)));
        assertEquals(FlushResult.MORE, queue.flush(channel, 4));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals("0123456789ab", textOf(channel));
        assertTrue(queue.isClosed());
        assertNull(queue.failure());
        assertEquals(0, queue.queuedBytes());
    }

    @Test
    void shouldEndWithTheNextFlushWhenItFinishesWithNothingQueued() {
        queue.finish();
        queue.finish();
        assertFalse(queue.isClosed());
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertTrue(queue.isClosed());
    }

    @Test
    void shouldKeepItsPlaceWhenItFinishesBlocked() {
        offerAll(queue, messages);
        channel.takeAtMost(2);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        queue.finish();
        channel.takeAtMost(Integer.MAX_VALUE);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals("0123456789ab", textOf(channel));
    }

    @Test
    void shouldEndWithTheFailureOfTheChannelWhileItFinishes() {
        offerAll(queue, messages);
        queue.finish();
        channel.failAfter(5);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertSays(assertInstanceOf(IOException.class, queue.failure()), "the peer is gone after 5");
    }

    @Test
    void shouldEndWithTheCompletionThatFindsNothingMoreWhenItFinishes() {
        queue.offer(messages.get(0));
        assertEquals(1, queue.beginWrite());
        queue.finish();
        assertEquals(SendQueue.ENDED, queue.completeWrite(4));
        assertTrue(queue.isClosed());
        assertNull(queue.failure());
    }

    @Test
    void shouldEndWithTheBeginThatFindsNothingWhenItFinishes() {
        queue.finish();
        assertEquals(SendQueue.ENDED, queue.beginWrite());
        assertTrue(queue.isClosed());
    }

    @Test
    void shouldRefuseAnEmptyMessageOnceItFinishes() {
        queue.finish();
        try (SendBuffer empty = text(pool, "")) {
            assertEquals(OfferResult.CLOSED, queue.offer(empty));
        }
    }
}
