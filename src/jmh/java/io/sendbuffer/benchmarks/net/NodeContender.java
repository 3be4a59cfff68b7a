/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Node.js with the module ws, WebSocket's usual server there: as its guide broadcasts, a send for each client and
 * message, or with all frames of a tick in one buffer, which each client's socket is given.
 */
final class NodeContender extends RelayContender {
    private static final int MAX_SHORT = 125;
    private static final int MAX_MEDIUM = 65_535;

    private final boolean tickAtOnce;

    NodeContender(boolean tickAtOnce) throws InterruptedException {
        if (!RelayProcess.succeeds(List.of("node", "-e", "require('ws')"))) {
            throw new UnsupportedOperationException(
                    "node with the module ws is not installed (Debian: nodejs and node-ws; or npm, and NODE_PATH)");
        }
        this.tickAtOnce = tickAtOnce;
    }

    @Override
    public List<String> command(int port, int publisherPort) throws IOException {
        return List.of(
                "node",
                "-e",
                script(),
                String.valueOf(port),
                String.valueOf(publisherPort),
                tickAtOnce ? "tick" : "message");
    }

    private static String script() throws IOException {
        try (InputStream script = Objects.requireNonNull(NodeContender.class.getResourceAsStream("broadcast.js"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public boolean hasPublisherPort() {
        return true;
    }

    @Override
    public Greeting greeting() {
        return Greeting.WEB_SOCKET;
    }

    @Override
    public int wireBytes(int bytes) {
        return frameBytes(bytes);
    }

    static int frameBytes(int bytes) {
        return bytes + (bytes <= MAX_SHORT ? 2 : bytes <= MAX_MEDIUM ? 4 : 10);
    }

    @Override
    public void putHead(ByteBuffer tick, int messages, int bytes) {
        tick.putInt(messages).putInt(bytes);
    }

    @Override
    public void putMessage(ByteBuffer tick, long stamp, byte[] body) {
        tick.putLong(stamp).put(body);
    }
}
