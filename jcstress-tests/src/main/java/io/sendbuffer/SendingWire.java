/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/**
 * A channel that, in each write, sends to its own queue before it takes a byte, like an inline completion. Counts how
 * deep the writes are nested; like {@link DigitWire}, it creates no happens-before between two writers.
 */
final class SendingWire implements GatheringByteChannel {
    private final DigitWire wire = DigitWire.whole();
    private final SendQueue queue;
    private final LockWatch lock;
    private final SendBuffer[] replies;
    private int sent;
    private int depth;
    private int deepest;
    private boolean failed;

    /** Sends one of the replies with each write, until all are sent. */
    SendingWire(SendQueue queue, SendBuffer... replies) {
        this.queue = queue;
        this.lock = new LockWatch(queue);
        this.replies = replies;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        enter();
        int written = wire.write(source);
        depth--;
        return written;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        enter();
        long written = wire.write(sources, offset, length);
        depth--;
        return written;
    }

    private void enter() {
        lock.look();
        deepest = Math.max(deepest, ++depth);
        if (sent < replies.length) {
            SendBuffer reply = replies[sent++];
            queue.offer(reply);
            reply.release();
            queue.flush(this);
        }
    }

    /** A sender got an exception: two drainers break the window in ways that throw. */
    void fail() {
        failed = true;
    }

    /** How many of the digits 1 to 9 were written, if each was written once; -1 if not. For the arbiter. */
    int written() {
        if (failed) {
            return -1;
        }
        int seen = 0;
        for (long rest = wire.digits(); rest != 0; rest /= 10) {
            int digit = 1 << (rest % 10);
            if ((seen & digit) != 0) {
                return -1;
            }
            seen |= digit;
        }
        return Integer.bitCount(seen);
    }

    /** The maximum number of concurrent writes of this channel. For the arbiter. */
    int deepest() {
        return deepest;
    }

    /** How many writes were made under the queue's lock. For the arbiter. */
    int writesUnderLock() {
        return lock.callsUnderLock();
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
