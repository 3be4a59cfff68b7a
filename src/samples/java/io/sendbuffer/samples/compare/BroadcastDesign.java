/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/** One way of sending each message to every client. Used by one thread. */
interface BroadcastDesign extends AutoCloseable {
    String name();

    /** Takes over the clients' sockets. */
    void open(List<SocketChannel> clients) throws IOException;

    /** Sends a message to every client, or queues it until the tick ends. */
    void publish(byte[] message) throws IOException;

    /** Ends a tick: writes what was published since the last one. */
    void endTick() throws IOException;

    /** The backlog of the slowest client in bytes, after another attempt to write it. */
    long backlogBytes() throws IOException;

    /** Bytes that were copied in user space since the design was opened, the JDK's own copies included. */
    long copiedBytes();

    /** The names of the threads that send for this design, besides the publisher's. */
    List<String> helperThreads();

    /** Buffers that were not given back; 0 for a design that has none. */
    long outstandingBuffers();

    @Override
    void close() throws IOException;
}
