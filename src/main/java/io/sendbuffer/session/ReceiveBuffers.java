/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers that sessions receive into, one for each session that reads, used again when it has ended: connections
 * that come and go cost the JVM no direct memory and no collection.
 *
 * <p>What no session has needed for some time is discarded, half of it each time. Until the collector has taken it, it
 * is taken back before the JVM is asked for more, so that growth succeeds whether or not there was a collection.
 */
final class ReceiveBuffers {
    static final long NANOS_BETWEEN_DECAYS = TimeUnit.SECONDS.toNanos(5);

    static final long MIN_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int size;
    private final IntFunction<ByteBuffer> allocator;
    private final NanoClock clock;

    // Guarded by this.
    private final ArrayDeque<ByteBuffer> spare = new ArrayDeque<>();
    private final ArrayDeque<WeakReference<ByteBuffer>> discarded = new ArrayDeque<>();
    private int minSpare;
    private long decayedAtNanos;
    private long backOffNanos;
    private long refusedUntilNanos;

    ReceiveBuffers(int size) {
        this(size, ByteBuffer::allocateDirect, System::nanoTime);
    }

    /** For tests, which refuse memory, and set the time. */
    ReceiveBuffers(int size, IntFunction<ByteBuffer> allocator, NanoClock clock) {
        this.size = size;
        this.allocator = allocator;
        this.clock = clock;
        this.decayedAtNanos = clock.nanoTime();
    }

    /**
     * Takes a buffer.
     *
     * @throws OutOfMemoryError if the JVM has no memory for another one; after that it is not asked again for a while,
     *     since it takes half a second and collections to say no
     */
    ByteBuffer take() {
        ByteBuffer buffer = takeSpare();
        return buffer != null ? buffer : allocate();
    }

    private ByteBuffer allocate() {
        long backOff = backOffIfAllowed();
        if (backOff < 0) {
            throw noMemory();
        }
        try {
            ByteBuffer buffer = allocator.apply(size);
            refused(backOff, 0);
            return buffer;
        } catch (OutOfMemoryError e) {
            refused(backOff, Math.min(MAX_BACK_OFF_NANOS, Math.max(MIN_BACK_OFF_NANOS, 2 * backOff)));
            OutOfMemoryError better = noMemory();
            better.initCause(e);
            throw better;
        }
    }

    private OutOfMemoryError noMemory() {
        return new OutOfMemoryError("no direct memory for a receive buffer of " + size
                + " bytes: raise -XX:MaxDirectMemorySize, or set a smaller receiveBufferSize");
    }

    /**
     * The last back-off, 0 if there is none; -1 if the JVM must not be asked now. After a back-off one thread asks, and
     * the others are refused until it knows.
     */
    private synchronized long backOffIfAllowed() {
        if (backOffNanos != 0) {
            long now = clock.nanoTime();
            if (now - refusedUntilNanos < 0) {
                return -1;
            }
            refusedUntilNanos = now + backOffNanos;
        }
        return backOffNanos;
    }

    /** Of several threads that asked together, the first one counts. */
    private synchronized void refused(long backOff, long nextBackOff) {
        if (backOffNanos == backOff) {
            backOffNanos = nextBackOff;
            refusedUntilNanos = clock.nanoTime() + nextBackOff;
        }
    }

    private synchronized @Nullable ByteBuffer takeSpare() {
        ByteBuffer buffer = spare.pollLast();
        minSpare = Math.min(minSpare, spare.size());
        WeakReference<ByteBuffer> reference;
        while (buffer == null && (reference = discarded.pollLast()) != null) {
            buffer = reference.get();
        }
        return buffer;
    }

    /** Takes a buffer back that nothing reads into any more. */
    synchronized void giveBack(ByteBuffer buffer) {
        spare.addLast(buffer.clear().order(ByteOrder.BIG_ENDIAN));
    }

    /** Discards half of those that were not needed since the last time. Called from time to time. */
    synchronized void decay() {
        long now = clock.nanoTime();
        if (now - decayedAtNanos < NANOS_BETWEEN_DECAYS) {
            return;
        }
        decayedAtNanos = now;
        discarded.removeIf(reference -> reference.get() == null);
        for (int i = (minSpare + 1) / 2; i > 0 && !spare.isEmpty(); i--) {
            discarded.addLast(new WeakReference<>(spare.removeFirst()));
        }
        minSpare = spare.size();
    }

    synchronized int spare() {
        return spare.size();
    }
}
