/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program that {@link ReceiveMemoryIT} runs in a JVM with little direct memory. Exits with status 1 if a connection
 * is not served.
 */
final class ReceiveMemoryMain {
    private static final int CONNECTIONS = 5_000;
    private static final int BURSTS = 20;
    private static final int BURST = 200;

    /** Direct, and allocated once: the test must not use up the memory that it is about. */
    private static final ByteBuffer ONE = ByteBuffer.allocateDirect(1);

    private ReceiveMemoryMain() {}

    /** Runs one kind of session in one way. */
    public static void main(String[] arguments) throws Exception {
        AtomicInteger received = new AtomicInteger();
        HostSettings settings = new HostSettings();
        try (KindHost host = SessionKind.valueOf(arguments[0]).start(settings)) {
            InetSocketAddress address = listen(host, received);
            if (arguments[1].equals("churn")) {
                for (int i = 0; i < CONNECTIONS; i++) {
                    serve(address, 1, received, settings);
                }
            } else {
                for (int i = 0; i < BURSTS; i++) {
                    serve(address, BURST, received, settings);
                }
            }
            Await.until("all are gone", () -> host.sessionCount() == 0);
        }
        if (!settings.errors.isEmpty()) {
            throw new AssertionError("errors: " + settings.errors);
        }
    }

    private static InetSocketAddress listen(KindHost host, AtomicInteger received) throws IOException {
        InetSocketAddress address;
        try (var free = Loopback.listen(1)) {
            address = (InetSocketAddress) free.getLocalAddress();
        }
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort());
        host.listen(address, connection -> new SessionListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                received.addAndGet(bytes.remaining());
            }
        });
        return address;
    }

    /** Each client connects, sends a byte, which must arrive, and leaves without a TIME_WAIT. */
    private static void serve(InetSocketAddress address, int count, AtomicInteger received, HostSettings settings)
            throws Exception {
        int before = received.get();
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel client = SocketChannel.open(address);
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            clients.add(client);
            client.write(ONE.clear());
        }
        Await.until("number " + (before + count) + " is served", () -> {
            if (!settings.errors.isEmpty()) {
                throw new AssertionError("errors: " + settings.errors);
            }
            return received.get() == before + count;
        });
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
