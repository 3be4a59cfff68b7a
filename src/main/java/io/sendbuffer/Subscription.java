/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One subscriber's place in a {@link BroadcastLog}: a cursor, with no copy of what it has still to read. Ends with the
 * subscriber's queue, with the log, or by {@link #close()}.
 *
 * <p>Any thread may ask how far it is; the answer may be slightly stale.
 */
public final class Subscription implements AutoCloseable {
    private static final VarHandle POSITION = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "position", VarHandle.class, Subscription.class, long.class);

    private static final VarHandle BYTES_BEFORE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "bytesBefore", VarHandle.class, Subscription.class, long.class);

    /** What the subscriptions of one reader with one policy share. */
    record Terms(LogReader reader, OverrunPolicy policy) {}

    private final Terms terms;
    private final LogReceiver receiver;

    /** The place among the reader's cursors; less than 0 if it has none. Owned by the reader's thread. */
    int index = -1;

    /** Written under the log's lock until the reader has adopted it, then by the reader's thread; read by any. */
    private long position;

    /** The bytes of all messages before the position. Written likewise. */
    private long bytesBefore;

    private long startPosition;

    /** Written under the queue's lock. The reader's thread reads it without, see {@link LogDrain}. */
    private @Nullable Inserts inserts;

    /** Set without a call where there may be no stack for one. */
    volatile boolean closing;

    /** Waits for its snapshot. Guarded by the log's lock. */
    private boolean preparing;

    Subscription(Terms terms, LogReceiver receiver) {
        this.terms = terms;
        this.receiver = receiver;
    }

    /** The position of the first message that the subscriber gets. */
    public long startPosition() {
        return startPosition;
    }

    /** The position of the next message that the subscriber gets; what lies before it was written, or skipped. */
    public long position() {
        return positionOpaque();
    }

    /** How many messages the subscriber is behind. */
    public long lagInMessages() {
        return Math.max(0, log().tailPosition() - positionOpaque());
    }

    /** How many bytes of messages the subscriber is behind. */
    public long lagInBytes() {
        return Math.max(0, log().ring().tailBytes() - (long) BYTES_BEFORE.getOpaque(this));
    }

    /**
     * How long ago the next message was appended, in nanoseconds; 0 if the subscriber is not behind. That of the oldest
     * message retained if it is behind the retention.
     */
    public long lagInNanos() {
        return log().ring().ageNanos(positionOpaque());
    }

    /** The log. */
    public BroadcastLog log() {
        return terms.reader.log();
    }

    /**
     * Ends the subscription: the subscriber gets no message of the log that its thread has not begun to write, and one
     * that was written in part, a snapshot or a notice is written to its end. Soon the log does not wait for it any
     * more; where it was not behind, its thread notices with the next append. From then on its lag has no meaning. Any
     * thread; does nothing if it has ended.
     */
    @Override
    public void close() {
        closing = true;
        terms.reader.changed(this);
    }

    /** True from {@link #close()} on, or once the session or the log is closed and the loop has noticed. */
    public boolean isClosed() {
        return closing;
    }

    /** What happens if the subscriber falls behind the retention. */
    public OverrunPolicy overrunPolicy() {
        return terms.policy;
    }

    /** False if an append that comes now finds it at the tail: that append wakes the reader. */
    boolean isBehind() {
        return positionOpaque() < log().tailPosition();
    }

    boolean isClosingVolatile() {
        return closing;
    }

    LogReader reader() {
        return terms.reader;
    }

    OverrunPolicy policy() {
        return terms.policy;
    }

    LogReceiver receiver() {
        return receiver;
    }

    @Nullable
    Inserts inserts() {
        return inserts;
    }

    /** Under the queue's lock. */
    Inserts needInserts() {
        Inserts found = inserts;
        if (found == null) {
            found = new Inserts();
            inserts = found;
        }
        return found;
    }

    boolean isPreparing() {
        return preparing;
    }

    void setPreparing(boolean value) {
        preparing = value;
    }

    // ---- the cursor

    /** Under the log's lock. */
    void beginAt(long start, long bytes) {
        startPosition = start;
        moveTo(start, bytes);
    }

    void moveTo(long next, long bytes) {
        BYTES_BEFORE.setOpaque(this, bytes);
        POSITION.setOpaque(this, next);
    }

    long positionOpaque() {
        return (long) POSITION.getOpaque(this);
    }

    /** For the thread that writes it. */
    long positionPlain() {
        return position;
    }

    long bytesBeforePlain() {
        return bytesBefore;
    }

    /** Names the place. */
    @Override
    public String toString() {
        return "Subscription[position=" + position() + ", lagInMessages=" + lagInMessages() + "]";
    }
}
