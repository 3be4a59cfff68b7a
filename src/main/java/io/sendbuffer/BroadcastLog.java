/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import io.sendbuffer.internal.ErrorHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One log, many cursors: a stream of messages that all its subscribers get, in one order. Publishers append a message
 * once, whatever the number of subscribers; each event loop writes to its own subscribers from where they stand.
 *
 * <pre>{@code
 * publishers --append--> | 17 | 18 | 19 | 20 | 21 | 22 | tail
 *                          ^least     ^slow         ^the others: positions, no copies
 * }</pre>
 *
 * <p>Appending costs the same for ten and for ten thousand subscribers; a queued message costs a subscriber no memory;
 * neighbors are coalesced, so a subscriber that was behind catches up in few writes.
 *
 * <p><b>Positions</b> are numbers of messages, from 0 on: each message that is appended gets the next one. A client
 * that knows the position of the last message that it got can continue behind it on another connection, as long as the
 * {@linkplain Builder#history history} keeps what follows. It knows it if the message names it: a publisher that is the
 * only one, or that holds a lock around the three calls, writes {@link #tailPosition()} into the message before it
 * seals and appends it.
 *
 * <p><b>Ownership.</b> The log takes a reference of its own to each message that it accepts, one for all subscribers,
 * and releases it when every subscriber has received the message and the history does not keep it, or when the
 * {@linkplain Builder#retention retention} has no room for it. A subscriber that has not received a message by then is
 * overrun; its {@link OverrunPolicy} says what happens.
 *
 * <p><b>Order.</b> All subscribers see the order of the positions. What one thread appends, and what it offers to the
 * queue of one subscriber, reaches that subscriber in the order of its calls. There is no order between two logs.
 *
 * <p>Thread-safe. Appending takes a lock for a few instructions and never waits for a subscriber, unless one
 * {@linkplain OverrunPolicy#hold() holds} the log and the caller asks to wait.
 */
public final class BroadcastLog implements AutoCloseable {
    /** What {@link #append} returns if the log is full of messages that a subscriber holds. */
    public static final long REFUSED = -1;

    /** What {@link #append} returns for what is larger than the retention. */
    public static final long TOO_LARGE = -2;

    /** What {@link #append} returns when the log is closed. */
    public static final long CLOSED = -3;

    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    static final long NOT_RETAINED = -4;
    static final long NEWEST = Long.MIN_VALUE;

    private final SendBufferPool pool;
    private final LogRing ring;
    private final ErrorHandler errorHandler;

    private final ReentrantLock roomLock = new ReentrantLock();
    private final Condition room = roomLock.newCondition();

    /** How often readers have moved while publishers waited. Written under the lock. */
    private volatile long moves;

    /** How many publishers wait for room. */
    private final AtomicInteger waiting = new AtomicInteger();

    private BroadcastLog(Builder settings) {
        this.pool = settings.pool;
        this.ring = new LogRing(settings.retentionWithin(pool.stats().maxMemory()), settings.history, settings.clock);
        this.errorHandler = settings.errorHandler;
    }

    /**
     * The settings of a log.
     *
     * @param pool where the log acquires what it has to copy, the rest of a message that a slow subscriber has received
     *     in part; and what bounds its retention
     */
    public static Builder builder(SendBufferPool pool) {
        return new Builder(pool);
    }

    /**
     * Appends a message, with a reference of the log's own; the caller keeps its reference and releases it as always.
     *
     * @param message a sealed buffer that the caller holds a reference to; an empty one gets a position, and has
     *     nothing to write
     * @return its position, 0 or more; or {@link #REFUSED}, {@link #TOO_LARGE} or {@link #CLOSED}
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public long append(SendBuffer message) {
        return append(message, false);
    }

    /**
     * Appends a message with which a subscriber can begin that knows nothing of what was before: the whole state of a
     * game, or an order book. A subscriber that is overrun continues with the last one that is retained. Otherwise as
     * {@link #append(SendBuffer)}.
     */
    public long appendSnapshot(SendBuffer message) {
        return append(message, true);
    }

    private long append(SendBuffer message, boolean isSnapshot) {
        int length = message.checkedSealedLength();
        message.retain();
        boolean taken = false;
        long position;
        try {
            position = ring.append(message, length, isSnapshot);
            taken = position >= 0;
        } catch (StackOverflowError e) {
            taken = true; // perhaps it is: memory that is never freed is better than memory that is freed in use
            throw e;
        } finally {
            if (!taken) {
                message.release();
            }
        }
        if (position >= 0) {
            wakeReaders();
        }
        return position;
    }

    /**
     * Appends all messages of a batch, in one step, or none. Neighbors that the batch has merged are one message, with
     * one position; but a batch of more messages than the retention is {@link #TOO_LARGE}, merged or not. Otherwise as
     * {@link #append(SendBuffer)}.
     *
     * @return the position of the first one; of an empty batch, which appends nothing, the tail
     * @throws IllegalStateException if the batch is not sealed
     */
    public long append(SendBatch batch) {
        int pieces = batch.checkedPieceCount();
        batch.retain(1);
        boolean taken = false;
        long position;
        try {
            position = ring.append(batch, pieces);
            taken = position >= 0;
        } catch (StackOverflowError e) {
            taken = true; // perhaps, as above
            throw e;
        } finally {
            if (!taken) {
                batch.release(1);
            }
        }
        if (position >= 0) {
            wakeReaders();
        }
        return position;
    }

    /**
     * Appends a message, and waits for room if subscribers {@linkplain OverrunPolicy#hold() hold} the log. Otherwise as
     * {@link #append(SendBuffer)}.
     *
     * @param timeout how long to wait at most, 0 to 1 day
     * @return {@link #REFUSED} if there is no room in time
     * @throws InterruptedException if the thread is interrupted while it waits; nothing was appended
     * @throws IllegalStateException if the calling thread writes to subscribers of this log, an event loop's thread for
     *     instance: it would wait for itself
     */
    public long append(SendBuffer message, Duration timeout) throws InterruptedException {
        requireMayWait(timeout);
        long position = append(message);
        return position != REFUSED || timeout.isZero() ? position : awaitRoom(() -> append(message), timeout);
    }

    /** Appends a snapshot, and waits for room; see {@link #append(SendBuffer, Duration)}. */
    public long appendSnapshot(SendBuffer message, Duration timeout) throws InterruptedException {
        requireMayWait(timeout);
        long position = appendSnapshot(message);
        return position != REFUSED || timeout.isZero() ? position : awaitRoom(() -> appendSnapshot(message), timeout);
    }

    /** Appends a batch, and waits for room; see {@link #append(SendBuffer, Duration)}. */
    public long append(SendBatch batch, Duration timeout) throws InterruptedException {
        requireMayWait(timeout);
        long position = append(batch);
        return position != REFUSED || timeout.isZero() ? position : awaitRoom(() -> append(batch), timeout);
    }

    private void requireMayWait(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout must be between 0 and 1 day, was " + timeout);
        }
        if (!timeout.isZero()) {
            requireNoReader(Thread.currentThread());
        }
    }

    /** Appends as soon as there is room. An append that finds room at once allocates nothing. */
    private long awaitRoom(LongSupplier append, Duration timeout) throws InterruptedException {
        long position = REFUSED;
        long deadline = System.nanoTime() + timeout.toNanos();
        waiting.incrementAndGet();
        try {
            boolean inTime;
            do {
                long seen = moves; // before the append that is refused: a move after it is not missed
                position = append.getAsLong(); // calls the user's code: under no lock
                inTime = position != REFUSED || awaitMove(seen, deadline);
            } while (position == REFUSED && inTime);
            return position;
        } finally {
            waiting.decrementAndGet();
        }
    }

    private void requireNoReader(Thread caller) {
        for (LogReader reader : ring.readersVolatile()) {
            if (reader.isServedBy(caller)) {
                throw new IllegalStateException("the thread that writes to subscribers of this log would wait for"
                        + " itself; append without a timeout there, or by another thread");
            }
        }
    }

    /** Returns false if no reader has moved until the deadline. */
    private boolean awaitMove(long seen, long deadline) throws InterruptedException {
        roomLock.lockInterruptibly();
        try {
            long left = deadline - System.nanoTime();
            while (moves == seen && left > 0) {
                left = room.awaitNanos(left);
            }
            return moves != seen;
        } finally {
            roomLock.unlock();
        }
    }

    /** A reader has moved: publishers that wait look again. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock
    void mayHaveRoom() {
        if (waiting.get() > 0) {
            roomLock.lock();
            try {
                moves++;
                room.signalAll();
            } finally {
                roomLock.unlock();
            }
        }
    }

    private void wakeReaders() {
        for (LogReader reader : ring.readersVolatile()) {
            reader.wake();
        }
    }

    /**
     * Makes a reader for one thread that writes to subscribers.
     *
     * @param wakeUp called after each append, on the thread that appends, under no lock of this library: has to see to
     *     {@link LogReader#serve} being called soon. Must not block; cheap where that thread is awake
     */
    public LogReader newReader(Runnable wakeUp) {
        return new LogReader(this, wakeUp, QueueLimits.DEFAULT.maxEntriesPerWrite());
    }

    /** The position that the next message will get. */
    public long tailPosition() {
        return ring.tailVolatile();
    }

    /** The first position that is retained: where a subscriber can begin. */
    public long leastPosition() {
        return ring.stats().leastPosition();
    }

    /** What is retained, and how far the subscribers are. */
    public LogStats stats() {
        return ring.stats();
    }

    /**
     * Accepts nothing more, and keeps no history. Subscribers still get what was appended; their queues do not end.
     * Does nothing if the log is closed.
     */
    @Override
    public void close() {
        if (ring.close()) {
            mayHaveRoom();
            for (LogReader reader : ring.readersVolatile()) {
                reader.change();
            }
            ring.releasePassed();
        }
    }

    LogRing ring() {
        return ring;
    }

    SendBufferPool pool() {
        return pool;
    }

    void report(Throwable error) {
        ErrorHandlers.call(errorHandler, error);
    }

    /** Names the positions. */
    @Override
    public String toString() {
        return "BroadcastLog[" + ring.stats() + "]";
    }

    /** The settings of a log, each checked when it is set. Not safe for use by several threads. */
    public static final class Builder {
        private static final Duration MIN_AGE = Duration.ofMillis(1);

        private final SendBufferPool pool;
        private @Nullable LogRetention retention;
        private LogRetention history = LogRetention.NOTHING;
        private ErrorHandler errorHandler = ErrorHandlers.STANDARD_ERROR;
        private NanoClock clock = SystemNanoClock.INSTANCE;

        private Builder(SendBufferPool pool) {
            this.pool = Objects.requireNonNull(pool, "pool");
        }

        /**
         * The most that the log keeps for subscribers that are behind: a subscriber that falls behind it is overrun.
         * What all logs of a pool retain is to fit into it, with room for what else the server sends: a pool that is
         * exhausted by what logs retain gives nothing more. Default: {@link LogRetention#DEFAULT}, but at most a
         * quarter of the pool's {@link SendBufferPool.Builder#maxMemory}.
         *
         * @param bounds 1 byte, 1 message and 1 ms at least
         * @throws IllegalArgumentException if a bound is out of its range; the message names it and the range
         */
        public Builder retention(LogRetention bounds) {
            Checks.inRange("retention's maxBytes", bounds.maxBytes(), 1, Long.MAX_VALUE);
            Checks.inRange("retention's maxMessages", bounds.maxMessages(), 1, LogRetention.MAX_MESSAGES);
            if (bounds.maxAge().compareTo(MIN_AGE) < 0) {
                throw new IllegalArgumentException(
                        "retention's maxAge must be between 1 ms and 365 days, was " + bounds.maxAge());
            }
            this.retention = bounds;
            return this;
        }

        /**
         * How much is kept, within the retention, even after all subscribers have received it, for clients that come
         * back. What is too old goes with the next append. Default: {@link LogRetention#NOTHING}.
         */
        public Builder history(LogRetention bounds) {
            this.history = Objects.requireNonNull(bounds, "history");
            return this;
        }

        /** Where errors go that no caller can be given. Default: the standard error stream. */
        public Builder errorHandler(ErrorHandler handler) {
            this.errorHandler = Objects.requireNonNull(handler, "errorHandler");
            return this;
        }

        /** For tests. */
        Builder clock(NanoClock nanos) {
            this.clock = nanos;
            return this;
        }

        /**
         * Builds the log.
         *
         * @throws IllegalArgumentException if the retention was set to more than the pool can hold
         */
        public BroadcastLog build() {
            return new BroadcastLog(this);
        }

        private LogRetention retentionWithin(long maxMemory) {
            LogRetention set = retention;
            if (set == null) {
                long quarter = Math.max(1, maxMemory / 4);
                return LogRetention.DEFAULT.withMaxBytes(Math.min(LogRetention.DEFAULT.maxBytes(), quarter));
            }
            if (set.maxBytes() >= maxMemory) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "retention's maxBytes, %,d, must be less than the pool's maxMemory, %,d: or else the log alone"
                                + " exhausts the pool; retain less, or give the pool more",
                        set.maxBytes(),
                        maxMemory));
            }
            return set;
        }
    }
}
