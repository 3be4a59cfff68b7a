/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.MessageClass;
import io.sendbuffer.OfferResult;
import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.internal.Checks;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Serves WebSocket, server-sent events and pages from memory: the listener of all connections of a listening socket. It
 * has no thread of its own; the loops or the set of sessions that accept for it call it.
 *
 * <pre>{@code
 * WebServer web = WebServer.builder(pool)
 *         .page("/", "text/html; charset=utf-8", html)
 *         .webSocket("/ws", request -> new Player())
 *         .events("/events", request -> new Player())
 *         .build();
 * loop.listen(serverSocket, web);
 * }</pre>
 *
 * <p>What is no request, or for nothing that is here, is answered with 400, 403, 404, 405, 408, 414, 426, 431, 503 or
 * 505. A connection serves one request: a page is followed by the end of the connection.
 *
 * <p>Safe for use by any number of threads. Close it after the sessions have ended, and before the pool.
 */
public final class WebServer implements SessionListener.Factory<Channel>, AutoCloseable {
    private static final int RECEIVE_CHUNK = 1 << 10;

    private final SendBufferPool pool;
    private final SendBufferPool receivePool;
    private final boolean ownsReceivePool;
    private final Constants constants;
    private final Map<String, Endpoint> endpoints = new HashMap<>();
    private final List<String> subprotocols;
    private final Predicate<? super WebRequest> originCheck;
    private final int maxMessage;
    private final boolean deflates;
    private final Duration requestTimeout;
    private final Duration pingInterval;
    private final Spare<FrameDeflater> deflaters;
    private final Spare<MessageInflater> inflaters = new Spare<>(MessageInflater::new, MessageInflater::end);

    private WebServer(Builder settings) {
        pool = settings.pool;
        SendBufferPool given = settings.receivePool;
        ownsReceivePool = given == null;
        receivePool = given != null
                ? given
                : SendBufferPool.builder()
                        .chunkSize(RECEIVE_CHUNK)
                        .maxMemory(settings.receiveMemory)
                        .build();
        subprotocols = List.copyOf(settings.subprotocols);
        originCheck = settings.originCheck;
        maxMessage = settings.maxMessage;
        deflates = settings.deflates;
        requestTimeout = settings.requestTimeout;
        pingInterval = settings.pingInterval;
        int level = settings.level;
        deflaters = new Spare<>(() -> new FrameDeflater(level), FrameDeflater::end);
        constants = new Constants(pool);
        endpoints.putAll(settings.endpoints);
        settings.pages.forEach((path, page) -> endpoints.put(path, constants.page(page.contentType(), page.body())));
    }

    /**
     * Starts a server's settings.
     *
     * @param pool what all messages to clients are made in
     */
    public static Builder builder(SendBufferPool pool) {
        return new Builder(Objects.requireNonNull(pool, "pool"));
    }

    @Override
    public SessionListener listenerFor(Channel connection) {
        return new WebConnection(this);
    }

    /** A ping without a payload, shared by all clients: a heartbeat. The server's own; retain it to keep it. */
    public SendBuffer pingFrame() {
        return constants.ping;
    }

    /** A comment, which clients of events ignore: their heartbeat. The server's own; retain it to keep it. */
    public SendBuffer heartbeatEvent() {
        return constants.emptyComment;
    }

    /** Releases what the server made. Its sessions have ended by then. */
    @Override
    public void close() {
        constants.release();
        deflaters.close();
        inflaters.close();
        if (ownsReceivePool) {
            receivePool.close();
        }
    }

    // ---- for connections, clients and groups

    Duration requestTimeout() {
        return requestTimeout;
    }

    /** The request has become a client, which may be silent for as long as it likes. */
    void begin(Session session, WebKind kind) {
        session.readTimeout(Duration.ZERO);
        if (pingInterval.isZero()) {
            return;
        }
        if (kind == WebKind.EVENTS) { // which has nothing to answer
            session.heartbeat(constants.emptyComment, pingInterval);
        } else {
            session.ping(constants.ping, pingInterval);
        }
    }

    SendBufferPool pool() {
        return pool;
    }

    SendBufferPool receivePool() {
        return receivePool;
    }

    Spare<FrameDeflater> deflaters() {
        return deflaters;
    }

    SendBuffer errorAnswer(HttpStatus status) {
        return constants.errorAnswer(status);
    }

    /** A reference that the caller releases. */
    SendBuffer closeFrame(int code, String reason) {
        try {
            return constants.closeFrame(code, reason);
        } catch (PoolExhaustedException e) {
            return echoOfClose(code); // a goodbye without its reason is better than none
        }
    }

    /** A reference that the caller releases. */
    SendBuffer emptyCloseFrame() {
        return constants.emptyClose.retain();
    }

    /** Likewise; without the code if there is none, or no memory for it. */
    SendBuffer echoOfClose(int code) {
        try {
            return code == CloseCodes.NONE ? emptyCloseFrame() : constants.closeFrame(code, "");
        } catch (PoolExhaustedException e) {
            return emptyCloseFrame();
        }
    }

