/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The clients that receive each other's lines. Everything here except {@link #close()} runs on the loop's thread. */
final class Room {
    private final SendBufferPool pool;
    private final Notices notices;
    private final PrintStream console;

    /**
     * Sessions leave their groups automatically when they end. A client with a full queue does not read; its session is
     * closed, since its stream would have a gap from here on.
     */
    private final SessionGroup everyone = new SessionGroup(Session::abort);

    /** The sessions among them that have ended their input. */
    private final SessionGroup listeners = new SessionGroup();

    private long lines;
    private volatile boolean closing;

    Room(SendBufferPool pool, Notices notices, PrintStream console) {
        this.pool = pool;
        this.notices = notices;
        this.console = console;
    }

    /** Writes a line once, and sends those bytes to all others. */
    void say(Session sender, Client client, ByteBuffer line) {
        int size = client.prefix().length() + line.remaining() + 1;
        try (SendBuffer message = pool.tryAcquire(size)) {
            if (message == null) {
                sendTo(sender, notices.outOfMemory); // the backlog fills the pool, and no one client is to blame
                return;
            }
            message.putAscii(client.prefix()).putBytes(line).putByte('\n');
            everyone.broadcast(message.seal(), member -> member != sender);
            lines++;
        } // our reference ends here; the last session's write frees the memory
    }

    private void sendTo(Session session, SendBuffer line) {
        if (session.send(line).isRefused()) {
            session.abort(); // it does not read
        }
    }

    void refuseLongLine(Session sender) {
        sendTo(sender, notices.lineTooLong);
    }

    // ---- connecting and disconnecting

    void enter(Session session, Client client) {
        console.println(client + " connected from " + session.remoteAddress());
        everyone.add(session);
        String welcome = "* welcome, " + here() + " here; type a line and all others see it";
        try (SendBuffer message = notice(welcome)) {
            if (message != null) {
                sendTo(session, message);
            }
        }
        announce(session, client + " joined, ");
    }

    /** Its input ended: for the others it has left, but it still receives their lines. */
    void listenOnly(Session session, Client client) {
        console.println(client + " ended its input");
        listeners.add(session);
        sendTo(session, notices.inputEnded);
        announce(session, client + " left, ");
    }

    void leave(Session session, Client client, boolean unannounced, @Nullable Throwable cause) {
        if (closing) {
            return; // all leave now: no client remains to be notified
        }
        console.println(client + " disconnected: " + reason(cause));
        if (unannounced) {
            announce(session, client + " left, ");
        }
    }

    /**
     * A write detects a client that only listened and has left altogether; without it, such a client would stay
     * forever.
     */
    void makeRoom() {
        listeners.broadcast(notices.makeRoom);
    }

    /** Says goodbye. Any thread may call this. A closing loop first writes what is queued, so the message is sent. */
    void close() {
        closing = true;
        everyone.broadcast(notices.closing);
    }

    /** The number of lines broadcast. */
    long lines() {
        return lines;
    }

    private int here() {
        return everyone.size() - listeners.size();
    }

    private void announce(Session about, String event) {
        try (SendBuffer message = notice("* " + event + here() + " here")) {
            if (message != null) {
                everyone.broadcast(message, member -> member != about);
            }
        }
    }

    /** Null when the pool is exhausted: a missing notice does no harm. */
    private @Nullable SendBuffer notice(String text) {
        SendBuffer message = pool.tryAcquire(text.length() + 1);
        return message == null ? null : message.putAscii(text).putByte('\n').seal();
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "does not read, its queue is full"; // the room closes a session for no other reason
        }
        return cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString();
    }
}
