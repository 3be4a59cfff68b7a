/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of a loop: its settings, its end, and what comes after it. */
@Timeout(30)
class SendLoopTest {
    private final RecordingListener listener = new RecordingListener();
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.INLINE);
    }

    @AfterEach
    void close() {
        loop.close();
        listener.requireOrder();
    }

    @Test
    void shouldHaveNothingToDoWhenNothingHappens() throws Exception {
        loop.open(loop.connect(), listener);
        loop.loop.listen(loop.listen(), channel -> null);
        loop.dutyCycle();

        assertEquals(0, loop.dutyCycle());
        assertEquals(0, loop.dutyCycle());
    }

    @Test
    void shouldEndEverySessionWithoutACauseWhenItCloses() throws Exception {
        RecordingListener ofPending = new RecordingListener();
        Session open = loop.open(loop.connect(), listener);
        Session pending = loop.loop.add(loop.connect().ours, ofPending);

        loop.end();

        assertTrue(open.isClosed());
        assertTrue(pending.isClosed());
        assertEquals(1, listener.closed.get());
        assertNull(listener.cause);
        assertEquals(1, ofPending.opened.get(), "what was queued for it can be written");
        assertEquals(1, ofPending.closed.get());
        assertNull(ofPending.cause);
    }

    @Test
    void shouldReleaseEveryQueuedMessageWhenItCloses() throws Exception {
        SendBufferPool pool = Pools.create();
        Session session = loop.open(loop.connect(), listener);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
            session.queue(message);
            session.queue(message);

            loop.end();

            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldKeepTheFirstCauseWhenItClosesBeforeTheListenerIsNotified() throws Exception {
        Session session = loop.open(loop.connect(), listener);
        IOException cause = new IOException("first");

        session.end(cause);
        loop.end();

        assertEquals(1, listener.closed.get());
        assertSame(cause, listener.cause);
    }

    @Test
    void shouldCloseItsListeningSocketsWhenItCloses() throws Exception {
        ServerSocketChannel admitted = loop.listen();
        loop.loop.listen(admitted, channel -> null);
        loop.dutyCycle();
        ServerSocketChannel notYetAdmitted = loop.listen();
        loop.loop.listen(notYetAdmitted, channel -> null);

        loop.end();

        assertTrue(!admitted.isOpen() && !notYetAdmitted.isOpen());
        assertThrows(ClosedChannelException.class, () -> Loopback.connect(admitted, 0));
    }

    @Test
    void shouldThrowWhenItIsUsedAfterItsEnd() throws Exception {
        SocketChannel channel = loop.connect().ours;
        ServerSocketChannel server = loop.listen();
        loop.end();

        assertThrows(IllegalStateException.class, () -> loop.loop.add(channel, listener));
        assertThrows(IllegalStateException.class, () -> loop.loop.listen(server, accepted -> null));
        assertTrue(channel.isOpen() && server.isOpen(), "what was not taken still belongs to its owner");
        assertEquals(0, listener.closed.get());
    }

    @Test
    void shouldReportALateEndOnAThreadOfItsOwn() throws Exception {
        LoopSession late = loop.loop.newSession(loop.connect().ours, listener, null);
        loop.end();

        AtomicReference<Thread> closer = new AtomicReference<>();
        Threads.runInThreadThatDies(() -> {
            closer.set(Thread.currentThread());
            late.close();
        });

        Await.until("onClosed was called", () -> listener.closed.get() == 1);
        assertNotSame(closer.get(), listener.closedBy, "no callback within a call of close");
    }

    @Test
    void shouldNotifyOfTheEndOfASessionThatWasAddedWhileItCloses() throws Exception {
        for (int round = 0; round < 200; round++) {
            SendLoop.Builder settings = SendLoop.builder()
                    .writeMode(WriteMode.LOOP)
                    .maxSelectTime(Duration.ZERO)
                    .closeTimeout(Duration.ofMillis(20)); // the peer does not end its side
            try (HandDrivenLoop closing = new HandDrivenLoop(settings);
                    Loopback connection = Loopback.open()) {
                RecordingListener late = new RecordingListener();
                AtomicReference<Session> added = new AtomicReference<>();
                Threads.runTogether(2, index -> {
                    if (index == 0) {
                        closing.end();
                    } else {
                        addUnlessClosed(closing, connection, late, added);
                    }
                });
                int expected = added.get() == null ? 0 : 1;
                Await.until("onClosed was called, round " + round, () -> late.closed.get() == expected);
                late.requireOrder();
            }
        }
    }

    private static void addUnlessClosed(
            HandDrivenLoop closing, Loopback connection, RecordingListener late, AtomicReference<Session> added)
            throws IOException {
        try {
            added.set(closing.loop.add(connection.ours, late));
        } catch (IllegalStateException e) {
            assertEquals(0, late.closed.get());
        }
    }

    @Test
    void shouldRejectAChannelThatIsNotConnected() throws Exception {
        try (SocketChannel channel = SocketChannel.open()) {
            assertThrows(IllegalArgumentException.class, () -> loop.loop.add(channel, listener));
        }
        Loopback closed = loop.connect();
        closed.close();
        assertThrows(Exception.class, () -> loop.loop.add(closed.ours, listener));
        assertEquals(0, loop.dutyCycle(), "nothing was added");
    }

    @Test
    void shouldReceiveInPiecesOfItsBuffer() throws Exception {
        List<Integer> pieces = new ArrayList<>();
        SendLoop small = SendLoop.builder()
                .maxSelectTime(Duration.ZERO)
                .receiveBufferSize(4)
                .build();
        try (Loopback connection = Loopback.open()) {
            small.add(connection.ours, new RecordingListener() {
                @Override
                public void onReceived(Session session, ByteBuffer bytes) {
                    pieces.add(bytes.remaining());
                }
            });
            connection.peer.write(ByteBuffer.allocate(10));
            Await.until(
                    "everything arrived", () -> pieces.stream().mapToInt(i -> i).sum() == 10, small::doWork);
            assertEquals(List.of(4, 4, 2), pieces);
        } finally {
            small.onClose();
        }
    }

    @Test
    void shouldCheckItsSettings() {
        SendLoop.Builder builder = SendLoop.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.maxSelectTime(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> builder.maxSelectTime(Duration.ofMillis(1001)));
        assertThrows(IllegalArgumentException.class, () -> builder.receiveBufferSize(0));
        assertThrows(IllegalArgumentException.class, () -> builder.receiveBufferSize((16 << 20) + 1));
    }
}
