/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program that {@link FullHeapSessionsTest} runs in a JVM with a small heap, which it fills. Exits with status 1 if
 * it fails.
 */
final class FullHeapSessionsMain {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
    private static final int LENGTH = 64;

    private static final @Nullable Object[] BALLAST = new Object[2_000_000];
    private static final AtomicInteger REFUSED = new AtomicInteger();
    private static int filled;

    private FullHeapSessionsMain() {}

    /** Tests the clock of one kind, or the accepts of an asynchronous port. */
    public static void main(String[] arguments) throws Exception {
        loadWhatPrintsErrors();
        if (arguments[0].equals("accept")) {
            accept();
        } else {
            keepTheTime(StubKind.valueOf(arguments[0]));
        }
        System.exit(0); // the full heap may have hurt what else runs here
    }

    /** A JDK class that is first used while the heap is full is unusable forever, and the output with it. */
    private static void loadWhatPrintsErrors() {
        new AssertionError("printed on purpose").printStackTrace();
        System.out.println("\u00e9"); // a character that cannot be encoded, or takes two bytes
        StandardCharsets.US_ASCII.newEncoder().encode(CharBuffer.wrap("aa"), ByteBuffer.allocate(1), true);
    }

    /** After the full heap, the timeouts hold and callbacks are called. */
    private static void keepTheTime(StubKind kind) throws Exception {
        HostSettings settings = new HostSettings().writeTimeout(TIMEOUT);
        SendBufferPool pool = Pools.create();
        try (StubHost host = kind.start(settings, Faults.none())) {
            RecordingListener stuck = new RecordingListener();
            RecordingListener aborted = new RecordingListener();
            Session first = host.addOutput(new StubStream().takeNothing(), stuck);
            Session second = host.addOutput(new StubStream(), aborted);
            Await.until("both were opened", () -> stuck.opened.get() + aborted.opened.get() == 2);
            try (SendBuffer message = NumberedMessages.sealed(pool, 1, LENGTH)) {
                fillTheHeap();
                long start = System.nanoTime();
                first.send(message);
                second.abort();
                Await.until("the abort was notified", aborted::isClosed);
                Await.until("the write ended in time", stuck::isClosed);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                require(millis < 3 * TIMEOUT.toMillis(), "it took " + millis + " ms");
                require(stuck.cause instanceof SocketTimeoutException, "the cause is " + stuck.cause);
            }
        }
    }

    /**
     * After the full heap, connections are served, or everything has ended in order: each session was notified, and the
     * port is closed.
     */
    private static void accept() throws Exception {
        Counts counts = new Counts();
        HostSettings settings = new HostSettings();
        AsyncSessions sessions = settings.applyTo(AsyncSessions.builder())
                .errorHandler(error -> {})
                .build();
        AsynchronousServerSocketChannel server =
                sessions.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
        sessions.listen(server, connection -> new Counting(counts));
        InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(SocketChannel.open(address));
        }
        Await.until("all were opened", () -> counts.opened.get() == 30);
        List<SocketChannel> late = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            late.add(SocketChannel.open());
        }
        Pinger pinger = new Pinger(clients, late, address);
        pinger.start();
        fillTheHeap();
        pinger.stop = true;
        pinger.join();
        if (server.isOpen()) {
            int before = counts.opened.get();
            int bytes = counts.received.get();
            connectUnlessItEnds(clients, server);
            Await.until(
                    "new ones are served, or all has ended",
                    () -> counts.opened.get() >= before + 5 || !server.isOpen());
            for (int i = 0; i < 30 && server.isOpen(); i++) {
                clients.get(i).write(ByteBuffer.wrap(new byte[1]));
            }
            Await.until(
                    "all are read, or all has ended", () -> counts.received.get() >= bytes + 30 || !server.isOpen());
        }
        if (!server.isOpen()) {
            Await.until(
                    "each was notified",
                    () -> counts.closed.get() == counts.opened.get() && sessions.sessionCount() == 0);
            System.out.println("ended in order");
        }
    }

    private static void connectUnlessItEnds(List<SocketChannel> clients, AsynchronousServerSocketChannel server)
            throws Exception {
        try {
            for (int i = 0; i < 5; i++) {
                clients.add(SocketChannel.open(server.getLocalAddress()));
            }
        } catch (ConnectException | ClosedChannelException e) {
            Await.until("the port is closed", () -> !server.isOpen());
        }
    }

    /** What the sessions of the port were notified of. */
    private static final class Counts {
        final AtomicInteger opened = new AtomicInteger();
        final AtomicInteger received = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
    }

    /** Counts the end of a session that was opened; one that ended before it was has {@code onClosed} alone. */
    private static final class Counting implements SessionListener {
        private final Counts counts;
        private volatile boolean opened;

        Counting(Counts counts) {
            this.counts = counts;
        }

        @Override
        public void onOpened(Session session) {
            opened = true;
            counts.opened.incrementAndGet();
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            counts.received.addAndGet(bytes.remaining());
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            if (opened) {
                counts.closed.incrementAndGet();
            }
        }
    }

    /** Causes events while the heap is full. */
    private static final class Pinger extends Thread {
        private final List<SocketChannel> clients;
        private final List<SocketChannel> late;
        private final InetSocketAddress address;
        private final ByteBuffer one = ByteBuffer.allocateDirect(1);
        private volatile boolean stop;

        Pinger(List<SocketChannel> clients, List<SocketChannel> late, InetSocketAddress address) {
            this.clients = clients;
            this.late = late;
            this.address = address;
            setDaemon(true);
        }

        @Override
        public void run() {
            for (int round = 0; !stop; round++) {
                try {
                    for (int i = 0; i < clients.size(); i++) {
                        clients.get(i).write(one.clear());
                    }
                    if (round % 4 == 3 && round / 4 < late.size()) {
                        late.get(round / 4).connect(address);
                    }
                } catch (IOException | OutOfMemoryError e) {
                    REFUSED.incrementAndGet();
                } finally {
                    LockSupport.parkNanos(10_000_000);
                }
            }
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    /** Keeps the heap full for a while. */
    private static void fillTheHeap() throws InterruptedException {
        Thread filler = new Thread(FullHeapSessionsMain::fill, "filler");
        filler.start();
        filler.join();
    }

    private static void fill() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < FULL_NANOS) {
            for (int size = 1 << 20; size >= 16; size /= 4) {
                try {
                    while (filled < BALLAST.length) {
                        BALLAST[filled] = new byte[size == 16 ? 0 : size - 16];
                        filled++;
                    }
                } catch (OutOfMemoryError e) {
                    REFUSED.incrementAndGet(); // as intended
                }
            }
        }
        for (int i = 0; i < filled; i++) {
            BALLAST[i] = null;
        }
        filled = 0;
    }
}
