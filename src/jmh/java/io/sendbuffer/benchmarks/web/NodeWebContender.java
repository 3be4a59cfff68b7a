/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Greeting;
import io.sendbuffer.benchmarks.net.RelayContender;
import io.sendbuffer.benchmarks.net.RelayProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Node.js with the module ws, as its guide broadcasts: a send for each client and message. */
final class NodeWebContender extends RelayContender {
    /** Where NODE_PATH says, or where npm puts it by the command of the documents. */
    private static final String FIND =
            "try { require('ws') } catch (e) { require(require('path').resolve('target/node/node_modules/ws')) }";

    private final boolean deflates;
    private long sent;

    NodeWebContender(boolean deflates) throws InterruptedException {
        if (!RelayProcess.succeeds(List.of("node", "-e", FIND))) {
            throw new UnsupportedOperationException("node with the module ws is not installed (Debian: nodejs and npm,"
                    + " then: npm install --no-save --prefix target/node ws)");
        }
        this.deflates = deflates;
    }

    @Override
    public List<String> command(int port, int publisherPort) throws IOException {
        return List.of(
                "node",
                "-e",
                script(),
                String.valueOf(port),
                String.valueOf(publisherPort),
                deflates ? String.valueOf(WebContenders.DEFLATE_LEVEL) : "0");
    }

    private static String script() throws IOException {
        try (InputStream script = Objects.requireNonNull(NodeWebContender.class.getResourceAsStream("broadcast.js"))) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public boolean hasPublisherPort() {
        return true;
    }

    @Override
    public Greeting greeting() {
        return WebContender.greeting(deflates);
    }

    @Override
    public int wireBytes(int bytes) {
        return 1;
    }

    @Override
    public void putHead(ByteBuffer tick, int messages, int bytes) {
        tick.putInt(messages).putInt(bytes);
    }

    @Override
    public void putMessage(ByteBuffer tick, long stamp, byte[] body) {
        tick.put(Payloads.of(Long.BYTES + body.length).utf8(sent++));
    }
}
