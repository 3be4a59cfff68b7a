package io.sendbuffer.session;

import io.sendbuffer.Wire;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * A connected channel without a file descriptor, so that thousands can be alive: what is written goes to a
 * {@link Wire}, and nothing ever comes in. Its opening, closing and registering are the JDK's own.
 */
final class WireChannel extends SocketChannel {
    private final Wire wire;
    private final int spinsOfClose;

    WireChannel(Wire wire) {
        this(wire, 0);
    }

    /** Takes so long to close: two who close it then leave it one after the other, and not together. */
    WireChannel(Wire wire, int spinsOfClose) {
        super(null);
        this.wire = wire;
        this.spinsOfClose = spinsOfClose;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireOpen();
        return wire.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        requireOpen();
        return wire.write(sources, offset, length);
    }

    private void requireOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int read(ByteBuffer target) {
        return 0;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        return 0;
    }

    @Override
    protected void implCloseSelectableChannel() {
        for (int i = 0; i < spinsOfClose; i++) {
            Thread.onSpinWait();
        }
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // Nothing blocks.
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    // ---- what sessions do not use

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel shutdownOutput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getRemoteAddress() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new UnsupportedOperationException();
    }
}
