/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a release listener is notified of when its message's memory is back. */
class ReleaseListenerTest {
    private final List<Throwable> errors = new ArrayList<>();
    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().errorHandler(errors::add).build());
    private final List<Integer> notified = new ArrayList<>();
    private final HostileChannel channel = HostileChannel.takingAll();

    /** In the write of a queue, and at its end: the n-th listener throws, for all n, and affects no other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotifyTheOthersWhicheverListenerThrows(boolean written) {
        for (int throwing = 0; throwing < 20; throwing++) {
            notified.clear();
            errors.clear();
            Error thrown = new Error("on purpose");
            SendQueue queue = new SendQueue();
            for (int number = 0; number < 20; number++) {
                ReleaseListener listener = number == throwing ? failing(thrown) : notified::add;
                SendBuffer message = text(pool, "hello").onRelease(listener);
                assertEquals(OfferResult.QUEUED, queue.offer(message));
                message.release();
            }
            if (written) {
                assertEquals(FlushResult.DRAINED, queue.flush(channel));
            } else {
                queue.close();
            }
            assertEquals(Collections.nCopies(19, written ? 0 : 1), notified);
            assertEquals(List.of(thrown), errors);
            assertEquals(0, pool.stats().outstandingBuffers());
            queue.close();
        }
    }

    private static ReleaseListener failing(Error thrown) {
        return unwritten -> {
            throw thrown;
        };
    }

    @Test
    void shouldNotifyOnceTheLastReferenceIsReleased() {
        SendBuffer message = text(pool, "hello").onRelease(notified::add).retain();
        message.release();
        assertEquals(List.of(), notified);
        message.release();
        assertEquals(List.of(0), notified);
    }

    @Test
    void shouldNotifyAfterTheMemoryIsBack() {
        List<Long> outstanding = new ArrayList<>();
        text(pool, "hello")
                .onRelease(unwritten -> outstanding.add(pool.stats().outstandingBuffers()))
                .release();
        assertEquals(List.of(0L), outstanding);
    }

    @Test
    void shouldReportThatEveryQueueWroteIt() {
        SendQueue one = new SendQueue();
        SendQueue two = new SendQueue();
        SendBuffer message = text(pool, "hello").onRelease(notified::add);
        one.offer(message);
        two.offer(message);
        message.release();
        one.flush(channel);
        assertEquals(List.of(), notified);
        two.flush(channel);
        assertEquals(List.of(0), notified);
    }

    @Test
    void shouldReportHowManyQueuesEndedBeforeTheyWroteIt() {
        SendQueue written = new SendQueue();
        SendQueue closed = new SendQueue();
        SendQueue failed = new SendQueue();
        SendBuffer message = text(pool, "hello").onRelease(notified::add);
        List.of(written, closed, failed).forEach(queue -> queue.offer(message));
        message.release();
        written.flush(channel);
        closed.close();
        HostileChannel failing = HostileChannel.takingAll();
        failing.failAfter(2);
        failed.flush(failing);
        assertEquals(List.of(2), notified, "half written is unwritten");
    }

    @Test
    void shouldNotCountWhoRefusedIt() {
        SendQueue small = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedBytes(1));
        SendQueue full = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(1));
        try (SendBuffer other = text(pool, "other")) {
            assertEquals(OfferResult.QUEUED, full.offer(other));
        }
        SendBuffer message = text(pool, "hello").onRelease(notified::add);
        assertEquals(OfferResult.TOO_LARGE, small.offer(message));
        assertEquals(OfferResult.REFUSED_MESSAGES, full.offer(message));
        full.close();
        message.release();
        assertEquals(List.of(0), notified);
    }

    @Test
    void shouldBeForgottenWhenTheMemoryServesAnotherMessage() {
        for (int i = 0; i < 100_000; i++) { // more than one chunk, so that handles are used again
            text(pool, "hello").onRelease(notified::add).release();
            text(pool, "world").release();
        }
        assertEquals(100_000, notified.size());
    }

    @Test
    void shouldNotifyOfAMessageThatWasNeverSealed() {
        pool.acquire(8).onRelease(notified::add).release();
        assertEquals(List.of(0), notified);
    }

    @Test
    void shouldRefuseASecondListenerAndAReleasedBuffer() {
        SendBuffer message = text(pool, "hello").onRelease(notified::add);
        assertSays(assertThrows(IllegalStateException.class, () -> message.onRelease(notified::add)), "already");
        message.release();
        assertThrows(IllegalStateException.class, () -> message.onRelease(notified::add));
    }

    @Test
    void shouldReportWhatAListenerThrowsToThePoolAndFreeAllTheSame() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        text(pool, "hello")
                .onRelease(unwritten -> {
                    throw thrown;
                })
                .release();
        assertSame(thrown, errors.get(0));
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFreeAllTheSameWhenTheErrorHandlerThrowsToo(boolean whatItWasGiven) {
        IllegalStateException ofListener = new IllegalStateException("the listener's, on purpose");
        SendBufferPool failing = Pools.track(SendBufferPool.builder()
                .errorHandler(error -> {
                    throw whatItWasGiven ? ofListener : new IllegalStateException("the handler's, on purpose");
                })
                .build());
        SendQueue queue = new SendQueue();
        for (int i = 0; i < 3; i++) {
            try (SendBuffer message = failing.acquire(1)) {
                message.putByte((byte) i)
                        .onRelease(unwritten -> {
                            throw ofListener;
                        })
                        .seal();
                assertEquals(OfferResult.QUEUED, queue.offer(message));
            }
        }
        assertEquals(FlushResult.DRAINED, queue.flush(HostileChannel.takingAll()));
        assertNull(queue.failure(), "the queue is not affected");
        assertEquals(0, failing.stats().outstandingBuffers());
    }

    @Test
    void shouldAllowAListenerToSendAgain() {
        SendQueue queue = new SendQueue();
        ReleaseListener again = unwritten -> {
            try (SendBuffer next = text(pool, "again")) {
                queue.offer(next);
            }
        };
        try (SendBuffer message = text(pool, "hello")) {
            queue.offer(message.onRelease(again));
        }
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("helloagain", TextMessages.textOf(channel));
    }

    @Test
    void shouldCountMessagesAndWhatWasLost() {
        ReleaseCounter counter = new ReleaseCounter();
        SendQueue closed = new SendQueue();
        for (int i = 0; i < 3; i++) {
            try (SendBuffer message = text(pool, "hello").onRelease(counter)) {
                closed.offer(message);
            }
        }
        assertEquals(0, counter.released());
        closed.close();
        assertEquals(3, counter.released());
        assertEquals(3, counter.unwritten());
    }
}
