/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Takes all that it is given, or fails, and keeps nothing, without a file descriptor: for tens of thousands of
 * sessions, and where the stack ends, which leaves no bookkeeping half done.
 */
public final class TakingChannel implements GatheringByteChannel {
    private final @Nullable IOException failure;
    private volatile boolean closed;

    public TakingChannel() {
        this(null);
    }

    /** Every write throws this, if it is not null. */
    public TakingChannel(@Nullable IOException failure) {
        this.failure = failure;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        requireOpen();
        if (failure != null) {
            throw failure;
        }
        int count = source.remaining();
        source.position(source.limit());
        return count;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            count += write(sources[i]);
        }
        return count;
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
