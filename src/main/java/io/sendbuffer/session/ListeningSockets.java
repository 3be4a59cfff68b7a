/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.NetworkChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The listening sockets of a set of sessions, which are closed with it. Any thread.
 *
 * @param <S> the kind of socket
 */
final class ListeningSockets<S extends NetworkChannel> {
    private final Set<S> servers = ConcurrentHashMap.newKeySet();
    private final SessionRegistry registry;
    private final SessionSettings settings;

    ListeningSockets(SessionRegistry registry, SessionSettings settings) {
        this.registry = registry;
        this.settings = settings;
    }

    /**
     * Takes a socket in.
     *
     * @throws IllegalStateException if it is there already; or if all is closed, and the socket with it
     */
    void add(S server) {
        if (!servers.add(server)) {
            throw new IllegalStateException("these sessions listen on that socket already");
        }
        if (registry.isClosed()) { // meanwhile: that close may have missed it
            closeAll();
            registry.requireOpen();
        }
    }

    /** Leaves a socket to its owner, or to the system if its owner has closed it. */
    void remove(S server) {
        servers.remove(server);
    }

    void close(S server) {
        servers.remove(server);
        Sockets.closeAndReport(server, settings);
    }

    /** After the registry was closed. One that is added meanwhile is closed here, or by the thread that adds it. */
    void closeAll() {
        for (S server : servers) {
            close(server);
        }
    }
}
