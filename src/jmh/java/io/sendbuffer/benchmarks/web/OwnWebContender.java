/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.benchmarks.net.JdkListener;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.WriteMode;
import io.sendbuffer.web.WebClient;
import io.sendbuffer.web.WebGroup;
import io.sendbuffer.web.WebListener;
import io.sendbuffer.web.WebServer;
import io.sendbuffer.web.WebTick;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;

/** This library, as its guide shows it. */
final class OwnWebContender extends WebContender {
    private final SendBufferPool pool = SendBufferPool.builder().build();
    private final WebServer web;
    private final WebGroup group;
    private final WebTick tick;
    private final SendLoopGroup loops;
    private long constants;

    OwnWebContender(int clients, boolean deflates, WriteMode mode) throws IOException {
        super(clients, deflates);
        web = WebServer.builder(pool)
                .webSocket("/", request -> new Member())
                .deflateLevel(WebContenders.DEFLATE_LEVEL)
                .pingInterval(Duration.ZERO) // contenders are idle in the others' turns
                .build();
        group = new WebGroup(web);
        tick = new WebTick(web);
        // The buffers of sockets are the system's, as the others' are.
        loops = SendLoopGroup.start(1, SendLoop.builder().sendBufferSize(0).writeMode(mode));
    }

    private final class Member implements WebListener {
        @Override
        public void onOpen(WebClient client) {
            group.add(client);
            countOpen();
        }
    }

    @Override
    public int listen() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), JdkListener.BACKLOG);
        loops.listen(server, web);
        constants = pool.stats().outstandingBuffers();
        return server.socket().getLocalPort();
    }

    @Override
    public void tick(long stamp) {
        int accepted;
        if (messages() == 1) {
            accepted = group.broadcastText(nextText());
        } else {
            try (tick) {
                for (int i = 0; i < messages(); i++) {
                    tick.addText(nextText());
                }
                accepted = group.broadcast(tick);
            }
        }
        if (accepted < clients) {
            throw new IllegalStateException("only " + accepted + " of " + clients + " clients took a tick");
        }
    }

    /** Without what the server keeps. */
    @Override
    public long outstandingBuffers() {
        return pool.stats().outstandingBuffers() - constants;
    }

    @Override
    public void close() throws Exception {
        super.close();
        loops.close();
        web.close();
        pool.close();
    }
}
