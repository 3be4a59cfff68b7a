/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session sends, when, and what it does for a peer that does not read. */
@Timeout(30)
class SessionTest {
    private static final int LENGTH = 1000;
    private static final long MAX_QUEUED = 64 << 10;

    private final RecordingListener listener = new RecordingListener();
    private SendBufferPool pool;
    private HandDrivenLoop inline;
    private HandDrivenLoop onLoop;

    @BeforeEach
    void open() throws IOException {
        pool = Pools.create();
        inline = new HandDrivenLoop(WriteMode.INLINE);
        onLoop = new HandDrivenLoop(WriteMode.LOOP);
    }

    @AfterEach
    void close() {
        inline.close();
        onLoop.close();
        listener.requireOrder();
    }

    @Test
    void shouldWriteAtOnceInInlineMode() throws Exception {
        Loopback connection = inline.connect();
        Session session = inline.open(connection, listener);

        send(session, 0);

        assertEquals(0, session.queuedMessages());
        NumberedMessages.requireMessages(connection.readFully(LENGTH), 1, LENGTH);
    }

    @Test
    void shouldWriteAllThatWasQueuedAtTheNextTurnInLoopMode() throws Exception {
        Loopback connection = onLoop.connect();
        Session session = onLoop.open(connection, listener);

        send(session, 0);
        send(session, 1);
        send(session, 2);

        assertEquals(3 * LENGTH, session.queuedBytes());
        assertEquals(3, session.queuedMessages());
        assertEquals(0, connection.read(ByteBuffer.allocate(1)), "nothing is written before the loop's turn");

        assertEquals(1, onLoop.dutyCycle(), "three messages put the session on the list once");
        assertEquals(0, session.queuedMessages());
        NumberedMessages.requireMessages(connection.readFully(3 * LENGTH), 3, LENGTH);
    }

    @Test
    void shouldWriteNothingUntilTheFlushWhenMessagesAreQueued() throws Exception {
        Loopback connection = inline.connect();
        Session session = inline.open(connection, listener);

        for (int number = 0; number < 5; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(OfferResult.QUEUED, session.queue(message));
            }
        }
        assertEquals(0, inline.dutyCycle(), "queued messages wait for the flush, not for the loop");
        assertEquals(0, connection.read(ByteBuffer.allocate(1)));
        assertEquals(5, session.queuedMessages());

