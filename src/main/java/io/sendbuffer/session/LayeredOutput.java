/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.session.SocketLayer.Need;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LayeredSession} writes to and closes: its layer, and its socket below. The drainer of the queue writes,
 * the loop flushes what the layer holds: of two at once, one finds the other and leaves it to it.
 */
final class LayeredOutput implements GatheringByteChannel {
    private static final VarHandle BUSY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "busy", VarHandle.class, LayeredOutput.class, boolean.class);

    private final LayeredSession session;

    /** Made by the loop. */
    private volatile @Nullable SocketLayer layer;

    /** What the layer said after the last write or flush. */
    private volatile Need needs = Need.NOTHING;

    /** A flush failed: the next write says so, as it does where there is no layer. */
    private volatile @Nullable IOException failure;

    /** A thread is in a write or a flush. Cleared by a store, where a call may meet the stack's end. */
    @SuppressWarnings("unused")
    private volatile boolean busy;

    LayeredOutput(LayeredSession session) {
        this.session = session;
    }

    @Nullable
    SocketLayer layerVolatile() {
        return layer;
    }

    void setLayerVolatile(SocketLayer made) {
        layer = made;
    }

    /** After a write or a flush that took all: what the rest, which the layer holds, needs. */
    Need needsVolatile() {
        return needs;
    }

    private SocketLayer ours() {
        SocketLayer made = layer;
        if (made == null) {
            throw new IllegalStateException("nothing is written before the handshake");
        }
        return made;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        if (!BUSY.compareAndSet(this, false, true)) {
            needs = Need.WRITABLE;
            return 0;
        }
        try {
            IOException failed = failure;
            if (failed != null) {
                throw failed;
            }
            SocketLayer made = ours();
            long taken = made.write(sources, offset, length);
            needs = made.outputNeeds();
            return taken;
        } finally {
            busy = false;
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    /** What a flush threw; null if none failed. */
    @Nullable
    IOException failureVolatile() {
        return failure;
    }

    /** Writes what the layer holds. By the loop. */
    Need flush() {
        if (!BUSY.compareAndSet(this, false, true)) {
            return Need.WRITABLE; // later: another thread writes
        }
        try {
            Need need = ours().flush();
            needs = need;
            return need;
        } catch (IOException e) {
            failure = e;
            needs = Need.NOTHING;
            return Need.NOTHING;
        } finally {
            busy = false;
        }
    }

    /** By the loop, when nothing is written any more. */
    Need endOutput() throws IOException {
        return ours().endOutput();
    }

    @Override
    public boolean isOpen() {
        return session.channel.isOpen();
    }

    /** The socket first: an end that is no graceful one sends nothing. */
    @Override
    public void close() throws IOException {
        try {
            session.channel.close();
        } finally {
            SocketLayer made = layer;
            if (made != null) {
                made.close();
            }
        }
    }
}
