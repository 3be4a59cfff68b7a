/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A selector that throws: the loop survives, or ends in order and reports its end, whatever its error handler does. */
@Timeout(30)
class LoopDeathTest {
    private static final int LENGTH = 100;

    private final SendBufferPool pool = Pools.create();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final AtomicInteger ended = new AtomicInteger();
    private volatile @Nullable Throwable endCause;
    private volatile @Nullable SendLoop endedLoop;

    private SendLoop loopOver(Faults faults, ErrorHandler handler) {
        SendLoop.Builder builder = SendLoop.builder()
                .maxSelectTime(Duration.ofMillis(10))
                .closeTimeout(Duration.ofMillis(50)) // one peer takes nothing
                .errorHandler(handler)
                .onEnded((loop, cause) -> {
                    ended.incrementAndGet();
                    endedLoop = loop;
                    endCause = cause;
                });
        return StubKind.loopOver(builder, new StubSelector(faults));
    }

    @ParameterizedTest
    @EnumSource(Faults.Thrown.class)
    void shouldSurviveOrEndInOrderWhenTheSelectorThrowsOnce(Faults.Thrown thrown) throws Exception {
        requireServedOrEnded(Faults.at(Faults.Edge.SELECT, 3, thrown.get()), errors::add);
    }

    @ParameterizedTest
    @EnumSource(Faults.Thrown.class)
    void shouldSurviveOrEndInOrderWhenTheErrorHandlerThrowsToo(Faults.Thrown thrown) throws Exception {
        requireServedOrEnded(Faults.at(Faults.Edge.SELECT, 3, thrown.get()), error -> {
            errors.add(error);
            throw new IllegalStateException("the handler's, on purpose");
        });
    }

    @ParameterizedTest
    @EnumSource(Faults.Thrown.class)
    void shouldSurviveOrEndInOrderWhenTheErrorHandlerThrowsAnError(Faults.Thrown thrown) throws Exception {
        requireServedOrEnded(Faults.at(Faults.Edge.SELECT, 3, thrown.get()), error -> {
            errors.add(error);
            throw new OutOfMemoryError("the handler's, on purpose");
        });
    }

    @ParameterizedTest
    @EnumSource(Faults.Thrown.class)
    void shouldSurviveOrEndInOrderWhenAWakeUpThrows(Faults.Thrown thrown) throws Exception {
        requireServedOrEnded(Faults.at(Faults.Edge.WAKEUP, 2, thrown.get()), errors::add);
    }

    private void requireServedOrEnded(Faults faults, ErrorHandler handler) throws Exception {
        SendLoop loop = loopOver(faults, handler);
        ServerStub server = new ServerStub(Faults.none());
        RecordingListener[] listeners = {new RecordingListener(), new RecordingListener(), new RecordingListener()};
        StubStream[] streams = {new StubStream(), new StubStream().takeNothing(), new StubStream()};
        SessionGroup group = new SessionGroup();
        try (var runner = loop.start()) {
            loop.listen(server, connection -> listeners[2]);
            for (int i = 0; i < 2; i++) {
                addUnlessEnded(loop, streams[i], listeners[i], group);
            }
            server.connect(streams[2]);
            Await.until("the fault occurred", () -> faults.wasThrown() || loop.isClosed(), () -> send(group));
            server.connect(new StubStream());
            Await.until("it serves or has ended", () -> loop.isClosed() || server.waiting() == 0);
            if (loop.isClosed()) {
                requireDead(loop, server, faults);
            } else {
                requireServes(loop);
            }
        }
        for (RecordingListener listener : listeners) {
            boolean never = listener == listeners[2] && listener.opened.get() == 0;
            Await.until("it was notified", () -> never || listener.isClosed());
        }
        Await.until("onEnded was called", () -> ended.get() > 0);
        assertEquals(1, ended.get());
        assertSame(loop, endedLoop);
        assertTrue(loop.isClosed());
        assertFalse(server.isOpen(), "the port");
        assertEquals(0, loop.sessionCount());
        assertEquals(0, group.size());
        assertThrows(IllegalStateException.class, () -> loop.add(new SocketStub(new StubStream()), listeners[0]));
    }

    private static void addUnlessEnded(SendLoop loop, StubStream stream, RecordingListener listener, SessionGroup group)
            throws IOException {
        try {
            group.add(loop.add(new SocketStub(stream), listener));
        } catch (IllegalStateException e) {
            listener.closed.incrementAndGet(); // refused
        } catch (Error e) {
            return; // thrown by a wake-up; the session was accepted, so it is notified
        }
    }

