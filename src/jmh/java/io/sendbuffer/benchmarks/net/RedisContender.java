/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Redis's publish and subscribe: a tick's messages are published in one pipeline. No client is dropped as too slow. */
final class RedisContender extends RelayContender {
    /** Descriptors of its own, and the publisher. */
    private static final int MORE_CLIENTS = 100;

    private final int sessions;

    RedisContender(int sessions) throws InterruptedException {
        if (!RelayProcess.succeeds(List.of("redis-server", "--version"))) {
            throw new UnsupportedOperationException("redis-server is not installed (Debian: redis-server)");
        }
        this.sessions = sessions;
    }

    @Override
    List<String> command(int port, int publisherPort) {
        return List.of(
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--maxclients",
                String.valueOf(sessions + MORE_CLIENTS),
                "--loglevel",
                "warning",
                "--save",
                "",
                "--client-output-buffer-limit",
                "pubsub 0 0 0");
    }

    @Override
    boolean hasPublisherPort() {
        return false;
    }

    @Override
    Greeting greeting() {
        return Greeting.SUBSCRIBE;
    }

    @Override
    int wireBytes(int bytes) {
        return replyBytes(bytes);
    }

    static int replyBytes(int bytes) {
        return ascii("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$" + bytes + "\r\n").length + bytes + 2;
    }

    @Override
    void putHead(ByteBuffer tick, int messages, int bytes) {}

    @Override
    void putMessage(ByteBuffer tick, long stamp, byte[] body) {
        tick.put(ascii("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$" + (Long.BYTES + body.length) + "\r\n"));
        tick.putLong(stamp).put(body).put(ascii("\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
