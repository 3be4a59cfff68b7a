/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Contender;
import io.sendbuffer.benchmarks.net.Greeting;
import io.sendbuffer.benchmarks.net.Shape;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A WebSocket server in this process, with one event loop, that sends a tick of JSON messages to all clients. */
abstract class WebContender extends Contender {
    private static final int CONNECT_SECONDS = 60;

    final int clients;
    final boolean deflates;

    private final CountDownLatch absent;
    private Payloads payloads = Payloads.of(Payloads.MIN_BYTES);
    private int messages = 1;
    private long sent;

    WebContender(int clients, boolean deflates) {
        this.clients = clients;
        this.deflates = deflates;
        this.absent = new CountDownLatch(clients);
    }

    @Override
    public final Greeting greeting() {
        return greeting(deflates);
    }

    static Greeting greeting(boolean deflates) {
        return deflates ? Greeting.DEFLATED_WEB_SOCKET : Greeting.WEB_SOCKET;
    }

    /** The reader counts messages: what they take when they are deflated differs. */
    @Override
    public final int wireBytes(int bytes) {
        return 1;
    }

    /** A client's handshake is over. */
    final void countOpen() {
        absent.countDown();
    }

    @Override
    public void awaitSessions(int count) throws InterruptedException {
        if (!absent.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(absent.getCount() + " of " + count + " clients did not come");
        }
    }

    @Override
    public final void shape(Shape shape) {
        payloads = Payloads.of(shape.bytes());
        messages = shape.messages();
    }

    /** How many messages a tick has. */
    final int messages() {
        return messages;
    }

    final String nextText() {
        return payloads.text(sent++);
    }

    final byte[] nextUtf8() {
        return payloads.utf8(sent++);
    }
}
