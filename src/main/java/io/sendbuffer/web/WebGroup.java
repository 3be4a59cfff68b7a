/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.RefusalListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.VariantGroup;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The clients that a broadcast goes to, of all kinds. A message is encoded once for each kind that has a member, and
 * shared by all members of that kind. Those of one kind are a {@link SessionGroup}, with its guarantees; a client that
 * ends leaves by itself.
 */
public final class WebGroup {
    private static final WebKind[] KINDS = WebKind.values();

    private final WebServer server;
    private final VariantGroup group;

    /** Creates a group without members. */
    public WebGroup(WebServer server) {
        this.server = server;
        this.group = new VariantGroup(WebKind.COUNT);
    }

    /** Creates a group without members; see {@link SessionGroup#SessionGroup(RefusalListener)}. */
    public WebGroup(WebServer server, RefusalListener refusalListener) {
        this.server = server;
        this.group = new VariantGroup(WebKind.COUNT, refusalListener);
    }

    /**
     * Adds a client.
     *
     * @return false if it is a member already, or ended
     */
    public boolean add(WebClient client) {
        return group.add(client.session(), client.kind().variant);
    }

    /**
     * Removes a client.
     *
     * @return false if it is no member
     */
    public boolean remove(WebClient client) {
        return group.remove(client.session());
    }

    /** How many members there are. */
    public int size() {
        return group.size();
    }

    /** The members of one kind: to send them what is encoded already, or to look at their queues. */
    public SessionGroup sessions(WebKind kind) {
        return group.members(kind.variant);
    }

    /** Calls an action for each current member; see {@link SessionGroup#forEach}. */
    public void forEach(Consumer<? super WebClient> action) {
        for (WebKind kind : KINDS) {
            sessions(kind).forEach(session -> action.accept(WebConnection.clientOf(session)));
        }
    }

    /**
     * Sends a text to every member: as a text message, or as the data of an event.
     *
     * @return how many accepted it; see {@link SessionGroup#broadcast(SendBuffer)}, also for what it throws
     */
    public int broadcastText(CharSequence text) {
        if (size() == 0) {
            return 0;
        }
        try (SendBuffer frame = WebSocketFrames.text(server.pool(), text)) {
            return broadcast(frame);
        }
    }

    /** Sends a text to the members that pass a filter; see {@link #broadcast(WebTick, Predicate)}. */
    public int broadcastText(CharSequence text, Predicate<? super WebClient> filter) {
        if (size() == 0) {
            return 0;
        }
        try (SendBuffer frame = WebSocketFrames.text(server.pool(), text)) {
            return broadcast(frame, filter);
        }
    }

    /**
     * Sends a text or binary frame to every member, see {@link WebSocketFrames}; a binary one not to those of events. A
     * key, a class or a time of the frame holds for all its encodings.
     *
     * @param frame sealed; the caller holds a reference
     * @return how many accepted it
     */
    public int broadcast(SendBuffer frame) {
        try (WebTick alone = new WebTick(server)) {
            return broadcast(alone.add(frame));
        }
    }

    /** Sends a frame to the members that pass a filter; see {@link #broadcast(WebTick, Predicate)}. */
    public int broadcast(SendBuffer frame, Predicate<? super WebClient> filter) {
        try (WebTick alone = new WebTick(server)) {
            return broadcast(alone.add(frame), filter);
        }
    }

    /** Sends a tick to every member, each of which takes it whole or not at all; see {@link #broadcast(SendBuffer)}. */
    public int broadcast(WebTick tick) {
        return group.broadcast(tick.variants);
    }

    /**
     * Sends a tick to the members that pass a filter, to all but the sender for instance: {@code group.broadcast(tick,
     * member -> member != sender)}. The filter is asked on the calling thread, under no lock; what it throws ends the
     * broadcast there and is thrown.
     *
     * @return how many accepted it
     */
    public int broadcast(WebTick tick, Predicate<? super WebClient> filter) {
        Objects.requireNonNull(filter, "filter");
        return group.broadcast(tick.variants, session -> filter.test(WebConnection.clientOf(session)));
    }

    /**
     * Closes every current member, as {@link WebClient#close(int, String)} does: the goodbye of a server that stops.
     * All share one close frame, without the reason where there is no memory for that. Does not wait; members leave
     * when they have ended. If closing one of them throws, its session ends with that cause.
     *
     * @param code 1001 if the server stops; see there
     * @param reason up to 123 bytes as UTF-8
     */
    public void close(int code, String reason) {
        WebSocketFrames.requireCode(code);
        try (SendBuffer frame = server.closeFrame(code, reason)) {
            for (WebKind kind : KINDS) {
                sessions(kind).forEach(session -> close(session, code, frame));
            }
        }
    }

    private static void close(Session session, int code, SendBuffer frame) {
        try {
            WebConnection.clientOf(session).close(code, frame);
        } catch (Throwable e) {
            session.abort(e); // the others get their goodbye
        }
    }

    /** Sends a heartbeat to every member: a ping, or a comment. Both are shared, and cost no memory. */
    public int heartbeat() {
        return sessions(WebKind.WEB_SOCKET).broadcast(server.pingFrame())
                + sessions(WebKind.DEFLATED_WEB_SOCKET).broadcast(server.pingFrame())
                + sessions(WebKind.EVENTS).broadcast(server.heartbeatEvent());
    }
}
