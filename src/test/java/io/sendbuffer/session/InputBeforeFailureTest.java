/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that sent something and left: what had arrived is delivered before the failure of our write. */
@Tag("alone")
@Timeout(30)
@ParameterizedClass
@EnumSource(StubKind.class)
class InputBeforeFailureTest {
    private static final int LENGTH = 100;
    private static final int INPUT = 5_000;

    private final StubKind kind;
    private final SendBufferPool pool = Pools.create();
    private final HostSettings settings = new HostSettings();
    private StubHost host;

    InputBeforeFailureTest(StubKind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(settings, Faults.none());
    }

    @AfterEach
    void close() {
        host.close();
        assertEquals(List.of(), settings.errors);
    }

    /** The write fails before any input was read. */
    @Test
    void shouldDeliverWhatHadArrivedBeforeAWriteFailed() throws Exception {
        IOException failure = new IOException("broken pipe");
        RecordingListener listener = new RecordingListener();
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        stream.failWritesWithInput(failure, new byte[INPUT]);
        attempt(session);
        Await.until("onClosed was called", listener::isClosed);
        assertSame(failure, listener.cause);
        assertEquals(INPUT, listener.receivedBytes.get(), "bytes that had arrived");
        listener.requireOrder();
    }

    /** The write fails while the listener is busy with the first part of the input. */
    @Test
    void shouldDeliverTheRestOfTheInputWhenAWriteFailsDuringACallback() throws Exception {
        IOException failure = new IOException("broken pipe");
        CountDownLatch receiving = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                if (first.compareAndSet(true, false)) {
                    receiving.countDown();
                    if (!kind.isLoop()) {
                        Threads.await(proceed);
                    } else {
                        attempt(session); // the loop's own thread is the one that writes
                    }
                }
                super.onReceived(session, bytes);
            }
        };
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        stream.failWritesWithInput(failure, new byte[INPUT]);
        assertEquals(true, receiving.await(10, TimeUnit.SECONDS));
        if (!kind.isLoop()) {
            Future<?> sending = Threads.start(() -> {
                attempt(session);
                return true;
            });
            Threads.join(sending);
        }
        proceed.countDown();
        Await.until("onClosed was called", listener::isClosed);
        assertSame(failure, listener.cause);
        assertEquals(INPUT, listener.receivedBytes.get(), "bytes that had arrived");
        listener.requireOrder();
    }

    /** All callbacks together take longer than a reader may need for one. */
    @Test
    void shouldDeliverAllToAListenerThatIsSlow() throws Exception {
        int input = 12 * (kind.isLoop() ? 1_024 : 8 << 10); // twelve reads
        IOException failure = new IOException("broken pipe");
        RecordingListener listener = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(40));
                super.onReceived(session, bytes);
            }
        };
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        stream.failWritesWithInput(failure, new byte[input]);
        attempt(session);
        Await.until("onClosed was called", listener::isClosed);
        assertSame(failure, listener.cause);
        assertEquals(input, listener.receivedBytes.get(), "bytes that had arrived");
        listener.requireOrder();
    }

    /** The peer sent, ended its output, and then refused what we sent. */
    @Test
    void shouldDeliverTheInputAndItsEndBeforeTheFailureOfAWrite() throws Exception {
        IOException failure = new IOException("broken pipe");
        RecordingListener listener = new RecordingListener();
        listener.keepsOutput = true;
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        stream.receive(new byte[INPUT]).endInput();
        stream.failWrites(failure);
        attempt(session);
        Await.until("onClosed was called", listener::isClosed);
        assertSame(failure, listener.cause);
        assertEquals(INPUT, listener.receivedBytes.get(), "bytes that had arrived");
        listener.requireOrder();
    }

    /** A peer that keeps sending forever does not keep a failed session alive. */
    @Test
    void shouldEndThoughThePeerNeverStopsSending() throws Exception {
        IOException failure = new IOException("broken pipe");
        RecordingListener listener = new RecordingListener();
        StubStream stream = new StubStream();
        Session session = host.add(stream, listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        AtomicBoolean done = new AtomicBoolean();
        Future<?> sending = Threads.start(() -> {
            while (!done.get() && !stream.isClosed()) {
                stream.receive(new byte[100]);
                Thread.onSpinWait();
            }
            return true;
        });
        stream.failWrites(failure);
        attempt(session);
        Await.until("onClosed was called", listener::isClosed);
        done.set(true);
        Threads.join(sending);
        assertSame(failure, listener.cause);
        listener.requireOrder();
    }

    private void attempt(Session session) {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            session.send(message);
        }
    }
}