        session.flush();
        assertEquals(0, session.queuedMessages());
        NumberedMessages.requireMessages(connection.readFully(5 * LENGTH), 5, LENGTH);
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldSendBeforeItIsOpened(WriteMode mode) throws Exception {
        HandDrivenLoop loop = loopOf(mode);
        Loopback connection = loop.connect();
        Session session = loop.loop.add(connection.ours, listener);

        send(session, 0);
        assertEquals(0, listener.opened.get());
        loop.dutyCycle();
        assertEquals(1, listener.opened.get());
        send(session, 1);
        loop.dutyCycle();

        NumberedMessages.requireMessages(connection.readFully(2 * LENGTH), 2, LENGTH);
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldBlockAndContinueWhenItsPeerWasBlockedBeforeItIsOpened(WriteMode mode) throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(mode, QueueLimits.DEFAULT.withMaxQueuedBytes(MAX_QUEUED))) {
            Loopback connection = loop.connectWithSmallBuffers();
            Session session = loop.loop.add(connection.ours, listener);
            int sent = 0;
            while (trySend(session, sent) == OfferResult.QUEUED) {
                sent++;
            }

            NumberedMessages.requireMessages(readWhileTurning(loop, connection, sent * LENGTH), sent, LENGTH);
            assertIdle(loop, session);
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldRefuseAtTheLimitAndLoseNothingWhenThePeerDoesNotRead(WriteMode mode) throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(mode, QueueLimits.DEFAULT.withMaxQueuedBytes(MAX_QUEUED))) {
            Loopback connection = loop.connectWithSmallBuffers();
            Session session = loop.open(connection, listener);

            int sent = sendUntilTheKernelTakesNoMore(loop, session);
            assertTrue(session.queuedBytes() <= MAX_QUEUED, "above the limit: " + session.queuedBytes());
            assertTrue(session.queuedBytes() > MAX_QUEUED - LENGTH, "refused too early: " + session.queuedBytes());
            assertEquals(0, loop.dutyCycle(), "a blocked session must not keep the loop busy");

            NumberedMessages.requireMessages(readWhileTurning(loop, connection, sent * LENGTH), sent, LENGTH);
            assertIdle(loop, session);
            assertEquals(OfferResult.QUEUED, trySend(session, sent));
        }
    }

    @Test
    void shouldLeaveARefusedMessageToItsSender() throws Exception {
        try (HandDrivenLoop loop = new HandDrivenLoop(WriteMode.LOOP, QueueLimits.DEFAULT.withMaxQueuedMessages(2))) {
            Session session = loop.open(loop.connect(), listener);
            send(session, 0);
            send(session, 1);

            try (SendBuffer third = NumberedMessages.sealed(pool, 2, LENGTH)) {
                assertEquals(OfferResult.REFUSED_MESSAGES, session.send(third));
                assertEquals(1, third.referenceCount());
                loop.dutyCycle();
                assertEquals(OfferResult.QUEUED, session.send(third), "there is room again");
                assertEquals(2, third.referenceCount());
            }
        }
    }

    @Test
    void shouldHandReceivedBytesToTheListener() throws Exception {
        Loopback connection = inline.connect();
        inline.open(connection, listener);

        connection.peer.write(ByteBuffer.allocate(100));

        inline.dutyCyclesUntil("the bytes were received", () -> listener.receivedBytes.get() == 100);
        assertEquals(0, inline.dutyCycle());
    }

    @Test
    void shouldSendFromItsOwnCallback() throws Exception {
        RecordingListener answering = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                send(session, 0);
                super.onReceived(session, bytes);
            }
        };
        Loopback connection = onLoop.connect();
        onLoop.open(connection, answering);

        connection.peer.write(ByteBuffer.allocate(1));

        onLoop.dutyCyclesUntil("the byte was received", () -> answering.receivedBytes.get() > 0);
        onLoop.dutyCycle();
        NumberedMessages.requireMessages(connection.readFully(LENGTH), 1, LENGTH);
    }

    @Test
    void shouldRejectAMessageThatIsNotSealed() throws Exception {
        Session session = inline.open(inline.connect(), listener);
        try (SendBuffer unsealed = pool.acquire(8).putLong(1)) {
            assertThrows(IllegalStateException.class, () -> session.send(unsealed));
            assertThrows(IllegalStateException.class, () -> session.queue(unsealed));
            assertEquals(1, unsealed.referenceCount());
        }
        assertFalse(session.isClosed());
    }

    // ---- what the tests share

    private HandDrivenLoop loopOf(WriteMode mode) {
        return mode == WriteMode.INLINE ? inline : onLoop;
    }

    private void send(Session session, int number) {
        assertEquals(OfferResult.QUEUED, trySend(session, number));
    }

    private OfferResult trySend(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            return session.send(message);
        }
    }

    private int sendUntilTheKernelTakesNoMore(HandDrivenLoop loop, Session session) throws Exception {
        int sent = 0;
        for (int quietTurns = 0; quietTurns < 100; quietTurns++) {
            while (trySend(session, sent) == OfferResult.QUEUED) {
                sent++;
                quietTurns = 0;
            }
            loop.dutyCycle();
        }
        return sent;
    }

    private static byte[] readWhileTurning(HandDrivenLoop loop, Loopback connection, int count) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(8 << 10);
        Await.until(count + " bytes arrived", () -> all.size() >= count, () -> {
            loop.dutyCycle();
            connection.read(some.clear());
            all.write(some.array(), 0, some.position());
        });
        return all.toByteArray();
    }

    private static void assertIdle(HandDrivenLoop loop, Session session) throws IOException {
        assertEquals(0, session.queuedBytes());
        assertEquals(0, session.queuedMessages());
        loop.dutyCycle(); // may still find the channel ready, and then drops its interest
        for (int i = 0; i < 10; i++) {
            assertEquals(0, loop.dutyCycle(), "the interest in writing was not dropped");
        }
    }
}
