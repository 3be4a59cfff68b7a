/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ShutdownChannelGroupException;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An asynchronous session and a channel whose operations complete when the test decides. */
@Timeout(60)
class AsyncSessionTest {
    private static final int LENGTH = 100;
    private static final int DEEP = 200;

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final ScriptedAsyncChannel channel = new ScriptedAsyncChannel();
    private AsyncSessions sessions;

    @BeforeEach
    void open() throws IOException {
        sessions = sessionsWith(Duration.ofSeconds(30));
    }

    private AsyncSessions sessionsWith(Duration writeTimeout) throws IOException {
        return AsyncSessions.builder()
                .writeTimeout(writeTimeout)
                .writeQuantum(64 << 10)
                .queueLimits(QueueLimits.DEFAULT
                        .withMaxQueuedMessages(200_000)
                        .withMaxQueuedBytes(64 << 20)
                        .withMaxBytesPerWrite(LENGTH))
                .build();
    }

    @AfterEach
    void close() {
        sessions.close();
        listener.requireOrder();
        assertFalse(channel.overlapped, "one write at a time");
    }

    private Session openSession() throws Exception {
        Session session = sessions.add(channel, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        return session;
    }

    @Test
    void shouldNotGrowItsStackWithWritesThatCompleteWithinTheirCall() throws Exception {
        Session session = openSession();
        queue(session, 100_000);
        session.flush(); // one message a write
        Await.until("all was written", () -> session.queuedMessages() == 0);
        assertEquals(100_000, channel.writes);
        assertTrue(channel.deepestStack < DEEP, () -> "the stack was " + channel.deepestStack + " frames deep");
        NumberedMessages.requireMessages(channel.taken.toByteArray(), 100_000, LENGTH);
    }

    @Test
    void shouldNotKeepASenderForWhatComesWhileItWrites() throws Exception {
        Session session = openSession();
        AtomicInteger next = new AtomicInteger(1);
        Set<Thread> writers = ConcurrentHashMap.newKeySet();
        channel.duringWrite = () -> {
            writers.add(Thread.currentThread());
            if (next.get() <= 10_000) { // for each message that is written another one comes
                queueOne(session, next.getAndIncrement());
            }
        };
        queueOne(session, 0);
        session.flush();
        Await.until("all was written", () -> next.get() == 10_001 && session.queuedMessages() == 0);
        assertTrue(writers.remove(Thread.currentThread()), "the sender began");
        assertFalse(writers.isEmpty(), "others took over when its turn ended");
    }

    @Test
    void shouldHaveOneWritePendingAndStartTheNextWithItsCompletion() throws Exception {
        channel.inline = false;
        Session session = openSession();
        for (int number = 0; number < 3; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.send(message));
            }
        }
        assertEquals(1, channel.writes);
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, channel.writes);
            channel.complete();
        }
        assertFalse(channel.isPending());
        NumberedMessages.requireMessages(channel.taken.toByteArray(), 3, LENGTH);
    }

    @Test
    void shouldContinueWhereAShortWriteEnded() throws Exception {
        long seed = TestSeed.next();
        channel.partial = new SplittableRandom(seed);
        Session session = openSession();
        queue(session, 1_000);
        session.flush();
        Await.until("all was written" + TestSeed.hint(seed), () -> session.queuedMessages() == 0);
        NumberedMessages.requireMessages(channel.taken.toByteArray(), 1_000, LENGTH);
    }

    @Test
    void shouldHoldWhatIsBeingWrittenUntilTheCompletionWhenAborted() throws Exception {
        channel.inline = false;
        Session session = openSession();
        queue(session, 3);
        session.flush();
        session.abort();
        Await.until("onClosed was called", listener::isClosed);
        assertEquals(1, pool.stats().outstandingBuffers(), "the system may still read it");
        channel.fail();
        assertEquals(0, pool.stats().outstandingBuffers());
        assertNull(listener.cause);
    }

    @Test
    void shouldEndWhenAWriteIsLateAndHoldItsMessageUntilTheCompletion() throws Exception {
        sessions.close();
        sessions = sessionsWith(Duration.ofMillis(200));
        channel.inline = false;
        Session session = openSession();
        queue(session, 3);
        session.flush();
        Await.until("onClosed was called", listener::isClosed);
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
        assertFalse(channel.isOpen());
        assertEquals(1, pool.stats().outstandingBuffers(), "quarantined");
        channel.complete(); // the system had taken it after all
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldEndWithTheExceptionOfAWriteThatWasRefused() throws Exception {
        Session session = openSession();
        ShutdownChannelGroupException refused = new ShutdownChannelGroupException();
        channel.refusal = refused;
        queue(session, 3);
        session.flush();
        Await.until("onClosed was called", listener::isClosed);
        assertSame(refused, listener.cause);
    }

    /** It may have been begun: its memory is read until the channel is closed. */
    @Test
    void shouldKeepTheMemoryOfAWriteThatThrewAnErrorUntilTheChannelIsClosed() throws Exception {
        OutOfMemoryError thrown = new OutOfMemoryError("after the begin, on purpose");
        channel.afterBegin = thrown;
        AtomicInteger referencesAtClose = new AtomicInteger();
        SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH);
        channel.onClose = () -> referencesAtClose.compareAndSet(0, message.referenceCount());
        Session session = openSession();
        session.send(message);
        Await.until("onClosed was called", listener::isClosed);
        assertSame(thrown, listener.cause);
        assertEquals(2, referencesAtClose.get());
        assertEquals(1, message.referenceCount());
        assertEquals(LENGTH, session.unwrittenBytes());
        channel.fail(); // the completion comes late, and finds nothing to do
        assertEquals(1, message.referenceCount());
        message.release();
    }

    @Test
    void shouldCloseAfterTheCompletionThatFindsNothingMore() throws Exception {
        channel.inline = false;
        Session session = openSession();
        queue(session, 2);
        session.flush();
        session.close();
        channel.complete();
        assertTrue(channel.isOpen(), "there is one more");
        channel.complete();
        Await.until("onClosed was called", listener::isClosed);
        assertFalse(channel.isOpen());
        assertNull(listener.cause);
    }

    private void queue(Session session, int count) {
        for (int number = 0; number < count; number++) {
            queueOne(session, number);
        }
    }

    private void queueOne(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            assertEquals(OfferResult.QUEUED, session.queue(message));
        }
    }
}
