/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The death of a thread with which the JDK waits for events is detected, on every JDK. */
@Timeout(30)
class GroupThreadsTest {
    private final List<Throwable> deaths = new CopyOnWriteArrayList<>();
    private final AtomicInteger ends = new AtomicInteger();
    private final Error onPurpose = new OutOfMemoryError("on purpose");
    private volatile boolean throwing;

    /** The JDK passes events to it, on the thread that waited for them. */
    private final class Threads extends ThreadPoolExecutor {
        Threads() {
            super(0, 10, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
        }

        @Override
        public void execute(Runnable task) {
            if (throwing) {
                throw onPurpose;
            }
            super.execute(task);
        }
    }

    private AsynchronousChannelGroup open() throws Exception {
        return GroupThreads.open(
                "group-under-test", new Threads(), 0, Resources.SYSTEM, deaths::add, ends::incrementAndGet);
    }

    @Test
    void shouldNoticeThatAThreadDied() throws Exception {
        AsynchronousChannelGroup group = open();
        try (AsynchronousServerSocketChannel server = AsynchronousServerSocketChannel.open(group)) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.accept(null, new CompletionHandler<AsynchronousSocketChannel, Void>() {
                @Override
                public void completed(AsynchronousSocketChannel accepted, Void nothing) {}

                @Override
                public void failed(Throwable cause, Void nothing) {}
            });
            assertEquals(0, ends.get());
            throwing = true;
            try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
                Await.until("it was noticed", () -> !deaths.isEmpty() || ends.get() > 0);
                deaths.forEach(death -> assertSame(onPurpose, death));
            }
        } finally {
            throwing = false;
            group.shutdown();
        }
    }

    @Test
    void shouldNoticeTheEndOfAGroupThatIsShutDown() throws Exception {
        AsynchronousChannelGroup first = open();
        AsynchronousChannelGroup second = open();
        first.shutdown();
        Await.until("its threads have ended", () -> ends.get() == 1);
        assertFalse(second.isTerminated());
        second.shutdown();
        Await.until("the threads of the other group have ended too", () -> ends.get() == 2);
        assertEquals(List.of(), deaths);
    }
}
