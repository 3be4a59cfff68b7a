/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.live;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.web.WebClient;
import io.sendbuffer.web.WebGroup;
import io.sendbuffer.web.WebKind;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import io.sendbuffer.web.WebTick;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The server of the page: a thread that ticks, and a loop that does the rest. */
public final class LiveServer implements AutoCloseable {
    private static final int TICKS_PER_SECOND = 30;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND;

    /** A slow viewer misses the oldest of more. */
    private static final int MAX_QUEUED_BYTES = 2 << 20;

    /** A comment, of which those that ask for it get one with each tick: more than a browser reads ahead. */
    private static final String BULK = ":" + " ".repeat(64_000) + "\n\n";

    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final WebServer web = WebServer.builder(pool)
            .page("/", "text/html; charset=utf-8", Page.HTML.getBytes(StandardCharsets.UTF_8))
            .webSocket("/ws", request -> new Viewer(false))
            .events("/events", request -> new Viewer("bulk".equals(request.query())))
            .build();
    private final WebGroup viewers = new WebGroup(web);
    private final SessionGroup forBulk = new SessionGroup();
    private final SendBuffer bulk = pool.constant(BULK.getBytes(StandardCharsets.US_ASCII));
    private final World world;
    private final int port;
    private final LoopRunner runner;
    private final Thread ticking = new Thread(this::run, "ticks");

    private LiveServer(LiveSettings settings, ServerSocketChannel socket) throws IOException {
        world = new World(settings.objects());
        port = socket.socket().getLocalPort();
        SendLoop loop = SendLoop.builder()
                .queueLimits(QueueLimits.ofBytes(MAX_QUEUED_BYTES))
                .overrunPolicy(OverrunPolicy.skip())
                .build();
        loop.listen(socket, web);
        runner = loop.start();
    }

    /** Starts it. */
    public static LiveServer start(LiveSettings settings) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()));
        LiveServer server = new LiveServer(settings, socket);
        server.ticking.start();
        return server;
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    private final class Viewer implements WebListener {
        private final boolean wantsBulk;

        Viewer(boolean wantsBulk) {
            this.wantsBulk = wantsBulk;
        }

        @Override
        public void onOpen(WebClient client) {
            viewers.add(client);
            if (wantsBulk) {
                forBulk.add(client.session());
            }
        }
    }

    private void run() {
        WebTick tick = new WebTick(web);
        Meter meter = new Meter();
        long due = System.nanoTime();
        for (long number = 1; !Thread.currentThread().isInterrupted(); number++) {
            meter.lateBy(System.nanoTime() - due);
            world.move();
            try (tick) {
                tick.addText(world.toJson(number));
                if (number % TICKS_PER_SECOND == 0) {
                    tick.addText(meter.toJson());
                }
                meter.sent += tick.size() * (long) viewers.broadcast(tick);
            }
            forBulk.broadcast(bulk);
            due += TICK_NANOS;
            while (System.nanoTime() - due < 0 && !Thread.currentThread().isInterrupted()) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }

    /** What the page plots. By the thread that ticks. */
    private final class Meter {
        private long sent;
        private long latestNanos;
        private long mostQueued;
        private long dropped;

        void lateBy(long nanos) {
            latestNanos = Math.max(latestNanos, nanos);
        }

        String toJson() {
            mostQueued = 0;
            dropped = 0;
            for (WebKind kind : WebKind.values()) {
                viewers.sessions(kind).forEach(session -> {
                    mostQueued = Math.max(mostQueued, session.queuedBytes());
                    dropped += session.droppedMessages();
                });
            }
            String json = String.format(
                    Locale.ROOT,
                    "{\"sessions\":%d,\"messages\":%d,\"queued\":%d,\"dropped\":%d,\"lateMicros\":%d,\"pool\":%d}",
                    viewers.size(),
                    sent,
                    mostQueued,
                    dropped,
                    latestNanos / 1_000,
                    pool.stats().inUseBytes());
            sent = 0;
            latestNanos = 0;
            return json;
        }
    }

    /** Ends the ticks, then the clients, and gives the memory back. */
    @Override
    public void close() {
        ticking.interrupt();
        try {
            ticking.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        runner.close();
        bulk.release();
        web.close();
        pool.close();
    }
}
