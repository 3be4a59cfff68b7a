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
 * The server's end of a TLS connection, for {@code BlockingSessions.add}. Closing it says so to the peer.
 *
 * <p>A {@link TlsChannel} alone does as a session's channel, but for one thing. Its close sends a {@code close_notify}
 * only if no thread reads, and a session has a thread that always reads. The peer then sees the connection end without
 * it, and cannot tell that from an attacker who cut off the rest. Here the close first wakes the reader. It waits
 * neither for the peer nor for a write: where one is stuck there is no {@code close_notify}, as nothing can follow half
 * a record.
 */
public final class TlsConnection implements GatheringByteChannel, ReadableByteChannel {
    private static final long MOST_SECONDS_TO_WAKE = 1;
    private static final long MOST_MILLIS_FOR_ROOM = 250;

    private final SocketChannel socket;
    private final TlsChannel tls;
    private final Lock reading = new ReentrantLock();
    private final Lock writing = new ReentrantLock();

    /**
     * Wraps a connection. The handshake is part of the first read or write.
     *
     * @param socket connected, in blocking mode; belongs to this from now on
     * @param context with the server's key
     */
    public TlsConnection(SocketChannel socket, SSLContext context) {
        this.socket = socket;
        this.tls = ServerTlsChannel.newBuilder(socket, context)
                .withReleaseBuffers(false) // or else every write allocates some
                .build();
    }

    /** Whether the peer ended its stream itself. To be asked when the input ended, which may be an attacker's work. */
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

    /** Sends the close_notify, if there is room for it soon: a peer that does not read must not hold up who closes. */
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
            // the peer has left: there is nobody to say it to
        }
    }

    /** The peer may have read everything and not have told so yet: TCP delays that a little. */
    private void awaitRoom() throws IOException {
        try (Selector room = Selector.open()) {
            socket.register(room, SelectionKey.OP_WRITE);
            room.select(MOST_MILLIS_FOR_ROOM);
        }
    }

    private static boolean lockWithoutInterrupt(Lock lock) {
        boolean interrupted = Thread.interrupted();
        try {
            return lock.tryLock(MOST_SECONDS_TO_WAKE, TimeUnit.SECONDS);
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
