/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session ends once, with the first cause and with everything released, whatever ends it. */
@Timeout(30)
class SessionEndTest {
    private static final int LENGTH = 1000;

    private final RecordingListener listener = new RecordingListener();
    private SendBufferPool pool;
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        pool = Pools.create();
        loop = new HandDrivenLoop(WriteMode.INLINE);
    }

    @AfterEach
    void close() {
        loop.close();
        listener.requireOrder();
    }

    @Test
    void shouldEndWithAnEndOfFileWhenThePeerCloses() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.open(connection, listener);

        connection.peer.close();

        requireClosedOnce();
        assertEquals(1, listener.inputEnded.get());
        assertInstanceOf(EOFException.class, listener.cause);
        assertTrue(session.isClosed());
    }

    @Test
    void shouldKeepSendingWhenTheListenerKeepsAHalfClosedSession() throws Exception {
        listener.keepsOutput = true;
        Loopback connection = loop.connect();
        Session session = loop.open(connection, listener);

        connection.peer.shutdownOutput();
        loop.dutyCyclesUntil("the end of the input was notified", () -> listener.inputEnded.get() > 0);

        send(session, 0);
        loop.dutyCycle();
        NumberedMessages.requireMessages(connection.readFully(LENGTH), 1, LENGTH);
        assertEquals(0, loop.dutyCycle(), "an input that ended must not keep the loop busy");
        assertEquals(1, listener.inputEnded.get());
        assertFalse(session.isClosed());
        assertEquals(0, listener.closed.get());
    }

    @Test
    void shouldEndWithTheErrorWhenThePeerResets() throws Exception {
        Loopback connection = loop.connect();
        loop.open(connection, listener);

        Loopback.reset(connection.peer);

        requireClosedOnce();
        assertEquals(0, listener.inputEnded.get());
        assertInstanceOf(IOException.class, listener.cause);
        assertFalse(listener.cause instanceof EOFException, "a reset is no orderly end");
    }

    @Test
    void shouldEndWithTheErrorWhenASenderFindsTheResetFirst() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.open(connection, listener);

        Loopback.reset(connection.peer);
        Await.until("a send failed", () -> trySend(session, 0) == OfferResult.CLOSED);

        assertEquals(0, listener.closed.get(), "the loop alone notifies the listener");
        assertEquals(OfferResult.CLOSED, trySend(session, 1));
        requireClosedOnce();
        assertInstanceOf(IOException.class, listener.cause);
    }

    @Test
    void shouldEndOnceWithoutACauseWhenItIsClosedTwice() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.open(connection, listener);

        session.abort();
        session.abort();
        assertTrue(session.isClosed());
        assertEquals(0, listener.closed.get(), "the loop alone notifies the listener");

        requireClosedOnce();
        assertNull(listener.cause);
        session.abort();
        assertEquals(0, loop.dutyCycle());
        Await.until("the peer saw the end", connection::sawEnd);
    }

    @Test
    void shouldEndOnceWhenACallbackClosesIt() throws Exception {
        RecordingListener closing = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                session.abort();
            }
        };
        Loopback connection = loop.connect();
        loop.open(connection, closing);

        connection.peer.write(ByteBuffer.allocate(1));
        loop.dutyCyclesUntil("the session was closed", closing::isClosed);

        assertEquals(0, loop.dutyCycle());
        assertEquals(1, closing.closed.get());
        assertNull(closing.cause);
        closing.requireOrder();
    }

    @Test
    void shouldNotifyTheListenerOnTheLoopsThreadWhenAnotherThreadCloses() throws Exception {
        Session session = loop.open(loop.connect(), listener);

        Threads.runInThreadThatDies(session::close);

        assertEquals(0, listener.closed.get());
        requireClosedOnce();
        assertSame(Thread.currentThread(), listener.closedBy);
    }

    @Test
    void shouldSkipOnOpenedWhenItIsClosedBeforeItsFirstTurn() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.loop.add(connection.ours, listener);

        session.abort();

        requireClosedOnce();
        assertEquals(0, listener.opened.get());
        Await.until("the peer saw the end", connection::sawEnd);
    }

    @Test
    void shouldReleaseWhatIsQueuedWhenItIsClosed() throws Exception {
        Session session = loop.open(loop.connect(), listener);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            session.queue(message);
            session.queue(message);
            assertEquals(3, message.referenceCount());

            session.abort();

            assertEquals(1, message.referenceCount());
            assertEquals(0, session.queuedBytes());
            assertEquals(0, session.queuedMessages());
        }
    }

    @Test
    void shouldLeaveAMessageToItsSenderWhenItIsClosed() throws Exception {
        Session session = loop.open(loop.connect(), listener);
        session.abort();

        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(OfferResult.CLOSED, session.send(message));
            assertEquals(OfferResult.CLOSED, session.queue(message));
            session.flush();
            assertEquals(1, message.referenceCount());
        }
        requireClosedOnce();
        assertNull(listener.cause);
    }

    @Test
    void shouldEndWhenItsChannelIsClosedFromOutside() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.loop.add(connection.ours, listener);

        connection.ours.close();

        requireClosedOnce();
        assertInstanceOf(IOException.class, listener.cause);
        assertTrue(session.isClosed());
        assertNull(session.remoteAddress());
    }

    @Test
    void shouldNameItsPeerAndItsState() throws Exception {
        Loopback connection = loop.connect();
        Session session = loop.open(connection, listener);

        assertEquals(connection.peer.getLocalAddress(), session.remoteAddress());
        assertFalse(session.toString().contains("closed"), session.toString());
        session.abort();
        assertTrue(session.toString().contains("closed"), session.toString());
    }

    // ---- what the tests share

    private void requireClosedOnce() throws Exception {
        loop.dutyCyclesUntil("the session was closed", listener::isClosed);
        assertEquals(0, loop.dutyCycle());
        assertEquals(1, listener.closed.get());
        assertNotNull(listener.closedBy);
        assertEquals(List.of(), loop.errors);
    }

    private void send(Session session, int number) {
        assertEquals(OfferResult.QUEUED, trySend(session, number));
    }

    private OfferResult trySend(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            return session.send(message);
        }
    }
}
