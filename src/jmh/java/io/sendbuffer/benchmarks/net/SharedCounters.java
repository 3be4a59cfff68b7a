/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Two numbers in memory shared by a server and its reader, so that neither makes a system call to notify the other. */
public final class SharedCounters {
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    // In cache lines of their own.
    private static final int RECEIVED = 0;
    private static final int RECORD_FROM = 256;
    private static final int SHAPE = 512;
    static final int SIZE = 4096;

    private static final long SURPLUS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final MappedByteBuffer memory;

    private SharedCounters(MappedByteBuffer memory) {
        this.memory = memory;
    }

    /** Maps a file, which may be deleted once both processes have mapped it. */
    public static SharedCounters map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SharedCounters(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
        }
    }

    /** Bytes that the reader has received since it began. */
    public long received() {
        return (long) LONGS.getAcquire(memory, RECEIVED);
    }

    /**
     * Waits as long as surplus bytes would take to arrive.
     *
     * @throws IllegalStateException if there are any
     */
    public void requireNoMore() {
        long before = received();
        LockSupport.parkNanos(SURPLUS_NANOS);
        if (received() != before) {
            throw new IllegalStateException(received() - before + " bytes too many were received");
        }
    }

    void received(long bytes) {
        LONGS.setRelease(memory, RECEIVED, bytes);
    }

    /** Bytes of a message, for a reader that checks each. */
    public int messageBytes() {
        return (int) (long) LONGS.getAcquire(memory, SHAPE);
    }

    /** Messages in a tick, likewise. */
    public int tickMessages() {
        return (int) ((long) LONGS.getAcquire(memory, SHAPE) >>> Integer.SIZE);
    }

    /** Nothing is in flight. */
    void shape(Shape shape) {
        LONGS.setRelease(memory, SHAPE, ((long) shape.messages() << Integer.SIZE) | shape.bytes());
    }

    /** Latencies of messages that were due earlier are those of the warm-up. */
    public long recordFrom() {
        return (long) LONGS.getAcquire(memory, RECORD_FROM);
    }

    void recordFrom(long nanoTime) {
        LONGS.setRelease(memory, RECORD_FROM, nanoTime);
    }
}
