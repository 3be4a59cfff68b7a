/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;

/**
 * Stubs and real threads. Each is refused when the test decides, and is recorded, so that the test can check that none
 * is left.
 */
final class FaultyResources extends Resources {
    final Faults faults;
    private final HostSettings settings;

    FaultyResources(HostSettings settings, Faults faults) {
        Rehearsed.all();
        this.settings = settings;
        this.faults = faults;
    }

    @Override
    SocketChannel openSocket(SocketAddress address) {
        faults.hit(Faults.Edge.OPEN_SOCKET);
        return SocketStub.unconnected(nextToConnect());
    }

    @Override
    AsynchronousSocketChannel openSocket(AsynchronousChannelGroup group) {
        faults.hit(Faults.Edge.OPEN_SOCKET);
        return AsyncStub.unconnected(nextToConnect());
    }

    private StubStream nextToConnect() {
        StubStream given = settings.toConnect.poll();
        StubStream next = given != null ? given : new StubStream(faults);
        settings.sockets.add(next);
        return next;
    }

    @Override
    Selector openSelector() {
        faults.hit(Faults.Edge.OPEN_SELECTOR);
        StubSelector selector = new StubSelector(faults);
        settings.selectors.add(selector);
        return selector;
    }

    @Override
    ByteBuffer allocateDirect(int bytes) {
        faults.hit(Faults.Edge.DIRECT_MEMORY);
        return super.allocateDirect(bytes);
    }

    @Override
    ThreadFactory threads(String name) {
        if (name.endsWith("-clock")) {
            return threads(name, Faults.Edge.CLOCK_FACTORY, Faults.Edge.CLOCK_START);
        }
        if (name.endsWith("-ends")) {
            return threads(name, Faults.Edge.ENDS_FACTORY, Faults.Edge.ENDS_START);
        }
        return name.endsWith("-delivery")
                ? threads(name, Faults.Edge.DELIVERY_FACTORY, Faults.Edge.DELIVERY_START)
                : threads(name, Faults.Edge.EXECUTOR_FACTORY, Faults.Edge.EXECUTOR_START);
    }

    /** A thread factory as a user supplies it, with faults. */
    ThreadFactory sessionThreads() {
        return threads("stub-session", Faults.Edge.THREAD_FACTORY, Faults.Edge.THREAD_START);
    }

    /** The same, based on another factory, whose threads start without a fault. */
    ThreadFactory sessionThreads(ThreadFactory factory) {
        return task -> {
            faults.hit(Faults.Edge.THREAD_FACTORY);
            Thread thread = factory.newThread(task);
            settings.threads.add(thread);
            return thread;
        };
    }

    private ThreadFactory threads(String name, Faults.Edge making, Faults.Edge starting) {
        return task -> {
            faults.hit(making);
            Thread thread = new Thread(null, task, name, 256 << 10) {
                @Override
                public synchronized void start() {
                    faults.hit(starting);
                    super.start();
                }
            };
            thread.setDaemon(true);
            settings.threads.add(thread);
            return thread;
        };
    }

    @Override
    void start(Thread thread) {
        faults.hit(startOf(thread.getName()));
        settings.threads.add(thread);
        thread.start();
    }

    private static Faults.Edge startOf(String name) {
        if (name.endsWith("-opener")) {
            return Faults.Edge.OPENER_START;
        }
        return name.endsWith("-watch") ? Faults.Edge.WATCH_START : Faults.Edge.LOOP_START;
    }
}
