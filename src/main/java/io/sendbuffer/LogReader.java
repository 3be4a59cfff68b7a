/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of a {@link BroadcastLog} that one thread writes to, an event loop's for instance. It gathers a write
 * once for all of them that stand at the same position, and keeps the least position of all.
 *
 * <pre>{@code
 * LogReader reader = log.newReader(selector::wakeup);     // one for each event loop
 * Subscription place = reader.subscribe(receiver, OverrunPolicy.end());
 * // in each turn of the loop
 * reader.serve();                                         // calls onNews of the receivers that are behind
 * reader.endTurn();                                       // gives back what all of them have received
 * if (!reader.hasNews()) { ... }                          // the loop may sleep: an append calls the wake-up
 * }</pre>
 *
 * <p>Any thread may subscribe; the other methods are for the one thread that serves the reader.
 */
public final class LogReader implements AutoCloseable {
    private static final int GIVEN_BACK_AT_ONCE = 64;
    private static final int INITIAL_CURSORS = 8;
    private static final int SERVED_BETWEEN_LOOKS = 16;
    private static final long NANOS_BETWEEN_AGE_CHECKS = 10_000_000;

    private final BroadcastLog log;
    private final LogRing ring;
    private final Runnable wakeUp;
    private final LogWriter writer;
    private final LogJoins joins;

    // Guarded by the log's lock.
    private boolean known;
    private long leastAdopted = Long.MAX_VALUE;
    private long leastHeldAdopted = Long.MAX_VALUE;
    private final JoiningCursors joining = new JoiningCursors();

    /** Written under the log's lock. */
    private volatile boolean closed;

    /** Set by any thread; a wake-up follows. */
    volatile boolean hasChanges;

    /** A cursor has joined. Set by any thread; a wake-up follows. */
    volatile boolean hasJoined;

    // Owned by the thread that serves the reader.

    /** The thread itself. Another one may read an old value, which is not that other one. */
    private @Nullable Thread server;

    private @Nullable Subscription[] cursors = new Subscription[INITIAL_CURSORS];
    private int count;
    private long seenLeast;

    /** What may be written: the tail of a moment ago. */
    private long seenTail;

    /** The tail as of the beginning of the turn: every subscriber is served up to there. */
    private long turnTail;

    private boolean seenClosed;
    private boolean moved;
    private long ageCheckedAtNanos;
    private final @Nullable SendBuffer[] out = new SendBuffer[GIVEN_BACK_AT_ONCE];

    LogReader(BroadcastLog log, Runnable wakeUp, int maxEntriesPerWrite) {
        this.log = log;
        this.ring = log.ring();
        this.wakeUp = wakeUp;
        this.writer = new LogWriter(this, log, maxEntriesPerWrite);
        this.joins = new LogJoins(this, log);
    }

    // ---- any thread

    /** Subscribes, from the next message that is appended on; see {@link BroadcastLog}. */
    public @Nullable Subscription subscribe(LogReceiver receiver, OverrunPolicy policy) {
        return joins.subscribeToNewest(receiver, policy);
    }

    /**
     * Subscribes from a position on, one that an earlier subscription ended at, for instance.
     *
     * @return null if that position is not retained, or the log is closed, or the receiver's queue has ended
     */
    public @Nullable Subscription subscribeFrom(long position, LogReceiver receiver, OverrunPolicy policy) {
        return joins.subscribeFrom(position, receiver, policy);
    }

    /**
     * Subscribes with a snapshot, which is sent first, and from the snapshot's position on. What the source throws is
     * thrown here, and then there is no subscription.
     *
     * @return null if the log is closed, or the receiver's queue has ended; or if the retention is so short that no
     *     snapshot was made in time, several times
     * @throws IllegalArgumentException if the snapshot's position is out of its range
     * @throws IllegalStateException if the snapshot is not sealed
     */
    public @Nullable Subscription subscribe(LogReceiver receiver, OverrunPolicy policy, SnapshotSource source) {
        return joins.subscribe(receiver, policy, source);
    }

    /** A cursor that others waited for is gone, or farther on. Any thread. */
    void gateMayHaveMoved() {
        ring.releasePassed();
        log.mayHaveRoom();
    }

    /** The thread that takes a cursor out owns it, and what is inserted for it. */
    static void forget(Subscription cursor) {
        cursor.receiver().queue().detach(cursor);
        Inserts inserts = cursor.inserts();
        SendBuffer rest = inserts == null ? null : inserts.rest;
        if (inserts != null && rest != null) {
            inserts.rest = null;
            inserts.isCut = false;
            LogRing.release(rest);
        }
    }

    /** The log has more. What the user's code throws is not the appender's. */
    void wake() {
        try {
            wakeUp.run();
        } catch (Throwable e) {
            log.report(e);
        }
    }

    /** The log is closed. */
    void change() {
        hasChanges = true;
        wake();
    }

