/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server in its own process, which is short of file descriptors: greets each connection with one byte. Prints its
 * port, and then, for each line that it reads, the number of reported errors, its CPU milliseconds and its sessions.
 */
final class LimitedServer {
    private static final int BACKLOG = 1024;

    private LimitedServer() {}

    public static void main(String[] args) throws Exception {
        AtomicInteger errors = new AtomicInteger();
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        SendBufferPool pool = Pools.create();
        SessionListener greeting = new SessionListener() {
            @Override
            public void onOpened(Session session) {
                try (SendBuffer greeting = pool.acquire(1)) {
                    session.send(greeting.putByte((byte) 1).seal());
                }
            }
        };
        switch (args[0]) {
            case "loop" -> {
                SendLoop loop = SendLoop.builder()
                        .errorHandler(e -> errors.incrementAndGet())
                        .build();
                ServerSocketChannel server = ServerSocketChannel.open().bind(anyPort, BACKLOG);
                loop.listen(server, connection -> greeting);
                try (var runner = loop.start()) {
                    answer(server.socket().getLocalPort(), errors, loop::sessionCount);
                }
            }
            case "async" -> {
                try (AsyncSessions sessions = AsyncSessions.builder()
                        .errorHandler(e -> errors.incrementAndGet())
                        .build()) {
                    var server = sessions.bind(anyPort, BACKLOG);
                    sessions.listen(server, connection -> greeting);
                    answer(((InetSocketAddress) server.getLocalAddress()).getPort(), errors, sessions::sessionCount);
                }
            }
            default -> {
                try (BlockingSessions sessions = BlockingSessions.builder()
                        .errorHandler(e -> errors.incrementAndGet())
                        .build()) {
                    ServerSocketChannel server = ServerSocketChannel.open().bind(anyPort, BACKLOG);
                    sessions.listen(server, connection -> greeting);
                    answer(server.socket().getLocalPort(), errors, sessions::sessionCount);
                }
            }
        }
    }

    private interface Count {
        int get();
    }

    private static void answer(int port, AtomicInteger errors, Count sessions) throws Exception {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        System.out.println(port + " 0 0");
        while (questions.readLine() != null) {
            long cpuMillis = TimeUnit.NANOSECONDS.toMillis(system.getProcessCpuTime());
            System.out.println(errors.get() + " " + cpuMillis + " " + sessions.get());
        }
    }
}
