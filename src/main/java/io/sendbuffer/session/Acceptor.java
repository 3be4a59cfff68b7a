/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A listening socket on a loop, whose connections go to that loop or to several. Owned by the loop's thread. */
final class Acceptor {
    /** The bound that keeps new connections from delaying the loop's sessions. */
    private static final int MAX_PER_TURN = 64;

    private final SendLoop loop;
    private final ServerSocketChannel server;
    private final SocketLayer.@Nullable Factory layers;
    private final SessionListener.Factory<? super SocketChannel> listeners;
    private final Connections<SocketChannel> connections;
    private @Nullable SelectionKey key;
    private boolean paused;
    private long pausedAtNanos;

    Acceptor(
            SendLoop loop,
            ServerSocketChannel server,
            SocketLayer.@Nullable Factory layers,
            SessionListener.Factory<? super SocketChannel> listeners,
            Connections.Placement<SocketChannel> placement) {
        this.loop = loop;
        this.server = server;
        this.layers = layers;
        this.listeners = listeners;
        this.connections = new Connections<>(loop.settings(), listeners, placement);
    }

    /**
     * Makes one of a socket, which becomes non-blocking.
     *
     * @throws IllegalArgumentException if the socket is not bound
     * @throws IllegalStateException if the loop listens on it already
     */
    static Acceptor of(
            SendLoop loop,
            Selector selector,
            ServerSocketChannel server,
            SocketLayer.@Nullable Factory layers,
            SessionListener.Factory<? super SocketChannel> listeners,
            Connections.Placement<SocketChannel> placement)
            throws IOException {
        if (server.isOpen()) {
            Sockets.requireBound(server);
        }
        if (server.keyFor(selector) != null) {
            throw new IllegalStateException("the loop listens on that socket already");
        }
        server.configureBlocking(false);
        return new Acceptor(loop, server, layers, listeners, placement);
    }

    /** Begins to accept; what fails, for want of memory for instance, is tried again after a pause. */
    void register(Selector selector) {
        try {
            key = server.register(selector, SelectionKey.OP_ACCEPT, this);
        } catch (ClosedChannelException e) {
            loop.report(e);
        } catch (Throwable e) {
            loop.report(e);
            pause();
        }
    }

    void onReady() {
        try {
            for (int i = 0; i < MAX_PER_TURN; i++) {
                SocketChannel channel = server.accept();
                if (channel == null) {
                    return;
                }
                open(channel);
            }
        } catch (ClosedChannelException e) {
            return; // its owner closed it: no more connections are wanted, and the loop forgets it
        } catch (Throwable e) { // out of descriptors or of memory, for instance: later may be better
            loop.report(e);
            pause();
        }
    }

    /** Stops accepting, and hands the listening socket to another loop. The backlog waits in the system meanwhile. */
    void moveTo(Heir heir) throws IOException {
        SelectionKey registered = key;
        if (registered != null) {
            cancel(registered);
        }
        heir.listen(server, layers, listeners);
    }

    private void cancel(SelectionKey registered) {
        try {
            registered.cancel();
        } catch (Throwable e) { // no memory, for instance: it ends with its selector
            loop.report(e);
        }
    }

    /** What takes the listening sockets of a loop that died. */
    @FunctionalInterface
    interface Heir {
        void listen(
                ServerSocketChannel server,
                SocketLayer.@Nullable Factory layers,
                SessionListener.Factory<? super SocketChannel> listeners)
                throws IOException;
    }

    boolean isOpen() {
        return server.isOpen();
    }

    /** Ends a pause that is over. */
    void resumeIfDue(Selector selector) {
        if (paused && System.nanoTime() - pausedAtNanos >= Connections.PAUSE_NANOS) {
            paused = false;
            if (key == null) {
                register(selector);
            } else {
                setInterest(SelectionKey.OP_ACCEPT);
            }
        }
    }

    void close() {
        Sockets.closeAndReport(server, loop.settings());
    }

    private void open(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
        } catch (Throwable e) {
            connections.drop(channel, e);
            return;
        }
        connections.open(channel);
    }

    private void pause() {
        paused = true;
        pausedAtNanos = System.nanoTime();
        setInterest(0);
    }

    private void setInterest(int ops) {
        SelectionKey registered = key;
        if (registered == null) {
            return;
        }
        try {
            registered.interestOps(ops);
        } catch (CancelledKeyException e) {
            return; // its owner closed it
        }
    }
}