    /** A cursor is to leave. Where it has nothing to read, nothing waits for it until the next append. */
    void changed(Subscription cursor) {
        hasChanges = true;
        if (cursor.isBehind()) {
            wake();
        }
    }

    /** Asked by that thread itself. */
    boolean isServedBy(Thread caller) {
        return server == caller;
    }

    // ---- under the log's lock

    boolean isKnown() {
        return known;
    }

    void setKnown(boolean value) {
        known = value;
    }

    /** True after {@link #close()}, or {@link #closeIfUnused()} where it was. */
    public boolean isClosed() {
        return closed;
    }

    void setClosed() {
        closed = true;
    }

    boolean isUnused() {
        return joining.count() == 0 && leastAdopted == Long.MAX_VALUE;
    }

    /** The cursors that have joined and are not adopted. */
    JoiningCursors joining() {
        return joining;
    }

    /** As far as there is memory for them; the others join at the next turn. */
    void adoptJoining() {
        for (int i = joining.count() - 1; i >= 0; i--) {
            Subscription cursor = joining.get(i);
            if (!cursor.isPreparing() || cursor.isClosingVolatile()) {
                try {
                    adopt(cursor);
                } catch (OutOfMemoryError e) {
                    hasJoined = true;
                    break;
                }
                joining.removeAt(i);
            }
        }
        joining.recompute();
    }

    /** All at once, or nothing: no call may fail half way. */
    private void adopt(Subscription cursor) {
        if (cursor.index >= 0) {
            return; // an Error kept it among those that joined
        }
        long position = cursor.positionPlain();
        boolean holds = cursor.policy().kind == OverrunPolicy.Kind.HOLD;
        long least = Math.min(leastAdopted, position);
        long leastHeld = holds ? Math.min(leastHeldAdopted, position) : leastHeldAdopted;
        if (count == cursors.length) {
            cursors = Arrays.copyOf(cursors, count + (count >> 1));
        }
        leastAdopted = least;
        leastHeldAdopted = leastHeld;
        cursors[count] = cursor;
        cursor.index = count++;
    }

    long leastPosition() {
        return Math.min(leastAdopted, joining.least());
    }

    long leastHeld() {
        return Math.min(leastHeldAdopted, joining.leastHeld());
    }

    void sees(long least, long tail, boolean isClosed) {
        seenLeast = least;
        seenTail = tail;
        turnTail = tail;
        seenClosed = isClosed;
    }

    void passes(long least, long held) {
        leastAdopted = least;
        leastHeldAdopted = held;
    }

    // ---- the thread that serves the reader

    /** The log that this reads. */
    public BroadcastLog log() {
        return log;
    }

    /** True if no subscriber is served; some may have joined. */
    public boolean isEmpty() {
        return count == 0 && !hasChanges && !hasJoined;
    }

    /** True if {@link #serve} has something to do: to be asked before the thread sleeps. */
    public boolean hasNews() {
        return hasChanges || hasJoined || (count > 0 && ring.tailVolatile() != turnTail);
    }

    /**
     * Begins a turn: calls the receivers that are behind.
     *
     * @return how many there were
     */
    public int serve() {
        if (server != Thread.currentThread()) {
            server = Thread.currentThread();
        }
        boolean changes = hasChanges;
        if (changes) {
            hasChanges = false; // before the look at what has changed, and only what was seen is cleared
        }
        boolean joined = hasJoined;
        if (joined) {
            hasJoined = false;
        }
        int known = count;
        long tail = turnTail;
        long least = seenLeast;
        ring.beginTurn(this);
        int served = 0;
        boolean isForNewcomers = joined && !changes && tail == turnTail && least == seenLeast;
        int first = isForNewcomers ? known : 0; // a subscriber that joins costs the others nothing
        for (int i = count - 1; i >= first; i--) {
            if (i < count && serve(there(cursors[i]), changes, i >= known)) {
                served++;
                if (served % SERVED_BETWEEN_LOOKS == 0) {
                    seenTail = ring.tailVolatile(); // the rest gets what came meanwhile in the same write
                }
            }
        }
        return served;
    }

    private boolean serve(Subscription cursor, boolean changes, boolean isNew) {
        long position = cursor.positionPlain();
        try {
            if (changes && cursor.isClosingVolatile()) {
                moved = true; // the log waits for it no more, though the rest of a message may wait for its channel
            }
            if (changes && isOver(cursor)) {
                remove(cursor);
                cursor.receiver().onNews(); // messages of the queue may have waited for the log
                return true;
            }
            if (position >= seenTail && !LogWriter.hasRest(cursor) && !isNew) {
                return false; // messages of a new one's queue may have waited for it to be adopted
            }
            if (position < seenLeast && cursor.policy().kind == OverrunPolicy.Kind.END && !isWritten(cursor)) {
                endOverrun(cursor);
            } else {
                cursor.receiver().onNews();
            }
        } catch (Throwable e) {
            log.report(e);
        }
        return true;
    }