    private void send(SessionGroup group) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            group.broadcast(message);
        } catch (IllegalStateException | Error e) {
            return; // thrown by a wake-up
        }
    }

    private void requireDead(SendLoop loop, ServerStub server, Faults faults) throws Exception {
        Await.until("onEnded was called", () -> ended.get() > 0);
        IllegalStateException refusal = assertThrows(
                IllegalStateException.class, () -> loop.add(new SocketStub(new StubStream()), new RecordingListener()));
        assertSame(endCause, refusal.getCause());
        assertTrue(endCause != null, () -> "a loop that died names its cause; " + faults);
        assertFalse(server.isOpen(), "its port");
        assertFalse(errors.isEmpty(), "the error handler");
        IllegalStateException notListening = assertThrows(
                IllegalStateException.class, () -> loop.listen(new ServerStub(Faults.none()), connection -> null));
        assertSays(notListening, "closed");
        assertSame(endCause, notListening.getCause());
        IllegalStateException notConnecting = assertThrows(
                IllegalStateException.class,
                () -> loop.connect(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 9), new RecordingListener()));
        assertSame(endCause, notConnecting.getCause());
    }

    private static void requireServes(SendLoop loop) throws Exception {
        RecordingListener late = new RecordingListener();
        StubStream stream = new StubStream();
        Session session = loop.add(new SocketStub(stream), late);
        Await.until("a new session opened", () -> late.opened.get() == 1);
        stream.receive((byte) 1);
        Await.until("it is served", () -> late.receivedBytes.get() == 1);
        session.close();
        Await.until("it closed", late::isClosed);
        assertNull(late.cause);
    }

    @Test
    void shouldEndInOrderOrContinueWhenItsThreadIsInterrupted() throws Exception {
        requireSurvivesOrEnds((session, bytes) -> Thread.currentThread().interrupt());
    }

    @Test
    void shouldServeOthersWhenACallbackThrowsAnError() throws Exception {
        AtomicBoolean threw = new AtomicBoolean();
        requireSurvivesOrEnds((session, bytes) -> {
            threw.set(true);
            throw new StackOverflowError("on purpose");
        });
        assertTrue(threw.get());
        assertNull(endCause, "an Error in a callback ends only its session");
    }

    private interface OnReceived {
        void accept(Session session, ByteBuffer bytes);
    }

    private void requireSurvivesOrEnds(OnReceived action) throws Exception {
        SendLoop loop = loopOver(Faults.none(), errors::add);
        RecordingListener other = new RecordingListener();
        RecordingListener acting = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                action.accept(session, bytes);
            }
        };
        try (var runner = loop.start()) {
            StubStream stream = new StubStream();
            loop.add(new SocketStub(new StubStream()), other);
            loop.add(new SocketStub(stream), acting);
            stream.receive((byte) 1);
            Await.until("the callback ran", () -> acting.receivedBytes.get() > 0);
            RecordingListener late = new RecordingListener();
            try {
                loop.add(new SocketStub(new StubStream()), late);
                Await.until("it is served or ended", () -> late.opened.get() + late.closed.get() > 0);
            } catch (IllegalStateException e) {
                assertTrue(loop.isClosed() || e.getCause() != null, "refused by a loop that keeps running");
            }
        }
        Await.until("the other was notified", other::isClosed);
        Await.until("the acting one was notified", acting::isClosed);
        Await.until("onEnded was called once", () -> ended.get() == 1);
    }

    @Test
    void shouldNotifyOfItsEndOnceWithoutACauseWhenItIsClosed() throws Exception {
        SendLoop loop = loopOver(Faults.none(), errors::add);
        var runner = loop.start();
        runner.close();
        runner.close();
        assertTrue(loop.isClosed());
        assertEquals(1, ended.get());
        assertNull(endCause);
        assertNull(assertThrows(
                        IllegalStateException.class,
                        () -> loop.add(new SocketStub(new StubStream()), new RecordingListener()))
                .getCause());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldEndInOrderWhenTheCallbackOfItsEndThrows() throws Exception {
        SendLoop loop = StubKind.loopOver(
                SendLoop.builder().errorHandler(errors::add).onEnded((which, cause) -> {
                    throw new StackOverflowError("on purpose");
                }),
                new StubSelector(Faults.none()));
        RecordingListener listener = new RecordingListener();
        var runner = loop.start();
        loop.add(new SocketStub(new StubStream()), listener);
        runner.close();
        assertTrue(listener.isClosed());
        assertTrue(loop.isClosed());
        assertEquals(1, errors.size(), () -> "errors: " + errors);
    }
}
