/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.agrona.BitUtil;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link BroadcastLog} retains, in the order of positions, and which cursors have still to read it: all that the
 * log's lock guards. The lock is this object's monitor; it is never held while a channel, a release or user code is
 * called.
 *
 * <pre>{@code
 *      least                        gate                     tail
 * ... ---|--- only for those who ----|--- some cursor has ----|
 * gone   |    resume: the history    |    not passed it       |   append
 * }</pre>
 *
 * <p>The log has one reference to each message from {@code least} on. It gives a reference back when every cursor has
 * passed the message and the history does not keep it, or when the retention has no room for it. A message that a
 * reader is writing at that moment is {@linkplain LogReader owed} to the reader, which gives it back when it has
 * finished: so no thread waits for a write, and no write loses its memory.
 */
final class LogRing {
    private static final VarHandle TAIL = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "tail", VarHandle.class, LogRing.class, long.class);

    private static final LogReader[] NO_READERS = {};
    private static final int MANY_JOINED = 64;

    private final Bounds retention;
    private final Bounds history;
    private final NanoClock clock;

    private final @Nullable SendBuffer[] messages;

    /** For each message, the sum of the bytes of all messages up to its end. */
    private final long[] endBytes;

    private final long[] appendedAtNanos;
    private final int mask;

    // Guarded by the lock, as all that follows.
    private long least;
    private long leastBytes;

    /** Written under the lock; read by any thread. */
    private long tail;

    private long tailBytes;

    /** Every cursor is here or beyond. */
    private long gate;

    /** The least position of a cursor that holds the log. */
    private long heldFrom = Long.MAX_VALUE;

    /** The last snapshot; less than {@link #least} if none is retained. */
    private long snapshot = -1;

    private long skips;
    private long ends;
    private boolean closed;

    /** Replaced under the lock, never changed: appenders walk it without. */
    private volatile LogReader[] readers = NO_READERS;

    private record Bounds(long bytes, int messages, long ageNanos, boolean hasAge) {
        static Bounds of(LogRetention retention) {
            return new Bounds(
                    retention.maxBytes(),
                    retention.maxMessages(),
                    retention.maxAge().toNanos(),
                    retention.maxMessages() > 0 && retention.maxAge().compareTo(LogRetention.MAX_AGE) < 0);
        }
    }

    LogRing(LogRetention retention, LogRetention history, NanoClock clock) {
        this.retention = Bounds.of(retention);
        this.history = Bounds.of(history);
        this.clock = clock;
        int capacity = BitUtil.findNextPositivePowerOfTwo(Math.max(1, retention.maxMessages()));
        this.messages = new SendBuffer[capacity];
        this.endBytes = new long[capacity];
        this.appendedAtNanos = new long[capacity];
        this.mask = capacity - 1;
    }

    // ---- appending

    /**
     * Appends a message with the reference that came with it.
     *
     * @return its position, or a negative result of {@link BroadcastLog}
     */
    long append(SendBuffer message, int length, boolean isSnapshot) {
        while (true) {
            SendBuffer out;
            long position;
            boolean hasMore = false;
            synchronized (this) {
                position = roomFor(length, 1);
                if (position >= 0) {
                    add(message, length, clock.nanoTime());
                    if (isSnapshot) {
                        snapshot = position;
                    }
                    publish();
                    out = gate == tail ? removePassed() : null; // no subscriber wants it
                    hasMore = out != null && isPassed(least);
                } else if (position == MAKE_ROOM) {
                    out = removeOldest();
                } else {
                    return position;
                }
            }
            giveBack(out);
            if (hasMore) {
                releasePassed();
            }
            if (position >= 0) {
                return position;
            }
        }
    }

    /** Appends all pieces of a batch, with the references that came with them, or none. */
    long append(SendBatch batch, int pieces) {
        while (true) {
            SendBuffer out = null;
            long position;
            boolean isUnwanted = false;
            synchronized (this) {
                position = batch.size() > retention.messages ? BroadcastLog.TOO_LARGE : roomFor(batch.bytes(), pieces);
                if (position >= 0) {
                    addAll(batch, pieces);
                    publish();
                    isUnwanted = gate == tail;
                } else if (position == MAKE_ROOM) {
                    out = removeOldest();
                }
            }
            giveBack(out);
            if (isUnwanted) {
                releasePassed();
            }
            if (position != MAKE_ROOM) {
                return position;
            }
        }
    }

    private void addAll(SendBatch batch, int pieces) {
        long now = clock.nanoTime();
        for (int i = 0; i < pieces; i++) {
            add(batch.piece(i), batch.piece(i).sealedLength(), now);
        }
    }

    /** The oldest message has to go before there is room. */
    private static final long MAKE_ROOM = Long.MIN_VALUE;

    /** The position of the next message if it has room, or why it has none. */
    private long roomFor(long bytes, int count) {
        if (added > 0) {
            forgetUnpublished();
        }
        if (closed) {
            return BroadcastLog.CLOSED;
        }
        if (bytes > retention.bytes || count > retention.messages) {
            return BroadcastLog.TOO_LARGE;
        }
        boolean hasRoom = bytes <= retention.bytes - (tailBytes - leastBytes)
                && count <= retention.messages - (tail - least)
                && !isTooOld(least);
        if (hasRoom) {
            return tail;
        }
        return canMakeRoom(bytes, count) ? MAKE_ROOM : BroadcastLog.REFUSED;
    }

    /** True if all that is in the way may go: no subscriber is overrun for an append that is refused in the end. */
    private boolean canMakeRoom(long bytes, int count) {
        return heldFrom >= tail
                || (heldFrom > least
                        && bytes <= retention.bytes - (tailBytes - bytesBefore(heldFrom))
                        && count <= retention.messages - (tail - heldFrom)
                        && !isTooOld(heldFrom));
    }

    /** An append met the end of its stack: its messages keep the references that came with them, and no position. */
    private void forgetUnpublished() {
        tailBytes = tail == least ? leastBytes : endBytes[slot(tail - 1)];
        for (int i = 0; i < added; i++) {
            messages[slot(tail + i)] = null;
        }
        added = 0;
    }

    private boolean isTooOld(long position) {
        return retention.hasAge
                && position < tail
                && clock.nanoTime() - appendedAtNanos[slot(position)] > retention.ageNanos;
    }

    private boolean isOverdue(long position) {
        return isTooOld(position) && heldFrom > position;
    }

    private void add(SendBuffer message, int length, long now) {
        int slot = slot(tail + added);
        added++;
        messages[slot] = message;
        tailBytes += length;
        endBytes[slot] = tailBytes;
        appendedAtNanos[slot] = now;
    }

    /** How many were added and are not published. */
    private int added;

    /** What was added happens-before a read of the tail that finds it. */
    private void publish() {
        TAIL.setVolatile(this, tail + added);
        added = 0;
        recomputeGate();
    }

    // ---- giving back

    /** Takes out the oldest message that no cursor needs, nor the history; null if there is none. */
    @Nullable
    private SendBuffer removePassed() {
        return isPassed(least) ? removeOldest() : null;
    }

    private boolean isPassed(long position) {
        return position < gate && position < tail && (closed || !isHistory(position));
    }

    private boolean isHistory(long position) {
        return tail - position <= history.messages
                && tailBytes - bytesBefore(position) <= history.bytes
                && (!history.hasAge || clock.nanoTime() - appendedAtNanos[slot(position)] <= history.ageNanos);
    }

    /**
     * Takes out the oldest message.
     *
     * @return the message, for the caller to give back outside the lock; null if that is up to readers, which are
     *     writing it
     */
    @Nullable
    private SendBuffer removeOldest() {
        int slot = slot(least);
        SendBuffer message = messages[slot];
        if (message == null) {
            throw new AssertionError("no message at " + least);
        }
        int writers = 0;
        for (LogReader reader : readers) {
            writers += reader.writer().plansWith(least);
        }
        if (writers > 1) {
            message.retain(writers - 1); // before anything has changed: it may throw
        }
        messages[slot] = null;
        leastBytes = endBytes[slot];
        least++;
        return writers == 0 ? message : null;
    }

    /** Gives back what no cursor needs. */
    void releasePassed() {
        boolean removed;
        do {
            SendBuffer out;
            synchronized (this) {
                long before = least;
                out = removePassed(); // null also if that is up to its readers
                removed = least != before;
            }
            giveBack(out);
        } while (removed);
    }

    private static void giveBack(@Nullable SendBuffer message) {
        if (message != null) {
            release(message);
        }
    }

    /** What a release throws is the mistake of another thread, not of the one that appends or reads. */
    static void release(SendBuffer message) {
        ChunkStore store = message.chunk().store;
        try {
            message.release();
        } catch (Throwable e) {
            store.report(e);
        }
    }

    /** Releases the first messages of an array, and takes them out of it. */
    static void releaseAll(@Nullable SendBuffer[] messages, int count) {
        for (int i = 0; i < count; i++) {
            SendBuffer message = messages[i];
            messages[i] = null;
            giveBack(message);
        }
    }

    // ---- readers

    /** Appenders call all of these. */
    LogReader[] readersVolatile() {
        return readers;
    }

    /**
     * Lets a cursor begin.
     *
     * @param from where; {@link BroadcastLog#NEWEST} for the tail
     * @return where it begins; {@link BroadcastLog#CLOSED}, or {@link BroadcastLog#NOT_RETAINED}
     */
    synchronized long join(LogReader reader, Subscription cursor, long from, boolean prepares) {
        if (closed || reader.isClosed()) {
            return BroadcastLog.CLOSED;
        }
        long position = from == BroadcastLog.NEWEST ? tail : from;
        if (position < least || position > tail) {
            return BroadcastLog.NOT_RETAINED;
        }
        if (!reader.isKnown()) {
            LogReader[] more = Arrays.copyOf(readers, readers.length + 1);
            more[readers.length] = reader;
            reader.joining().add(cursor); // may have no memory: nothing has changed
            reader.setKnown(true); // a call, which may find no stack: before what must not be done twice
            readers = more;
        } else {
            reader.joining().add(cursor);
        }
        cursor.beginAt(position, bytesBefore(position));
        cursor.setPreparing(prepares);
        reader.joining().begins(cursor, position);
        recomputeGate();
        return position;
    }

    /**
     * Lets a cursor that waits for its snapshot begin.
     *
     * @return false if that position is not retained: it waits for another one, at the tail
     */
    synchronized boolean beginAt(Subscription cursor, long position) {
        if (cursor.reader().isClosed()) {
            return false;
        }
        boolean isRetained = position >= least;
        long start = isRetained ? position : tail;
        cursor.beginAt(start, bytesBefore(start));
        cursor.setPreparing(!isRetained);
        cursor.reader().joining().recompute();
        recomputeGate();
        return isRetained;
    }

    /** A cursor that never began. */
    synchronized boolean leaveJoining(LogReader reader, Subscription cursor, boolean evenIfPreparing) {
        boolean found = reader.joining().remove(cursor, evenIfPreparing);
        recomputeGate();
        return found;
    }

    /** The reader is about to serve its cursors: takes over those that joined, and looks at the log. */
    synchronized void beginTurn(LogReader reader) {
        reader.adoptJoining();
        reader.sees(least, tail, closed);
    }

    /**
     * Plans a write from a position on: the reader may read those messages until {@link #endTurn}.
     *
     * @return false if the position is not retained any more
     */
    synchronized boolean plan(LogPlan plan, long from, long to) {
        if (from < least) {
            return false;
        }
        long bytes = bytesBefore(from);
        plan.begin(from);
        long position = from;
        while (position < to && plan.hasRoomFor(endBytes[slot(position)] - bytes)) {
            plan.add(messages[slot(position)]);
            position++;
        }
        return true;
    }

    /**
     * A plan is written by no channel any more.
     *
     * @return how many messages were put into the array for the reader to give back: those that the log has given up
     *     meanwhile. A full array asks for another call
     */
    synchronized int endPlan(LogPlan plan, @Nullable SendBuffer[] out) {
        int count = 0;
        while (count < out.length && plan.from() < Math.min(least, plan.to())) {
            out[count++] = plan.takeFirst();
        }
        if (count < out.length) {
            plan.endRange();
        }
        return count;
    }

    /**
     * The reader's cursors are here or beyond.
     *
     * @return how many messages were put into the array for the reader to give back. A full array asks for another call
     */
    synchronized int endTurn(LogReader reader, long leastOfAll, long leastHeld, @Nullable SendBuffer[] out) {
        reader.passes(leastOfAll, leastHeld);
        recomputeGate();
        int count = 0;
        while (count < out.length && (isPassed(least) || isOverdue(least))) {
            SendBuffer message = removeOldest();
            if (message != null) {
                out[count++] = message;
            }
        }
        return count;
    }

    /** Closes a reader for good, which has ended its plans. False if it has cursors. */
    synchronized boolean closeIfUnused(LogReader reader) {
        if (!reader.isUnused()) {
            return false;
        }
        closeReader(reader);
        return true;
    }

    /**
     * The reader has ended its plans. From now on none joins, and what its cursors have still to read is not kept for
     * them.
     */
    synchronized void closeReader(LogReader reader) {
        reader.setClosed();
        if (reader.isKnown()) {
            LogReader[] others = new LogReader[readers.length - 1];
            int count = 0;
            for (LogReader other : readers) {
                if (other != reader) {
                    others[count++] = other;
                }
            }
            readers = others;
            reader.setKnown(false);
            recomputeGate();
        }
    }

    /** True if it is time to adopt those that joined: one that leaves is searched among them. */
    synchronized boolean haveManyJoined(LogReader reader) {
        return reader.joining().count() >= MANY_JOINED;
    }

    /** Takes out a cursor that has joined a closed reader; null if there is none, or it waits for its snapshot. */
    @Nullable
    synchronized Subscription takeJoined(LogReader reader) {
        return reader.joining().takeReady();
    }

    private void recomputeGate() {
        long all = tail;
        long holding = Long.MAX_VALUE;
        for (LogReader reader : readers) {
            all = Math.min(all, reader.leastPosition());
            holding = Math.min(holding, reader.leastHeld());
        }
        gate = all;
        heldFrom = holding;
    }

    /** Where a subscriber that was overrun continues. */
    synchronized long afterOverrun(Subscription cursor) {
        skips++;
        long position = snapshot >= least && snapshot > cursor.positionOpaque() ? snapshot : tail;
        cursor.moveTo(position, bytesBefore(position));
        return position;
    }

    /** True if a cursor there is overrun. */
    synchronized boolean hasGivenUp(long position) {
        return position < least;
    }

    /** One more subscriber that was overrun ends. */
    synchronized void countEnd() {
        ends++;
    }

    /** What a cursor that was overrun has missed until now. */
    synchronized Gap gapOf(Subscription cursor) {
        return Gap.ofLog(cursor.positionOpaque(), least - 1, leastBytes - cursor.bytesBeforePlain());
    }

    private long bytesBefore(long position) {
        return position == least ? leastBytes : position == tail ? tailBytes : endBytes[slot(position - 1)];
    }

    private int slot(long position) {
        return (int) position & mask;
    }

    // ---- the end, and what is said of it

    /** True for the first call. */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    boolean hasAge() {
        return retention.hasAge || history.hasAge;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    long tailVolatile() {
        return (long) TAIL.getVolatile(this);
    }

    synchronized LogStats stats() {
        return new LogStats(least, tail, tailBytes - leastBytes, Math.min(gate, tail), skips, ends);
    }

    /** How long ago the first retained message from a position on was appended; 0 if there is none. */
    synchronized long ageNanos(long position) {
        long first = Math.max(position, least);
        return first < tail ? Math.max(0, clock.nanoTime() - appendedAtNanos[slot(first)]) : 0;
    }

    synchronized long tailBytes() {
        return tailBytes;
    }
}
