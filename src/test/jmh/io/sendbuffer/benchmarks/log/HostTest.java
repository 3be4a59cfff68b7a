/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.benchmarks.PeerFlags;
import io.sendbuffer.benchmarks.net.CpuProbe;
import io.sendbuffer.benchmarks.net.Line;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the runs with members that stall rely on. */
final class HostTest {
    static {
        PeerFlags.setHere(); // before Netty is loaded, for the tests that follow
    }

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final byte[] BODY = new byte[16 << 10];

    private final CpuProbe probe = new CpuProbe();

    /** Of the one that reads. */
    private final AtomicLong received = new AtomicLong();

    @ParameterizedTest
    @ValueSource(strings = {Setup.GROUP, Setup.DEFAULTS, Setup.SKIP, "netty-nio", "netty-nio-guide"})
    void shouldCountOneThatStallsAndGiveItsMemoryBack(String contender) throws Exception {
        try (Host host = Host.of(setup(contender));
                SocketChannel reading = connect(host, "number");
                SocketChannel stalled = connect(host, "others")) {
            assertTrue(stalled.isOpen());
            host.accept();
            Thread reader = readAll(reading);
            assertTimeoutPreemptively(LIMIT, () -> publishUntilOneIsBehind(host));
            host.close();
            reader.join();
            assertTimeoutPreemptively(LIMIT, () -> awaitNothingOutstanding(host));
            host.closePool();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Setup.GROUP, Setup.DEFAULTS})
    void shouldTakeOthersInPlaceOfThoseThatStalled(String contender) throws Exception {
        try (Host host = Host.of(setup(contender));
                SocketChannel reading = connect(host, "number");
                SocketChannel stalled = connect(host, "others")) {
            host.accept();
            Thread reader = readAll(reading);
            assertTimeoutPreemptively(LIMIT, () -> publishUntilOneIsBehind(host));
            stalled.close();
            try (SocketChannel another = connect(host, "others")) {
                assertTimeoutPreemptively(LIMIT, host::renewStalled);
                assertTrue(another.isOpen());
                assertEquals(2, host.sessionCount());
                Line line = Line.of("described");
                host.describe(line);
                assertEquals(0, line.number("behind"));
                assertTimeoutPreemptively(LIMIT, () -> publishUntilOneIsBehind(host));
                host.close();
                reader.join();
                assertTimeoutPreemptively(LIMIT, () -> awaitNothingOutstanding(host));
                host.closePool();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Setup.GROUP, Setup.SKIP, "netty-nio"})
    void shouldFailIfOneThatIsToReadMissesSomething(String contender) throws Exception {
        try (Host host = Host.of(setup(contender));
                SocketChannel stalled = connect(host, "number");
                SocketChannel reading = connect(host, "others")) {
            assertTrue(stalled.isOpen());
            host.accept();
            Thread reader = readAll(reading);
            assertThrows(
                    IllegalStateException.class,
                    () -> assertTimeoutPreemptively(LIMIT, () -> publishUntilOneIsBehind(host)));
            host.close();
            reader.join();
            assertTimeoutPreemptively(LIMIT, () -> awaitNothingOutstanding(host));
            host.closePool();
        }
    }

    /** One that reads and one that stalls. */
    private static Setup setup(String contender) {
        String policy = contender.equals(Setup.SKIP) ? "skip" : "hold";
        return new Setup(contender, policy, 1, 1, Setup.Role.STALLED, 16 << 10, 64, 1 << 20, 16 << 20);
    }

    private static SocketChannel connect(Host host, String port) throws IOException {
        return SocketChannel.open(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), host.ports().number(port)));
    }

    private Thread readAll(SocketChannel channel) {
        Thread thread = new Thread(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            try {
                for (int count = 0; count >= 0; count = channel.read(buffer.clear())) {
                    received.addAndGet(count);
                }
            } catch (IOException e) {
                return; // the host has ended
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** One message at a time, so that the one that reads is never behind. */
    private void publishUntilOneIsBehind(Host host) {
        Line line = Line.of("described");
        long sent = received.get();
        do {
            host.tick(1, BODY, Run.Part.TICK, probe);
            sent += Long.BYTES + BODY.length;
            while (received.get() < sent) {
                Thread.onSpinWait();
            }
            host.describe(line);
        } while (line.number("behind") == 0);
        assertEquals(1, line.number("behind"));
    }

    private static void awaitNothingOutstanding(Host host) {
        while (host.outstanding() > 0) {
            Thread.onSpinWait();
        }
    }
}
