/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A callback closes all sessions: the close returns without waiting for that callback's own session, and everything
 * ends as it would after a close from elsewhere.
 */
@Tag("slow")
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class CloseFromCallbackIT {
    /** A close that waits for itself takes at least this long. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

    private static final long AT_ONCE_MILLIS = 4_000;

    /** So many that a thread for each, of which the clock adds one in each of its looks, would be too late. */
    private static final int MANY = 50;

    private final SessionKind kind;
    private final HostSettings settings = new HostSettings().closeTimeout(CLOSE_TIMEOUT);
    private final List<RecordingListener> listeners = new ArrayList<>();
    private final AtomicLong closeMillis = new AtomicLong(-1);
    private final AtomicBoolean threw = new AtomicBoolean();
    private KindHost host;

    CloseFromCallbackIT(SessionKind kind) {
        this.kind = kind;
        this.host = KindHost.none(kind);
    }

    @BeforeEach
    void start() throws IOException {
        host = kind.start(settings);
    }

    @AfterEach
    void close() {
        host.endPeers();
        host.close();
        assertEquals(List.of(), settings.errors);
    }

    enum Callback {
        ON_OPENED,
        ON_RECEIVED,
        ON_INPUT_ENDED,
        ON_CLOSED
    }

    /** Closes all sessions in one of its callbacks. */
    private final class Closing extends RecordingListener {
        private final Callback callback;

        Closing(Callback callback) {
            this.callback = callback;
        }

        private void closeIn(Callback which) {
            if (which == callback) {
                closeAll();
            }
        }

        @Override
        public void onOpened(Session session) {
            super.onOpened(session);
            closeIn(Callback.ON_OPENED);
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            closeIn(Callback.ON_RECEIVED);
        }

        @Override
        public boolean onInputEnded(Session session) {
            super.onInputEnded(session);
            closeIn(Callback.ON_INPUT_ENDED);
            return false;
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            closeIn(Callback.ON_CLOSED);
            super.onClosed(session, cause);
        }
    }

    private void closeAll() {
        long start = System.nanoTime();
        try {
            host.closeSessions();
        } catch (RuntimeException e) {
            threw.set(true);
            throw e;
        }
        closeMillis.compareAndSet(-1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void shouldCloseAllFromWithinACallback(Callback callback) throws Exception {
        boolean needsInput = callback == Callback.ON_RECEIVED || callback == Callback.ON_INPUT_ENDED;
        Assumptions.assumeTrue(kind.hasInput() || !needsInput, "a pipe carries no input from its peer");
        RecordingListener other = add(new RecordingListener());
        Await.until("the other was opened", () -> other.opened.get() == 1);
        PeerWire wire = host.wire();
        RecordingListener closing = new Closing(callback);
        listeners.add(closing);
        Session session = host.add(wire, closing);
        if (callback != Callback.ON_OPENED) {
            Await.until("it was opened", () -> closing.opened.get() == 1);
        }
        switch (callback) {
            case ON_OPENED -> {}
            case ON_RECEIVED -> wire.write(new byte[] {1});
            case ON_INPUT_ENDED -> wire.endOutput();
            case ON_CLOSED -> session.abort();
        }
        requireAllClosed();
        assertNull(other.cause);
    }

    @Test
    void shouldCloseAllFromWithinTheFactoryOfListeners() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        RecordingListener other = add(new RecordingListener());
        Await.until("the other was opened", () -> other.opened.get() == 1);
        InetSocketAddress address = freeAddress();
        host.listen(address, connection -> {
            closeAll();
            return null;
        });
        try (SocketChannel client = SocketChannel.open(address)) {
            Await.until("its connection ended", () -> hasEnded(client));
        }
        requireAllClosed();
    }

    private static boolean hasEnded(SocketChannel client) {
        try {
            return client.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (var server = Loopback.listen(1)) {
            SocketAddress address = server.getLocalAddress();
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), ((InetSocketAddress) address).getPort());
        }
    }

    /** Every session closes all sessions at its end: the first one does it, the others find it done or in progress. */
    @Test
    void shouldCloseAllFromWithinTheEndOfEach() throws Exception {
        for (int i = 0; i < MANY; i++) {
            add(new Closing(Callback.ON_CLOSED));
        }
        for (RecordingListener listener : listeners) {
            Await.until("it was opened", () -> listener.opened.get() == 1);
        }
        long start = System.nanoTime();
        host.closeSessions();
        requireSoon(start);
        requireAllClosed();
    }

    @Test
    void shouldReturnToBothOfTwoThreadsThatClose() throws Exception {
        add(new RecordingListener());
        CyclicBarrier together = new CyclicBarrier(2);
        long start = System.nanoTime();
        Threads.runTogether(2, index -> {
            together.await(10, TimeUnit.SECONDS);
            host.closeSessions();
        });
        requireSoon(start);
        closeMillis.set(0);
        requireAllClosed();
    }

    /** One thread closes and waits for a callback, which closes too. */
    @Test
    void shouldReturnToBothWhenACallbackClosesWhileAnotherThreadDoes() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        CyclicBarrier together = new CyclicBarrier(2);
        RecordingListener closing = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                try {
                    together.await(10, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                closeAll();
            }
        };
        listeners.add(closing);
        PeerWire wire = host.wire();
        host.add(wire, closing);
        wire.write(new byte[] {1});
        together.await(10, TimeUnit.SECONDS);
        long start = System.nanoTime();
        host.closeSessions();
        requireSoon(start);
        requireAllClosed();
    }

    private RecordingListener add(RecordingListener listener) throws IOException {
        listeners.add(listener);
        host.add(host.wire(), listener);
        return listener;
    }

    private static void requireSoon(long start) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < AT_ONCE_MILLIS, () -> "it took " + millis + " ms");
    }

    private void requireAllClosed() throws Exception {
        Await.until("the close returned", () -> closeMillis.get() >= 0);
        assertTrue(closeMillis.get() < AT_ONCE_MILLIS, () -> "it took " + closeMillis + " ms");
        assertTrue(!threw.get(), "it threw");
        for (RecordingListener listener : listeners) {
            Await.until("each was notified", listener::isClosed);
        }
        Await.until("no session is kept", () -> host.sessionCount() == 0);
        listeners.forEach(RecordingListener::requireOrder);
        PeerWire late = host.wire();
        assertThrows(IllegalStateException.class, () -> host.add(late, new RecordingListener()));
    }
}
