/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;

/** Sets up the parts and shuts them down: a pool, a loop with a thread, a listening socket. */
final class PubSubServer implements AutoCloseable {
    private static final int MAX_COMMAND_BYTES = 64 << 20;
    private static final int BACKLOG = 512;

    private final SendBufferPool pool;
    private final LoopRunner runner;
    private final int port;

    private PubSubServer(PubSubSettings settings, ServerSocketChannel listener, PrintStream console)
            throws IOException {
        this.port = listener.socket().getLocalPort();
        this.pool = SendBufferPool.builder().maxMemory(settings.maxMemory()).build();
        Commands commands = new Commands(pool, console);
        SendLoop loop = SendLoop.builder()
                .queueLimits(OutputLimits.DEFAULT.normal().toQueueLimits())
                .overrunPolicy(OverrunPolicy.end())
                .writeTimeout(Duration.ZERO) // the limits alone say which client is too slow
                .roleName("pubsub")
                .build();
        loop.listen(listener, connection -> new Client(commands, MAX_COMMAND_BYTES));
        this.runner = loop.start();
    }

    /**
     * Starts a server on the loopback address.
     *
     * @param console gets a line for each client that is closed for being slow
     */
    static PubSubServer start(PubSubSettings settings, PrintStream console) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()), BACKLOG);
            PubSubServer server = new PubSubServer(settings, listener, console);
            console.printf("ready on port %d, Ctrl-C ends%n", server.port());
            return server;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    SendBufferPool pool() {
        return pool;
    }

    @Override
    public void close() {
        runner.close();
        pool.close();
    }
}
