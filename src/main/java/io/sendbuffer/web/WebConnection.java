/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One connection: a request first, and then what it asked for. */
final class WebConnection implements SessionListener, WebSocketReader.Handler {
    private final WebServer server;

    /** Until the request is whole. */
    private @Nullable RequestReader head;

    private long openedNanos;

    /** What follows is no request. */
    private boolean answered;

    /** From the handshake on, if it became a WebSocket. */
    private @Nullable WebSocketReader frames;

    private @Nullable WebClient client;

    /** Why the client was sent a close frame. */
    private @Nullable WebSocketException error;

    WebConnection(WebServer server) {
        this.server = server;
    }

    @Override
    public void onOpened(Session session) {
        openedNanos = System.nanoTime();
        session.readTimeout(server.requestTimeout()); // for one that says nothing more
    }

    @Override
    public void onReceived(Session session, ByteBuffer input) {
        RequestReader request = head;
        if (request == null && !answered) {
            request = new RequestReader(server.receivePool());
            head = request;
        }
        if (request != null) {
            readHead(session, request, input);
        }
        if (frames != null && input.hasRemaining()) {
            readFrames(frames, input);
        } // else it is dropped: a client of events has nothing to say
    }

    // ---- the request

    private void readHead(Session session, RequestReader reader, ByteBuffer input) {
        try {
            WebRequest request = reader.read(input);
            if (request != null) {
                headIsOver(reader);
                server.answer(session, this, request);
            } else if (isLate()) {
                refuse(session, reader, HttpStatus.REQUEST_TIMEOUT);
            }
        } catch (HttpException e) {
            refuse(session, reader, e.status);
        }
    }

    /** Its read timeout begins anew with each byte; this does not. */
    private boolean isLate() {
        Duration timeout = server.requestTimeout();
        return !timeout.isZero() && System.nanoTime() - openedNanos > timeout.toNanos();
    }

    private void refuse(Session session, RequestReader reader, HttpStatus status) {
        headIsOver(reader);
        Goodbye.say(session, server.errorAnswer(status));
    }

    private void headIsOver(RequestReader reader) {
        reader.close();
        head = null;
        answered = true;
    }

    /** The request became a client. */
    void opens(WebClient opened, @Nullable WebSocketReader reader) {
        client = opened;
        frames = reader;
        server.begin(opened.session(), opened.kind());
        opened.listener().onOpen(opened);
    }

    // ---- frames

    private void readFrames(WebSocketReader reader, ByteBuffer input) {
        WebClient current = client();
        if (current.closeCodeVolatile() != 0) {
            return; // no message follows a close frame, whoever sent it
        }
        try {
            reader.read(input);
        } catch (WebSocketException e) {
            fail(reader, e);
        }
    }

    private void fail(WebSocketReader reader, WebSocketException why) {
        reader.close();
        WebClient current = client();
        try (SendBuffer frame = server.closeFrame(why.code(), "")) {
            if (current.sayGoodbye(why.code(), frame)) {
                error = why;
            }
        }
    }

    /** The client of a session that was opened as one: a member of a group. */
    static WebClient clientOf(Session session) {
        return ((WebConnection) session.listener()).client();
    }

    private WebClient client() {
        WebClient current = client;
        if (current == null) {
            throw new IllegalStateException("no frames without a client");
        }
        return current;
    }

    @Override
    public void onText(ByteBuffer utf8) {
        WebClient current = client();
        if (current.closeCodeVolatile() == 0) {
            current.listener().onText(current, utf8);
        }
    }

    @Override
    public void onBinary(ByteBuffer bytes) {
        WebClient current = client();
        if (current.closeCodeVolatile() == 0) {
            current.listener().onBinary(current, bytes);
        }
    }

    /** Answered if there is room: a client that pings and does not read gets no memory for that. */
    @Override
    public void onPing(ByteBuffer payload) {
        try (SendBuffer pong = server.pongFrame(payload)) {
            if (pong != null) {
                client().session().send(pong);
            }
        }
    }

    @Override
    public void onPong(ByteBuffer payload) {
        WebClient current = client();
        current.listener().onPong(current, payload);
    }

    @Override
    public void onClose(int code, ByteBuffer reason) {
        try (SendBuffer echo = server.echoOfClose(code)) {
            client().sayGoodbye(code, echo);
        }
    }

    // ---- the rest

    @Override
    public void onWritable(Session session, boolean writable) {
        WebClient current = client;
        if (current != null) {
            current.listener().onWritable(current, writable);
        }
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        if (head != null) {
            head.close();
        }
        if (frames != null) {
            frames.close();
        }
        WebClient current = client;
        if (current == null) {
            reportUnheard(session, cause);
            return;
        }
        int code = current.closeCodeVolatile();
        Throwable why = error != null ? error : cause;
        current.listener().onClosed(current, code == 0 ? CloseCodes.ABNORMAL : code, why);
    }

    void reportUnheard(Session session, @Nullable Throwable cause) {
        SessionListener.super.onClosed(session, cause);
    }
}
