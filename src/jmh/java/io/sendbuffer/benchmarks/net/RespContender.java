/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Publish and subscribe, of a server that speaks Redis's protocol: a tick's messages are published in one pipeline. No
 * client is dropped as too slow.
 */
final class RespContender extends RelayContender {
    private final String name;
    private final int sessions;

    RespContender(String name, int sessions) {
        this.name = name;
        this.sessions = sessions;
    }

    @Override
    public List<String> command(int port, int publisherPort) throws InterruptedException {
        return Resp.command(name, port, sessions, "pubsub 0 0 0");
    }

    @Override
    public boolean hasPublisherPort() {
        return false;
    }

    @Override
    public Greeting greeting() {
        return Greeting.SUBSCRIBE;
    }

    @Override
    public int wireBytes(int bytes) {
        return Resp.wireBytes(bytes);
    }

    @Override
    public void putHead(ByteBuffer tick, int messages, int bytes) {}

    @Override
    public void putMessage(ByteBuffer tick, long stamp, byte[] body) {
        Resp.putPublish(tick, stamp, body);
    }
}