    /** A reference that the caller releases; null if there is no memory for it. */
    @Nullable
    SendBuffer pongFrame(ByteBuffer payload) {
        if (!payload.hasRemaining()) {
            return constants.pong.retain();
        }
        try {
            return WebSocketFrames.pong(pool, payload).messageClass(MessageClass.CONTROL);
        } catch (PoolExhaustedException e) {
            return null;
        }
    }

    /**
     * Answers a request, and opens the client if it becomes one.
     *
     * @throws HttpException the answer, if it is an error
     */
    void answer(Session session, WebConnection connection, WebRequest request) {
        Endpoint endpoint = endpoints.get(request.path());
        if (endpoint == null) {
            throw new HttpException(HttpStatus.NOT_FOUND);
        }
        boolean isGet = request.method().equals("GET");
        if (!isGet && !(endpoint instanceof Endpoint.Page && request.method().equals("HEAD"))) {
            throw new HttpException(HttpStatus.METHOD_NOT_ALLOWED);
        }
        if (endpoint instanceof Endpoint.Page page) {
            sendPage(session, page, isGet);
        } else if (endpoint instanceof Endpoint.Socket socket) {
            openSocket(session, connection, request, socket);
        } else if (endpoint instanceof Endpoint.Events events) {
            WebListener listener = admit(request, events.listeners());
            if (session.send(constants.eventsHead) != OfferResult.QUEUED) {
                session.abort(); // without it nothing makes sense
                return;
            }
            connection.opens(new WebClient(this, session, connection, WebKind.EVENTS, listener, null), null);
        }
    }

    private void sendPage(Session session, Endpoint.Page page, boolean whole) {
        if (whole) {
            Goodbye.say(session, page.answer());
            return;
        }
        try (SendBuffer head =
                answer(() -> pool.acquire(page.headLength()).putBytes(page.answer(), 0, page.headLength()))) {
            Goodbye.say(session, head.seal());
        }
    }

    private void openSocket(Session session, WebConnection connection, WebRequest request, Endpoint.Socket socket) {
        Handshake.check(request);
        WebListener listener = admit(request, socket.listeners());
        String protocol = Handshake.choose(subprotocols, request);
        String extension = deflates ? DeflateOffers.accept(request) : null;
        try (SendBuffer answer = answer(() -> Handshake.answer(pool, request, protocol, extension))) {
            if (session.send(answer) != OfferResult.QUEUED) {
                session.abort(); // without it nothing makes sense
                return;
            }
        }
        WebKind kind = extension == null ? WebKind.WEB_SOCKET : WebKind.DEFLATED_WEB_SOCKET;
        WebSocketReader reader =
                new WebSocketReader(receivePool, maxMessage, extension == null ? null : inflaters, connection);
        connection.opens(new WebClient(this, session, connection, kind, listener, protocol), reader);
    }

    private static SendBuffer answer(Supplier<SendBuffer> maker) {
        try {
            return maker.get();
        } catch (PoolExhaustedException e) {
            throw new HttpException(HttpStatus.UNAVAILABLE);
        }
    }

    private WebListener admit(WebRequest request, WebListener.Factory listeners) {
        WebListener listener = originCheck.test(request) ? listeners.listenerFor(request) : null;
        if (listener == null) {
            throw new HttpException(HttpStatus.FORBIDDEN);
        }
        return listener;
    }

    /** The settings of a server. */
    public static final class Builder {
        private static final Duration MAX_TIME = Duration.ofHours(12);
        private static final int MAX_MESSAGE = 64 << 10;
        private static final long RECEIVE_MEMORY = 64L << 20;
        private static final int MAX_MAX_MESSAGE = 1 << 30;

        private final SendBufferPool pool;
        private final Map<String, Endpoint> endpoints = new HashMap<>();
        private final Map<String, PageContent> pages = new HashMap<>();
        private List<String> subprotocols = List.of();
        private Predicate<? super WebRequest> originCheck = WebRequest::isSameOrigin;
        private @Nullable SendBufferPool receivePool;
        private long receiveMemory = RECEIVE_MEMORY;
        private int maxMessage = MAX_MESSAGE;
        private boolean deflates = true;
        private Duration requestTimeout = Duration.ofSeconds(10);
        private Duration pingInterval = Duration.ofSeconds(30);
        private int level = Deflater.DEFAULT_COMPRESSION;

        private record PageContent(String contentType, ByteBuffer body) {}

        private Builder(SendBufferPool pool) {
            this.pool = pool;
        }

        /**
         * Serves a page, kept in memory as a {@linkplain SendBufferPool#constant constant} of the pool.
         *
         * @param path as clients ask for it, percent-encoded
         * @param contentType {@code text/html; charset=utf-8} for instance
         * @param body which is copied
         */
        public Builder page(String path, String contentType, byte[] body) {
            for (int i = 0; i < contentType.length(); i++) {
                if (contentType.charAt(i) < ' ' || contentType.charAt(i) > '~') {
                    throw new IllegalArgumentException("a content type is printable ASCII, was " + contentType);
                }
            }
            requireFree(path);
            pages.put(path, new PageContent(contentType, ByteBuffer.wrap(body.clone())));
            return this;
        }

