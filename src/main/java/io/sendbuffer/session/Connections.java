/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.NetworkChannel;
import java.util.concurrent.TimeUnit;

/**
 * What becomes of the connections of one listening socket, whichever way they are accepted: each gets a listener and
 * becomes a session, or is closed. For the thread that accepts; never throws.
 *
 * @param <C> the kind of channel
 */
final class Connections<C extends NetworkChannel> {
    /** Out of file descriptors, for instance: to accept again at once would fail at once, in a busy loop. */
    static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SessionSettings settings;
    private final SessionListener.Factory<? super C> listeners;
    private final Placement<C> placement;

    /**
     * Makes a session of a new connection.
     *
     * @param <C> the kind of channel
     */
    @FunctionalInterface
    interface Placement<C> {
        Session add(C channel, SessionListener listener) throws IOException;
    }

    Connections(SessionSettings settings, SessionListener.Factory<? super C> listeners, Placement<C> placement) {
        this.settings = settings;
        this.listeners = listeners;
        this.placement = placement;
    }

    /** Makes a session of a connection, or closes it where its listener's factory refuses it or anything throws. */
    void open(C channel) {
        try {
            Sockets.configure(channel, settings);
            SessionListener listener = listeners.listenerFor(channel);
            if (listener == null) {
                channel.close();
            } else {
                placement.add(channel, listener);
            }
        } catch (Throwable e) { // out of memory or of threads, for instance: the next one may fare better
            drop(channel, e);
        }
    }

    /** Closes a connection that cannot become a session, and reports why. */
    void drop(C channel, Throwable cause) {
        settings.report(cause);
        Sockets.closeAndReport(channel, settings);
    }
}
