/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.lincheck;

import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;

/** A channel that keeps the bytes it took, in order, takes as many as allowed, and detects two concurrent writers. */
public final class MeteredWire implements GatheringByteChannel {
    private static final int MAX_BYTES = 64;

    private final byte[] taken = new byte[MAX_BYTES];
    private int count;
    private int allowance;
    private int maxPerWrite;
    private boolean writing;
    private boolean overlapped;

    private MeteredWire(int allowance, int maxPerWrite) {
        this.allowance = allowance;
        this.maxPerWrite = maxPerWrite;
    }

    public static MeteredWire takingAll() {
        return new MeteredWire(MAX_BYTES, MAX_BYTES);
    }

    public static MeteredWire takingNothing() {
        return new MeteredWire(0, MAX_BYTES);
    }

    /** Takes at most this many bytes of each write. */
    public static MeteredWire taking(int bytesPerWrite) {
        return new MeteredWire(MAX_BYTES, bytesPerWrite);
    }

    /** Takes this many more bytes, and then nothing. */
    public void allow(int bytes) {
        allowance = bytes;
    }

    /** Takes each write whole from now on. */
    public void takeWholeWrites() {
        maxPerWrite = MAX_BYTES;
    }

    public byte[] taken() {
        return Arrays.copyOf(taken, count);
    }

    public int takenCount() {
        return count;
    }

    public boolean overlapped() {
        return overlapped;
    }

    @Override
    public int write(ByteBuffer source) {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        if (writing) {
            overlapped = true; // not |=, which overwrites what another writer found
        }
        writing = true;
        int written = take(sources, offset, length);
        writing = false;
        return written;
    }

    private int take(ByteBuffer[] sources, int offset, int length) {
        int max = Math.min(allowance, maxPerWrite);
        int before = count;
        for (int i = offset; i < offset + length; i++) {
            while (count - before < max && sources[i].hasRemaining()) {
                taken[count++] = sources[i].get();
            }
        }
        allowance -= count - before;
        return count - before;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // Nothing to close.
    }
}
