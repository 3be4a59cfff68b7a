/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;

/**
 * What sessions ask the JVM and the system for: sockets, selectors, direct memory and threads. The place where a test
 * has each of them refused.
 */
class Resources {
    static final Resources SYSTEM = new Resources();

    SocketChannel openSocket(SocketAddress address) throws IOException {
        return Sockets.openFor(address);
    }

    AsynchronousSocketChannel openSocket(AsynchronousChannelGroup group) throws IOException {
        return AsynchronousSocketChannel.open(group);
    }

    Selector openSelector() throws IOException {
        return Selector.open();
    }

    ByteBuffer allocateDirect(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }

    /** Makes the threads of the library's own that may come and go. */
    ThreadFactory threads(String name) {
        return DaemonThreads.named(name);
    }

    /** Starts a thread that is there once. */
    void start(Thread thread) {
        thread.start();
    }
}
