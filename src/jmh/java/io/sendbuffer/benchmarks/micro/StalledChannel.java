/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A blocking channel that takes nothing: each write waits until it is closed. */
final class StalledChannel implements GatheringByteChannel {
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger writes = new AtomicInteger();

    /** How many have begun. */
    int writes() {
        return writes.get();
    }

    /** Lets all writes fail, and all that follow. */
    void release() {
        released.countDown();
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) stall();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return stall();
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return stall();
    }

    private long stall() throws IOException {
        writes.incrementAndGet();
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ClosedChannelException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
