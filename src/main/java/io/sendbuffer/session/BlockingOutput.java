/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * A channel whose writes wait, seen by the one drainer: shows its pending write to the clock, and keeps an interrupt
 * that came before a write from closing the channel.
 *
 * <p>The JDK closes a channel when a thread that is interrupted writes to it, even if that thread was interrupted long
 * before and for another reason; here such a thread writes all the same, and is interrupted again after it. An
 * interrupt that comes while a write waits closes the channel, as it does everywhere in the JDK.
 */
final class BlockingOutput implements GatheringByteChannel {
    private final GatheringByteChannel channel;
    private final Session session;
    private final PendingWrite pendingWrite = new PendingWrite();

    /** The last pause; 0 since a write took something. Owned by the drainer. */
    private long pauseNanos;

    BlockingOutput(GatheringByteChannel channel, Session session) {
        this.channel = channel;
        this.session = session;
    }

    /** True while a write waits, and between attempts of one that takes nothing. */
    boolean isWriting() {
        return pendingWrite.isPendingOpaque();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        boolean interrupted = begin();
        try {
            int written = channel.write(source);
            endOrPause(written);
            return written;
        } finally {
            interruptAgain(interrupted);
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        boolean interrupted = begin();
        try {
            long written = channel.write(sources, offset, length);
            endOrPause(written);
            return written;
        } finally {
            interruptAgain(interrupted);
        }
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    private boolean begin() {
        pendingWrite.setPendingOpaque(true);
        return Thread.interrupted();
    }

    /**
     * Ends a write that took something. Not one that failed: that one lasts until its thread has ended the session, so
     * that a thread that waits for the cause does not give up on the way there. And not one that took nothing: a
     * channel that takes nothing without waiting is tried again, but not in a busy loop, and no clock starts again.
     */
    private void endOrPause(long written) {
        if (written != 0) {
            pauseNanos = 0;
            pendingWrite.setPendingOpaque(false);
            session.hasWritten();
        } else {
            pauseNanos = Backoff.nanosAfter(pauseNanos);
            LockSupport.parkNanos(pauseNanos);
        }
    }

    private static void interruptAgain(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
