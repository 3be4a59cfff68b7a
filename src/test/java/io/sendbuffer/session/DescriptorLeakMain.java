/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The program that {@link DescriptorLeakIT} runs in a JVM with hardly any direct memory: makes something that fails
 * halfway, many times, and counts the descriptors. Exits with status 1 if there are more than before.
 */
final class DescriptorLeakMain {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private static final int TIMES = 500;

    /** A refused allocation of direct memory may make the JDK wait for half a second. */
    private static final int THREADS = 25;

    /** The JDK keeps a few descriptors of its own once it has used a socket. */
    private static final int SPARE = 12;

    private static final int TOO_LARGE = 16 << 20;

    private DescriptorLeakMain() {}

    /** What to make. */
    enum Making {
        LOOP {
            @Override
            void make() throws IOException {
                SendLoop.builder().receiveBufferSize(TOO_LARGE).build().onClose();
            }
        },
        LOOP_GROUP {
            @Override
            void make() throws IOException {
                SendLoopGroup.start(4, SendLoop.builder().receiveBufferSize(TOO_LARGE))
                        .close();
            }
        },
        LOOP_CONNECT_REFUSED {
            @Override
            void make() throws Exception {
                SendLoop loop = SendLoop.builder().maxSelectTime(Duration.ZERO).build();
                RecordingListener listener = new RecordingListener();
                loop.connect(noServer(), listener);
                Await.until("it failed", listener::isClosed, loop::doWork);
                loop.onClose();
            }
        },
        LOOP_CONNECT_UNRESOLVED {
            @Override
            void make() throws Exception {
                SendLoop loop = SendLoop.builder().maxSelectTime(Duration.ZERO).build();
                try {
                    loop.connect(InetSocketAddress.createUnresolved("nowhere", 1), new RecordingListener());
                } finally {
                    loop.onClose();
                }
            }
        },
        ASYNC_CONNECT {
            @Override
            void make() throws Exception {
                try (AsyncSessions sessions =
                        AsyncSessions.builder().receiveBufferSize(TOO_LARGE).build()) {
                    RecordingListener listener = new RecordingListener();
                    try (ServerSocketChannel server = Loopback.listen(1)) {
                        sessions.connect(server.getLocalAddress(), listener);
                        Await.until("it failed or opened", () -> listener.opened.get() + listener.closed.get() > 0);
                    }
                }
            }
        },
        ASYNC_BIND_IN_USE {
            @Override
            void make() throws Exception {
                try (AsyncSessions sessions = AsyncSessions.builder().build();
                        ServerSocketChannel server = Loopback.listen(1)) {
                    sessions.bind(server.getLocalAddress());
                }
            }
        },
        ASYNC_ADD {
            @Override
            void make() throws Exception {
                try (AsyncSessions sessions = AsyncSessions.builder()
                                .receiveBufferSize(TOO_LARGE)
                                .build();
                        PeerWire wire = PeerWire.open(SessionKind.ASYNC)) {
                    sessions.add(wire.asynchronous(), new RecordingListener());
                }
            }
        },
        BLOCKING_CONNECT_REFUSED {
            @Override
            void make() throws Exception {
                try (BlockingSessions sessions = BlockingSessions.builder().build()) {
                    sessions.connect(noServer(), new RecordingListener());
                }
            }
        },
        BLOCKING_CONNECT_WITHOUT_THREADS {
            @Override
            void make() throws Exception {
                try (BlockingSessions sessions = BlockingSessions.builder()
                                .threads(task -> {
                                    throw new OutOfMemoryError("unable to create native thread, on purpose");
                                })
                                .build();
                        ServerSocketChannel server = Loopback.listen(1)) {
                    sessions.connect(server.getLocalAddress(), new RecordingListener());
                }
            }
        },
        BLOCKING_RECEIVE {
            @Override
            void make() throws Exception {
                try (BlockingSessions sessions = BlockingSessions.builder()
                                .receiveBufferSize(TOO_LARGE)
                                .build();
                        PeerWire wire = PeerWire.open(SessionKind.BLOCKING_INLINE)) {
                    RecordingListener listener = new RecordingListener();
                    sessions.add(wire.socket(), listener);
                    wire.write(new byte[1]);
                    Await.until("it failed or received", () -> listener.isClosed() || listener.receivedBytes.get() > 0);
                }
            }
        };

        /** Makes it and closes it, or throws. */
        abstract void make() throws Exception;
    }

    private static InetSocketAddress noServer() throws IOException {
        try (ServerSocketChannel server = Loopback.listen(1)) {
            return (InetSocketAddress) server.getLocalAddress();
        }
    }

    /** The others fail later, and notify a listener. */
    private static final Set<Making> THROWING = EnumSet.of(
            Making.LOOP, Making.LOOP_GROUP, Making.ASYNC_BIND_IN_USE, Making.BLOCKING_CONNECT_WITHOUT_THREADS);

    /** Makes one kind many times. */
    public static void main(String[] arguments) throws Exception {
        Making making = Making.valueOf(arguments[0]);
        AtomicInteger failures = new AtomicInteger();
        attempt(making, failures); // also loads classes, which takes descriptors
        long before = count();
        Threads.runTogether(THREADS, thread -> {
            for (int i = 0; i < TIMES / THREADS; i++) {
                attempt(making, failures);
            }
        });
        if (failures.get() == 0 && THROWING.contains(making)) {
            throw new AssertionError("nothing failed half way");
        }
        Await.until("descriptors are closed: " + before, () -> count() <= before + SPARE);
        System.out.println(making + ": " + before + ", " + count() + " descriptors, failed " + failures);
    }

    private static void attempt(Making making, AtomicInteger failures) {
        try {
            making.make();
        } catch (Exception | OutOfMemoryError e) {
            failures.incrementAndGet();
        }
    }

    private static long count() {
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
