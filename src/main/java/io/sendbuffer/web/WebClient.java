/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** One client that was accepted. Any thread may send and close. */
public final class WebClient {
    private static final VarHandle CLOSE_CODE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "closeCode", VarHandle.class, WebClient.class, int.class);

    private final WebServer server;
    private final Session session;
    private final WebConnection connection;
    private final WebKind kind;
    private final WebListener listener;
    private final @Nullable String subprotocol;

    /** 0 until a close frame goes out or comes in; the first one decides. */
    @SuppressWarnings("unused")
    private int closeCode;

    WebClient(
            WebServer server,
            Session session,
            WebConnection connection,
            WebKind kind,
            WebListener listener,
            @Nullable String subprotocol) {
        this.server = server;
        this.session = session;
        this.connection = connection;
        this.kind = kind;
        this.listener = listener;
        this.subprotocol = subprotocol;
    }

    /** The session below: its limits, its queue, its address. What is sent to it directly has to be encoded already. */
    public Session session() {
        return session;
    }

    /** What kind of client it is. */
    public WebKind kind() {
        return kind;
    }

    /** The way from a client to the server's own object for it. */
    public WebListener listener() {
        return listener;
    }

    /** The subprotocol that was negotiated; null if none was. */
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    /** Sends a text to this client alone: not compressed, and to a client of events as the data of one. */
    public OfferResult sendText(CharSequence text) {
        try (SendBuffer message = kind == WebKind.EVENTS
                ? ServerSentEvents.event(server.pool(), text)
                : WebSocketFrames.text(server.pool(), text)) {
            return session.send(message);
        }
    }

    /**
     * Closes the client: sends it a close frame, behind what is queued, and closes its session gracefully; the client's
     * own close frame is awaited for a second at most. Without memory for it, the reason is left out. A client of
     * events is just closed. Does nothing if it was closed before, from whichever side.
     *
     * @param code 1000 for a normal end; 1001 if the server stops; 3000 to 4999 are the application's
     * @param reason up to 123 bytes as UTF-8
     * @throws IllegalArgumentException if the code is not to be sent, or the reason is too long
     */
    public void close(int code, String reason) {
        WebSocketFrames.requireCode(code);
        if (kind == WebKind.EVENTS) {
            session.close();
            return;
        }
        try (SendBuffer frame = server.closeFrame(code, reason)) {
            close(code, frame);
        }
    }

    /** Likewise, with a frame of the caller's. */
    void close(int code, SendBuffer frame) {
        if (kind == WebKind.EVENTS) {
            session.close();
        } else {
            sayGoodbye(code, frame);
        }
    }

    /** Closes the client normally; see {@link #close(int, String)}. */
    public void close() {
        close(CloseCodes.NORMAL, "");
    }

    /** True for the first. */
    boolean sayGoodbye(int code, SendBuffer frame) {
        boolean isFirst = CLOSE_CODE.compareAndSet(this, 0, code);
        if (isFirst) {
            Goodbye.say(session, frame);
        }
        return isFirst;
    }

    /** 0 while there was no close frame. */
    int closeCodeVolatile() {
        return (int) CLOSE_CODE.getVolatile(this);
    }

    void reportUnheard(@Nullable Throwable cause) {
        if (!(cause instanceof WebSocketException)) {
            connection.reportUnheard(session, cause);
        }
    }

    /** Names the kind and the session. */
    @Override
    public String toString() {
        return "WebClient[" + kind + ", " + session + "]";
    }
}