        /** Serves WebSockets at a path. */
        public Builder webSocket(String path, WebListener.Factory listeners) {
            requireFree(path);
            endpoints.put(path, new Endpoint.Socket(Objects.requireNonNull(listeners, "listeners")));
            return this;
        }

        /** Serves server-sent events at a path. */
        public Builder events(String path, WebListener.Factory listeners) {
            requireFree(path);
            endpoints.put(path, new Endpoint.Events(Objects.requireNonNull(listeners, "listeners")));
            return this;
        }

        private void requireFree(String path) {
            if (!path.startsWith("/") || path.indexOf('?') >= 0) {
                throw new IllegalArgumentException("a path begins with / and has no query, was " + path);
            }
            if (endpoints.containsKey(path) || pages.containsKey(path)) {
                throw new IllegalArgumentException("there is something at " + path + " already");
            }
        }

        /** The subprotocols that the server has, the one that it likes best first. None by default. */
        public Builder subprotocols(String... names) {
            subprotocols = List.of(names);
            return this;
        }

        /**
         * Decides which pages may connect, by {@link WebRequest#origin()}; others get 403. Asked before the listener
         * is. By default those of the same host, {@link WebRequest#isSameOrigin()}, since a browser sends its cookies
         * along whoever's page it is.
         */
        public Builder originCheck(Predicate<? super WebRequest> check) {
            originCheck = Objects.requireNonNull(check, "check");
            return this;
        }

        /**
         * Bounds the messages of clients, as they come and as they are when they are inflated; a longer one closes its
         * client with 1009, before memory is taken for it.
         *
         * @param bytes 1 byte to 1 GiB. Default: 64 KiB
         */
        public Builder maxMessage(int bytes) {
            Checks.inRange("maxMessage", bytes, 1, MAX_MAX_MESSAGE);
            maxMessage = bytes;
            return this;
        }

        /**
         * Bounds how long a request may take to come in; a later one is answered with 408, and a connection that says
         * nothing more is closed.
         *
         * @param time 0 to 12 hours; zero is no limit. Default: 10 seconds
         */
        public Builder requestTimeout(Duration time) {
            requestTimeout = requireTime("requestTimeout", time);
            return this;
        }

        /**
         * How long nothing is sent to a WebSocket, or nothing comes from it, before it gets a ping, see
         * {@link io.sendbuffer.session.Session#ping}; and how long nothing is sent to a client of events before it gets
         * a comment. So what is between the two keeps the connection, and a client that is gone is noticed, by a write
         * that fails. All clients share one message. To end WebSockets that do not answer, set
         * {@link io.sendbuffer.session.Session#readTimeout} of {@link WebClient#session()} in
         * {@link WebListener#onOpen}, to several intervals: the server replaces that of the loop, by the
         * {@code requestTimeout} until the request has come, and by none after that.
         *
         * @param time 0 to 12 hours; zero is no ping. Default: 30 seconds
         */
        public Builder pingInterval(Duration time) {
            pingInterval = requireTime("pingInterval", time);
            return this;
        }

        private static Duration requireTime(String name, Duration time) {
            if (time.isNegative() || time.compareTo(MAX_TIME) > 0) {
                throw new IllegalArgumentException(name + " must be between 0 and 12 hours, was " + time);
            }
            return time;
        }

        /**
         * Whether clients get permessage-deflate that ask for it, as browsers do. Default: true. A message is
         * compressed once for all of them, and no memory stays with a client between two messages.
         */
        public Builder deflate(boolean on) {
            deflates = on;
            return this;
        }

        /**
         * How well messages are compressed.
         *
         * @param level 1, the fastest, to 9. Default: the JDK's, which is 6
         */
        public Builder deflateLevel(int level) {
            Checks.inRange("level", level, Deflater.BEST_SPEED, Deflater.BEST_COMPRESSION);
            this.level = level;
            return this;
        }

        /**
         * Bounds the memory for what came in and is not whole yet, of all clients; one for which there is none is
         * closed with 1013.
         *
         * @param bytes 1 MiB or more. Default: 64 MiB
         */
        public Builder receiveMemory(long bytes) {
            Checks.inRange("receiveMemory", bytes, 1 << 20, Long.MAX_VALUE);
            receiveMemory = bytes;
            return this;
        }

        /** A pool of the caller's for what came in and is not whole yet, instead of one of the server's own. */
        public Builder receivePool(SendBufferPool pool) {
            receivePool = Objects.requireNonNull(pool, "pool");
            return this;
        }

        /** Makes the server, and its constants in the pool. */
        public WebServer build() {
            return new WebServer(this);
        }
    }
}
