/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * Accepts connections on a thread of its own, until the listening socket is closed. Known to {@link WithinCall} by its
 * name.
 */
final class BlockingAcceptor implements Runnable {
    private final BlockingSessions sessions;
    private final ListeningSockets<ServerSocketChannel> servers;
    private final ServerSocketChannel server;
    private final Connections<SocketChannel> connections;

    BlockingAcceptor(
            BlockingSessions sessions,
            ListeningSockets<ServerSocketChannel> servers,
            ServerSocketChannel server,
            SessionListener.Factory<? super SocketChannel> listeners) {
        this.sessions = sessions;
        this.servers = servers;
        this.server = server;
        this.connections = new Connections<>(sessions.settings, listeners, sessions::add);
    }

    @Override
    public void run() {
        while (server.isOpen()) {
            try {
                sessions.takeInterruptBack("a listener factory or an error handler", "accept");
                connections.open(server.accept());
            } catch (ClosedByInterruptException e) { // it came while it waited: the JDK has closed the socket
                sessions.settings.report(
                        new IOException("an interrupt of the thread that accepts closed the listening socket", e));
                break;
            } catch (ClosedChannelException e) {
                if (!server.isOpen()) {
                    break; // its owner closed it: no more connections are wanted
                }
                pauseAfter(e);
            } catch (Throwable e) { // out of descriptors or of memory, for instance: later may be better
                pauseAfter(e);
            }
        }
        servers.remove(server);
    }

    private void pauseAfter(Throwable failure) {
        sessions.settings.report(failure);
        sessions.takeInterruptBack("an error handler", "pause");
        LockSupport.parkNanos(Connections.PAUSE_NANOS);
    }
}
