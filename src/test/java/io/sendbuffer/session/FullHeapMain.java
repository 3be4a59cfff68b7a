/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The program that {@link FullHeapTest} runs in a JVM with a small heap: loops that serve, whose heap is then really
 * full for a second, and whose shutdown code has never run. Exits with status 1 if anything is lost.
 */
final class FullHeapMain {
    private static final int SESSIONS = 40;
    private static final int MORE = 10;
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);
    private static final int MAX_PIECES = 1 << 21;

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final List<SocketChannel> clients = new ArrayList<>();
    private final List<SocketChannel> more = new ArrayList<>();
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);
    private final byte[][] pieces = new byte[MAX_PIECES][];
    private int count;
    private SocketAddress address = new InetSocketAddress(0);

    private FullHeapMain() {}

    /** Returns when the scenario that the argument names has run. */
    public static void main(String[] arguments) throws Exception {
        FullHeapMain main = new FullHeapMain();
        switch (arguments[0]) {
            case "loop" -> main.aLoop();
            case "group" -> main.aGroup();
            case "death" -> main.aDeath();
            case "heir" -> main.anHeir();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("passed: " + arguments[0] + ", errors reported: " + main.errors);
    }

    private SendLoop.Builder settings() {
        return SendLoop.builder()
                .maxSelectTime(Duration.ofMillis(10))
                .closeTimeout(Duration.ofMillis(500))
                .errorHandler(error -> errors.incrementAndGet())
                .onEnded((loop, cause) -> ended.incrementAndGet());
    }

    private final class Counting implements SessionListener {
        @Override
        public void onOpened(Session session) {
            opened.incrementAndGet();
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            received.incrementAndGet();
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            closed.incrementAndGet();
        }
    }

    private void aLoop() throws Exception {
        SendLoop loop = settings().build();
        ServerSocketChannel server = Loopback.listen(SESSIONS);
        address = server.getLocalAddress();
        loop.listen(server, connection -> new Counting());
        LoopRunner runner = loop.start();
        connectAll();
        fillForAWhile(this::connectMore);
        requireServedOrEnded(loop, server);
        closeClients();
        runner.close();
        requireEnded(loop, server, opened.get());
        require("the thread ended", !runner.thread().isAlive());
    }

    private void aGroup() throws Exception {
        SendLoopGroup group = SendLoopGroup.start(2, settings());
        ServerSocketChannel server = Loopback.listen(SESSIONS);
        address = server.getLocalAddress();
        group.listen(server, connection -> new Counting());
        connectAll();
        fillForAWhile(this::connectMore);
        boolean allEnded = group.loops().stream().allMatch(SendLoop::isEnded);
        if (!allEnded) {
            requireServed();
        }
        closeClients();
        group.close();
        require("notified: " + closed, closed.get() == opened.get());
        require("the port is closed", !server.isOpen());
        require("onEnded was called twice", ended.get() == 2);
    }

    /** A loop that cannot continue: its selector is closed while there is no memory. */
    private void aDeath() throws Exception {
        Selector selector = Selector.open();
        SendLoop loop = doomed(selector);
        ServerSocketChannel server = Loopback.listen(SESSIONS);
        address = server.getLocalAddress();
        loop.listen(server, connection -> new Counting());
        LoopRunner runner = loop.start();
        connectAll();
        fillForAWhile(closing(selector));
        Await.until("it ended", () -> ended.get() == 1);
        requireEnded(loop, server, SESSIONS);
        require("the cause is known", loop.causeOfEnd() != null);
        runner.close();
    }

    /** The same, but another loop is to take the listening socket. */
    private void anHeir() throws Exception {
        Selector selector = Selector.open();
        SendLoop loop = doomed(selector);
        SendLoop heir = settings().build();
        loop.heir((late, layers, listeners) -> heir.listen(late, layers, listeners));
        ServerSocketChannel server = Loopback.listen(SESSIONS);
        address = server.getLocalAddress();
        loop.listen(server, connection -> new Counting());
        LoopRunner runner = loop.start();
        LoopRunner ofHeir = heir.start();
        connectAll();
        fillForAWhile(closing(selector));
        Await.until("it ended", () -> ended.get() == 1);
        require("notified: " + closed, closed.get() == SESSIONS);
        requireServed();
        closeClients();
        ofHeir.close();
        runner.close();
        requireEnded(heir, server, opened.get());
    }

    /** Built like any loop, but with a selector that can be closed from here. */
    private SendLoop doomed(Selector selector) throws IOException {
        Preloading.once();
        return new SendLoop(settings(), "doomed", selector, ByteBuffer.allocateDirect(64));
    }

    /** Without memory, the selector may throw even though it is closed. */
    private static Runnable closing(Selector selector) {
        return () -> {
            try {
                if (selector.isOpen()) {
                    selector.close();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
    }

    private void connectAll() throws Exception {
        for (int i = 0; i < SESSIONS; i++) {
            connect();
        }
        for (int i = 0; i < MORE; i++) {
            more.add(SocketChannel.open());
        }
        Await.until("all opened", () -> opened.get() == SESSIONS);
    }

    private void connect() throws IOException {
        clients.add(SocketChannel.open(address));
    }

    private void connectMore() {
        for (int i = 0; i < MORE; i++) {
            SocketChannel each = more.get(i);
            try {
                if (!each.isConnected()) {
                    each.connect(address);
                }
            } catch (IOException | OutOfMemoryError e) {
                return; // everything has ended, or not even a connect finds room
            }
        }
    }

    private void closeClients() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        for (SocketChannel client : more) {
            client.close();
        }
    }

    private void requireServedOrEnded(SendLoop loop, ServerSocketChannel server) throws Exception {
        if (loop.isClosed()) {
            Await.until("it ended in order", () -> ended.get() == 1);
            requireEnded(loop, server, opened.get());
            return;
        }
        requireServed();
    }

    /** Both the remaining sessions and new ones are served. */
    private void requireServed() throws Exception {
        int before = opened.get();
        connect();
        Await.until("a new connection is served", () -> opened.get() > before);
        int receivedBefore = received.get();
        clients.get(clients.size() - 1).write(one.clear());
        Await.until("its byte is received", () -> received.get() > receivedBefore);
    }

    private void requireEnded(SendLoop loop, ServerSocketChannel server, int expected) throws Exception {
        require("notified: " + closed + " of " + expected, closed.get() == expected);
        require("the port is closed", !server.isOpen());
        require("onEnded was called", ended.get() > 0);
        try (SocketChannel late = SocketChannel.open();
                ServerSocketChannel other = Loopback.listen(1)) {
            late.connect(other.getLocalAddress());
            loop.add(late, new Counting());
        } catch (IllegalStateException e) {
            require("refused with the cause", e.getCause() == loop.causeOfEnd());
            return;
        }
        throw new AssertionError("a loop that ended took a session");
    }

    private static void require(String what, boolean isSo) {
        if (!isSo) {
            throw new AssertionError("expected: " + what);
        }
    }

    /** Fills the heap while peers send and connect, and runs the action while it is full. */
    private void fillForAWhile(Runnable whileFull) {
        Runnable sends = this::sendFromAll;
        isRun(sends); // while there is room to load the classes it needs
        fill();
        long start = System.nanoTime();
        boolean isDone = false;
        while (System.nanoTime() - start < FULL_NANOS || !isDone) {
            fill();
            isDone = isDone || isRun(whileFull);
            isRun(sends);
        }
        for (int i = 0; i < count; i++) {
            pieces[i] = null;
        }
        count = 0;
    }

    private static boolean isRun(Runnable action) {
        try {
            action.run();
            return true;
        } catch (OutOfMemoryError e) {
            return false; // the heap is full, as intended
        }
    }

    private void sendFromAll() {
        for (int i = 0; i < SESSIONS; i++) {
            try {
                clients.get(i).write(one.clear());
            } catch (IOException e) {
                // its session ended
            }
        }
    }

    private void fill() {
        for (int size = 1 << 20; size >= 16; size /= 4) {
            try {
                while (count < MAX_PIECES) {
                    pieces[count] = new byte[size == 16 ? 0 : size - 16];
                    count++;
                }
            } catch (OutOfMemoryError e) {
                // as intended: smaller ones may still fit
            }
        }
    }
}
