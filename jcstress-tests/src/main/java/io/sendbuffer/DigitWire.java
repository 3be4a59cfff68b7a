/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/**
 * A channel that records what it was given: each byte is a decimal digit, and {@link #digits} shows them in order.
 *
 * <p>Its fields are opaque or plain, so that it creates no happens-before between two writers, and concurrent writes
 * show up as an overlap, or as lost digits.
 */
public final class DigitWire implements GatheringByteChannel {
    private static final VarHandle WRITERS;

    static {
        try {
            WRITERS = MethodHandles.lookup().findVarHandle(DigitWire.class, "writers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One instance for all, without a stack trace: filling in millions of traces would dominate the run. */
    private static final IOException BROKEN = new IOException("broken on purpose") {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    };

    /** More than any test needs: an endless drain ends here, not in a timeout. */
    private static final int MAX_WRITES = 50;

    private final int maxPerWrite;
    private final boolean broken;

    private int writes;
    private int writers;
    private long digits;
    private int overlaps;

    private DigitWire(int maxPerWrite, boolean broken) {
        this.maxPerWrite = maxPerWrite;
        this.broken = broken;
    }

    /** Takes all that it is given. */
    public static DigitWire whole() {
        return new DigitWire(Integer.MAX_VALUE, false);
    }

    /** Takes at most this many bytes of each write. */
    public static DigitWire taking(int maxPerWrite) {
        return new DigitWire(maxPerWrite, false);
    }

    /** Fails with every write. */
    public static DigitWire broken() {
        return new DigitWire(0, true);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        enter();
        int written = take(source, maxPerWrite);
        leave();
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        enter();
        int written = 0;
        for (int i = offset; i < offset + length; i++) {
            written += take(sources[i], maxPerWrite - written);
        }
        leave();
        return written;
    }

    /**
     * Takes a write that a queue has begun, and each one that its completion begins.
     *
     * @param begun what the queue returned when it began the first one
     * @return what it returned at last: 0, or {@link SendQueue#ENDED}
     */
    int takeAll(SendQueue queue, int begun) {
        int count = begun;
        try {
            while (count > 0) {
                count = queue.completeWrite(write(queue.writeBuffers(), 0, count));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count;
    }

    private int take(ByteBuffer source, int max) throws IOException {
        if (broken) {
            throw BROKEN;
        }
        int taken = 0;
        while (taken < max && source.hasRemaining()) {
            digits = digits * 10 + source.get();
            taken++;
        }
        return taken;
    }

    private void enter() {
        if (++writes > MAX_WRITES) {
            throw new AssertionError("the drain does not end");
        }
        if ((int) WRITERS.getOpaque(this) != 0) {
            overlaps++;
        }
        WRITERS.setOpaque(this, 1);
    }

    private void leave() {
        WRITERS.setOpaque(this, 0);
    }

    /** All digits in the order in which they were written. For the arbiter. */
    public long digits() {
        return digits;
    }

    /** How many writes overlapped another one. For the arbiter. */
    public int overlaps() {
        return overlaps;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
