/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.frame.FrameFormat;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sets up the parts and shuts them down: a pool, a loop with a thread, a listening socket, a room. */
public final class BroadcastServer implements AutoCloseable {
    private final PrintStream console;
    private final int port;
    private final SendBufferPool pool;

    /** For lines that have begun: apart from what is sent, in small chunks, each of which waits for few lines. */
    private final SendBufferPool begunLines =
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20).build();

    private final Notices notices;
    private final Room room;
    private final Door door;
    private final LoopRunner runner;
    private final AtomicBoolean closed = new AtomicBoolean();

    private BroadcastServer(ServeSettings settings, ServerSocketChannel listener, PrintStream console)
            throws IOException {
        QueueLimits limits = QueueLimits.DEFAULT.withMaxQueuedBytes(settings.queueLimit());
        this.console = console;
        this.port = listener.socket().getLocalPort();
        this.pool = SendBufferPool.builder().maxMemory(settings.maxMemory()).build();
        this.notices = new Notices(pool, settings.maxLine());
        this.room = new Room(pool, notices, console);
        this.door = new Door(
                room,
                settings.maxConnections(),
                FrameFormat.lines().maxLength(settings.maxLine()),
                begunLines,
                console);

        SendLoop loop = SendLoop.builder().queueLimits(limits).roleName("serve").build();
        loop.listen(listener, door::admit);
        this.runner = loop.start();
    }

    /**
     * Starts a server.
     *
     * @param console gets a line for each client that connects or disconnects, never one for a message
     * @throws IOException if it cannot listen at that address
     */
    public static BroadcastServer start(ServeSettings settings, PrintStream console) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            InetAddress host = InetAddress.getByName(settings.host());
            listener.bind(new InetSocketAddress(host, settings.port()), settings.maxConnections());
            BroadcastServer server = new BroadcastServer(settings, listener, console);
            console.printf("listening on %s:%d, Ctrl-C ends%n", settings.host(), server.port());
            return server;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** The address at which it listens. */
    public int port() {
        return port;
    }

    /** Says goodbye, ends every connection, gives all memory back, and prints the totals on the console. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        room.close();
        runner.close(); // ends the loop, its thread, the listening socket and every session
        notices.close();
        pool.close();
        begunLines.close();
        console.printf(
                "closed: %d clients, %d lines, %d buffers outstanding%n",
                door.admitted(), room.lines(), pool.stats().outstandingBuffers());
    }
}
