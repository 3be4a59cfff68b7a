/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.session.tls.TlsIdentity;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import tlschannel.ClientTlsChannel;
import tlschannel.NeedsReadException;
import tlschannel.NeedsWriteException;
import tlschannel.TlsChannel;
import tlschannel.WouldBlockException;

/**
 * A client with TLS that never blocks, and reads only when the test reads. A thread of its own makes the handshake, and
 * is gone after that.
 */
final class TlsPeer implements ByteChannel {
    private static final long PATIENCE_SECONDS = 10;
    private static final long MILLIS_BETWEEN_LOOKS = 100;
    private static final SSLContext CONTEXT = context();

    final SocketChannel socket;
    private final TlsChannel tls;
    private final Thread handshake;
    private final ByteBuffer ahead = ByteBuffer.allocate(1).flip();

    TlsPeer(SocketChannel socket) {
        this.socket = socket;
        SSLEngine engine = CONTEXT.createSSLEngine("127.0.0.1", 0);
        engine.setUseClientMode(true);
        this.tls = ClientTlsChannel.newBuilder(socket, engine).build();
        this.handshake = new Thread(this::shakeHands, "tls-peer");
        handshake.setDaemon(true);
        handshake.start();
    }

    private static SSLContext context() {
        try {
            return TlsIdentity.shared().clientContext();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void shakeHands() {
        try (Selector selector = Selector.open()) {
            SelectionKey key = socket.register(selector, 0);
            while (true) {
                try {
                    synchronized (this) {
                        tls.handshake();
                    }
                    return;
                } catch (NeedsReadException e) {
                    key.interestOps(SelectionKey.OP_READ);
                } catch (NeedsWriteException e) {
                    key.interestOps(SelectionKey.OP_WRITE);
                }
                selector.select(MILLIS_BETWEEN_LOOKS); // the test may read what this thread would wait for
            }
        } catch (IOException | RuntimeException e) {
            // the test, or the session, closed it first
        }
    }

    /** Waits until the handshake is over, or has failed. */
    void awaitHandshake() throws IOException {
        try {
            handshake.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public synchronized int read(ByteBuffer target) throws IOException {
        if (ahead.hasRemaining() && target.hasRemaining()) {
            target.put(ahead);
            return 1;
        }
        return decrypt(target);
    }

    private int decrypt(ByteBuffer target) throws IOException {
        try {
            return tls.read(target);
        } catch (WouldBlockException e) {
            return 0;
        }
    }

    /** Waits until there is something to read. */
    void awaitReadable() throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
            synchronized (this) {
                if (ahead.hasRemaining()) {
                    return;
                }
                int count = decrypt(ahead.clear());
                ahead.flip();
                if (count != 0) {
                    return;
                }
            }
            LockSupport.parkNanos(MILLIS_BETWEEN_LOOKS * 10_000);
        }
        throw new AssertionError("nothing arrived");
    }

    /** Takes what there is room for, and may hold a part of that. */
    @Override
    public synchronized int write(ByteBuffer source) throws IOException {
        int before = source.remaining();
        try {
            tls.write(source);
        } catch (WouldBlockException e) {
            return before - source.remaining();
        }
        return before;
    }

    /** Writes all, and holds nothing; fails if the session does not read for long. */
    void writeAll(ByteBuffer source) throws IOException {
        Patience patience = new Patience();
        while (true) {
            try {
                synchronized (this) {
                    tls.write(source);
                }
                return;
            } catch (WouldBlockException e) {
                patience.require("the session reads");
            }
        }
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