    /** Its queue ends, and the log is written up to there: what the log gives back it will not miss. */
    private static boolean isWritten(Subscription cursor) {
        return cursor.receiver().queue().backlog().limitOf(cursor) <= cursor.positionPlain();
    }

    /** Its queue may have a write in hand, so it is the receiver that ends it; the log waits for it no more. */
    private void endOverrun(Subscription cursor) {
        if (!cursor.isClosingVolatile()) {
            LogOverrunException cause = new LogOverrunException(ring.gapOf(cursor));
            ring.countEnd();
            cursor.close();
            moved = true;
            cursor.receiver().onOverrun(cause);
        }
    }

    private boolean isOver(Subscription cursor) {
        return (cursor.isClosingVolatile() || (seenClosed && cursor.positionPlain() >= seenTail))
                && (!LogWriter.hasRest(cursor) || cursor.receiver().queue().isClosed());
    }

    /**
     * Ends the turn: the log may give back what all subscribers have passed. To be called before the thread sleeps,
     * however little it did.
     */
    public void endTurn() {
        writer.endPlans();
        if (moved) {
            moved = false;
            publish();
        } else if (ring.hasAge() && count > 0) {
            checkAge();
        }
    }

    private void checkAge() {
        long now = System.nanoTime();
        if (now - ageCheckedAtNanos > NANOS_BETWEEN_AGE_CHECKS) {
            ageCheckedAtNanos = now;
            publish();
        }
    }

    private void publish() {
        long least = Long.MAX_VALUE;
        long held = Long.MAX_VALUE;
        long ending = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            Subscription cursor = there(cursors[i]);
            if (cursor.isClosingVolatile()) {
                continue;
            }
            least = Math.min(least, cursor.positionPlain());
            if (cursor.policy().kind == OverrunPolicy.Kind.HOLD) {
                held = Math.min(held, cursor.positionPlain());
            } else if (cursor.policy().kind == OverrunPolicy.Kind.END) {
                ending = Math.min(ending, cursor.positionPlain());
            }
        }
        int returned;
        do {
            returned = ring.endTurn(this, least, held, out);
            LogRing.releaseAll(out, returned);
        } while (returned == out.length);
        if (ring.hasAge() && ring.hasGivenUp(ending)) {
            hasChanges = true; // no append says so
        }
        log.mayHaveRoom();
    }

    /**
     * Ends every subscription, and takes no new one. A subscriber that has got a part of a message will not get the
     * rest of it: its queue ends.
     */
    @Override
    public void close() {
        writer.endPlans();
        ring.closeReader(this); // what waits for its snapshot is left to the thread that subscribes
        Subscription joined;
        while ((joined = ring.takeJoined(this)) != null) {
            forget(joined);
        }
        while (count > 0) {
            remove(there(cursors[count - 1]));
        }
        endTurn();
        gateMayHaveMoved();
    }

    /**
     * Closes the reader if it has no subscribers.
     *
     * @return true if it is closed now, so that the next subscriber needs another one
     */
    public boolean closeIfUnused() {
        writer.endPlans();
        boolean unused = count == 0 && ring.closeIfUnused(this);
        if (unused) {
            ring.releasePassed();
        }
        return unused;
    }

    /**
     * Takes a subscription out. If the subscriber has got a part of a message, its queue ends: nothing can follow that
     * part but the rest.
     */
    public void remove(Subscription cursor) {
        int index = cursor.index;
        if (LogWriter.isCut(cursor)) {
            SendQueue queue = cursor.receiver().queue();
            if (!queue.isClosed()) {
                queue.close(new IOException("the subscription to a log was taken out within a message"));
            }
        }
        if (index >= 0) {
            Subscription last = there(cursors[--count]);
            cursors[count] = null;
            if (last != cursor) {
                cursors[index] = last;
                last.index = index;
            }
            cursor.index = -1;
            takenOut(cursor);
        } else if (ring.leaveJoining(this, cursor, false)) {
            takenOut(cursor);
        } else { // the thread that makes its snapshot owns it, and finds that its queue has ended
            cursor.receiver().queue().detach(cursor);
        }
    }

    private void takenOut(Subscription cursor) {
        cursor.closing = true;
        moved = true;
        forget(cursor);
    }

    // ---- for its writer, on the same thread

    /** What may be written: the tail of a moment ago. */
    long seenTail() {
        return seenTail;
    }

    /** A cursor has moved: the end of the turn says so to the log. */
    void moved() {
        moved = true;
    }

    /** After something was written to a subscriber: its subscription may be over. */
    void lookWhetherOver(Subscription cursor) {
        if (seenClosed || cursor.isClosingVolatile()) {
            hasChanges = true;
        }
    }

    /** Writes to the subscribers, within the drain of their queues. */
    LogWriter writer() {
        return writer;
    }

    private static <T> T there(@Nullable T object) {
        if (object == null) {
            throw new AssertionError("not there");
        }
        return object;
    }
}
