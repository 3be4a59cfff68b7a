/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;

/** A subscriber that knows what it has to get, and its channel. Neither needs heap once it is made. */
final class LogPeer implements LogReceiver, GatheringByteChannel {
    private static final int CAPACITY = 4_096;

    final SendQueue queue = new SendQueue();
    final StringBuilder expected = new StringBuilder(CAPACITY);
    private final byte[] taken = new byte[CAPACITY];
    private int count;
    boolean isSubscribed;
    boolean isStalled;
    int maxPerCall = Integer.MAX_VALUE;

    String text() {
        return new String(taken, 0, count, StandardCharsets.US_ASCII);
    }

    void flush() {
        queue.flushWithLogs(this, Long.MAX_VALUE);
    }

    @Override
    public SendQueue queue() {
        return queue;
    }

    @Override
    public void onNews() {
        if (!isStalled) {
            flush();
        }
    }

    @Override
    public void onOverrun(LogOverrunException cause) {
        queue.close();
    }

    @Override
    public int write(ByteBuffer source) {
        int length = Math.min(maxPerCall, source.remaining());
        source.get(taken, count, length);
        count += length;
        return length;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long written = 0;
        for (int i = offset; i < offset + length; i++) {
            written += write(sources[i]);
            if (sources[i].hasRemaining()) {
                break;
            }
        }
        return written;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
