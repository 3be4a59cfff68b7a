/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import tlschannel.ServerTlsChannel;
import tlschannel.TlsChannel;

/**
 * The server's end of a TLS connection, for {@code BlockingSessions.add}. Closing it notifies the peer.
 *
 * <p>A {@link TlsChannel} alone serves as a session's channel, except in one respect. Its close sends a
 * {@code close_notify} only if no thread reads, and a session has a thread that always reads. The peer then sees the
 * connection end without it, and cannot distinguish that from an attack that truncated the stream. Here the close first
 * wakes the reader. It waits neither for the peer nor for a write: where a write is stuck there is no
 * {@code close_notify}, as nothing can follow half a record.
 */
public final class TlsConnection implements GatheringByteChannel, ReadableByteChannel {
    private static final long MAX_SECONDS_TO_WAKE = 1;
    private static final long MAX_MILLIS_FOR_ROOM = 250;

    private final SocketChannel socket;
    private final TlsChannel tls;
    private final Lock reading = new ReentrantLock();
    private final Lock writing = new ReentrantLock();

    /**
     * Wraps a connection. The handshake is part of the first read or write.
     *
     * @param socket connected, in blocking mode; this connection owns it from now on
     * @param context with the server's key
     */
    public TlsConnection(SocketChannel socket, SSLContext context) {
        this.socket = socket;
        this.tls = ServerTlsChannel.newBuilder(socket, context)
                .withReleaseBuffers(false) // otherwise every write allocates buffers
                .build();
    }

    /** Whether the peer itself ended its stream. Ask when the input ended: an attacker may have ended it. */
    public boolean peerSaidGoodbye() {
        return tls.shutdownReceived();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        reading.lock();
        try {
            return tls.read(target);
        } finally {
            reading.unlock();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        writing.lock();
        try {
            return tls.write(source);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        writing.lock();
        try {
            return tls.write(sources, offset, length);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        try {
            if (socket.isOpen() && writing.tryLock()) {
                try {
                    sayGoodbye();
                } finally {
                    writing.unlock();
                }
            }
        } finally {
            tls.close();
        }
    }

    /** Sends the close_notify, if there is room for it soon: a peer that does not read must not delay the close. */
    private void sayGoodbye() {
        try {
            socket.shutdownInput(); // wakes the reader
            if (lockWithoutInterrupt(reading)) {
                try {
                    socket.configureBlocking(false);
                    awaitRoom();
                    tls.close();
                } finally {
                    reading.unlock();
                }
            }
        } catch (IOException e) {
            // the peer has left: nothing receives it
        }
    }

    /** The peer may have read everything without its acknowledgment having arrived: TCP delays that a little. */
    private void awaitRoom() throws IOException {
        try (Selector room = Selector.open()) {
            socket.register(room, SelectionKey.OP_WRITE);
            room.select(MAX_MILLIS_FOR_ROOM);
        }
    }

    private static boolean lockWithoutInterrupt(Lock lock) {
        boolean interrupted = Thread.interrupted();
        try {
            return lock.tryLock(MAX_SECONDS_TO_WAKE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
