/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.Conflation;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.QueueStats;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendQueue;
import io.sendbuffer.SnapshotSource;
import io.sendbuffer.Subscription;
import io.sendbuffer.ValueSource;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One channel and its outbound queue. What kind of channel, and which thread writes to it, is the business of the
 * session's maker: a {@link SendLoop}, {@link AsyncSessions} or {@link BlockingSessions}.
 *
 * <p>Any thread may send, queue, flush and close, from within a callback too. {@code send} takes a reference of its own
 * when it accepts a message; the caller keeps its reference.
 *
 * <p><b>What runs on the caller.</b> Never a callback of {@link SessionListener}, which says where those run, and never
 * a {@link RefusalListener}. A call that writes, or that ends the session, releases messages, closes the channel and
 * reports errors: {@link io.sendbuffer.ReleaseListener}s, the channel's {@code close} and the error handler may run on
 * the thread that called, under no lock of this library, but under those that the caller holds.
 *
 * <p>A session ends once, with one {@link SessionListener#onClosed}, and releases every reference. What went out until
 * then is a prefix of what was accepted: no message is left out, but those that {@link OverrunPolicy#skip()} drops,
 * that a newer one of their {@linkplain Conflation key} replaces, or whose time is over; and none follows one that was
 * half written.
 */
public abstract sealed class Session extends SessionReading implements AutoCloseable
        permits LoopSession, AsyncSession, BlockingSession {
    private static final VarHandle REFUSING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "refusing", VarHandle.class, Session.class, boolean.class);

    final SessionSettings settings;
    final SessionListener listener;
    final SendQueue queue;
    final SessionWatch watch;

    /** Made under this object's monitor, by the first sender that waits. */
    private volatile @Nullable WaitingSenders senders;

    final Memberships memberships = new Memberships(this);

    /** The output was asked to end, whether the input is to be read or not. Never cleared. */
    private volatile boolean halfClosed;

    /** All was asked to end: what comes in then is dropped. Never cleared. */
    private volatile boolean closeRequested;

    /** Why a session that writes its last messages will end; null if its close was asked for. */
    volatile @Nullable Throwable inputEnd;

    private volatile @Nullable SocketAddress peer;

    /** The rate cap; null if there is none, or the session closes. */
    private volatile @Nullable FlushPace pace;

    /** Null if no time is measured since the last read and the last write. Made under the lock of the clocks. */
    private volatile @Nullable SessionActivity activity;

    /** The first callback was made. */
    private volatile boolean openedCalled;

    /** Callbacks that others asked for, see {@link #deliver}. Most sessions never have one. */
    private volatile @Nullable DueCallbacks due;

    @SuppressWarnings("unused")
    private boolean refusing;

    /** Written under the lock of the memberships. Here, where a broadcast finds it beside what it reads anyway. */
    private volatile int unparks;

    /** A group has parked the session perhaps. */
    private volatile boolean parked;

    Session(SessionSettings settings, SessionListener listener) {
        this.settings = settings;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.queue = new SendQueue(settings.queueLimits(), settings.overrunPolicy(), new SessionPressure(this));
        this.queue.conflation(settings.conflation());
        this.pace = paceOf(settings.minFlushInterval());
        this.watch = new SessionWatch(this);
        this.activity = SessionActivity.of(this);
    }

    /**
     * Queues a message and sees to its being written, as {@link #flush()} does.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @return {@link OfferResult#QUEUED}, or why not
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public final OfferResult send(SendBuffer message) {
        OfferResult result = queue.offer(message);
        if (result == OfferResult.QUEUED) {
            flush();
        }
        return result;
    }

    /**
     * Sends a message, and waits for room if the session's queue is full: for producers on threads of their own, such
     * as one that reads a file. Otherwise as {@link #send(SendBuffer)}. Senders that wait have no order among
     * themselves.
     *
     * @param timeout how long to wait at most, 0 to 1 day; zero: not at all
     * @return {@link OfferResult#QUEUED}, or why not when the time was over; a result that no room would change comes
     *     at once
     * @throws IllegalStateException also if it would wait within a callback of this library, or on a loop's thread
     * @throws InterruptedException if the thread is interrupted while it waits; the message was not queued then
     */
    public final OfferResult send(SendBuffer message, Duration timeout) throws InterruptedException {
        SessionBuilder.requireTimeout("timeout", timeout);
        OfferResult result = queue.offer(message);
        if (WaitingSenders.isWorthWaiting(result) && !timeout.isZero()) {
            result = senders().offer(() -> queue.offer(message), timeout);
        }
        if (result == OfferResult.QUEUED) {
            flush();
        }
        return result;
    }

    /** Sends a batch, and waits for room for all of it, as {@link #send(SendBuffer, Duration)}. */
    public final OfferResult send(SendBatch batch, Duration timeout) throws InterruptedException {
        SessionBuilder.requireTimeout("timeout", timeout);
        OfferResult result = queue.offer(batch);
        if (WaitingSenders.isWorthWaiting(result) && !timeout.isZero()) {
            result = senders().offer(() -> queue.offer(batch), timeout);
        }
        if (result == OfferResult.QUEUED) {
            flush();
        }
        return result;
    }

    private synchronized WaitingSenders senders() {
        WaitingSenders ours = senders;
        if (ours == null) {
            ours = new WaitingSenders();
            senders = ours;
        }
        return ours;
    }

    /** For races, before the first sender waits. */
    final synchronized void sendersWaitIn(WaitingSenders ours) {
        senders = ours;
    }

    /** The queue may have room again: broadcasts visit the session, and senders that wait try again. */
    final void mayHaveRoom() {
        memberships.unpark();
        wakeSenders();
        if (settings.pausesWhileUnwritable()) {
            readAgain();
        }
    }

    private void wakeSenders() {
        WaitingSenders waiting = senders;
        if (waiting != null) {
            waiting.signal();
        }
    }

    /**
     * Queues a message without writing it: for ticks, in which many messages are queued and then leave in one write.
     * Call {@link #flush()} at the end of the tick. It may be written before that: a loop that has something else to do
     * for the session, such as a change of {@link #isWritable} to notify its listener of, writes what is queued too.
     * Otherwise as {@link #send}.
     */
    public final OfferResult queue(SendBuffer message) {
        return queue.offer(message);
    }

    /**
     * Sends a batch: queues all its messages, or none, and flushes; see {@link #send(SendBuffer)}. The session takes
     * references of its own.
     *
     * @return {@link OfferResult#QUEUED}, or why not: see {@link SendQueue#offer(SendBatch)}
     * @throws IllegalStateException if the batch is not sealed
     */
    public final OfferResult send(SendBatch batch) {
        OfferResult result = queue.offer(batch);
        if (result == OfferResult.QUEUED) {
            flush();
        }
        return result;
    }

    /** Queues a batch with references that the caller took for it; see {@link SendQueue#offerRetained(SendBatch)}. */
    final OfferResult queueRetained(SendBatch batch) {
        return queue.offerRetained(batch);
    }

    /**
     * Queues a message with a reference that the caller took for it; see {@link SendQueue#offerRetained(SendBuffer)}.
     */
    final OfferResult queueRetained(SendBuffer message) {
        return queue.offerRetained(message);
    }

    /**
     * Subscribes to a log, from the next message that is appended on, and ends if it falls behind the log's retention:
     * {@link OverrunPolicy#end()}. See {@link #subscribe(BroadcastLog, OverrunPolicy)}.
     */
    public final @Nullable Subscription subscribe(BroadcastLog log) {
        return subscribe(log, OverrunPolicy.end());
    }

    /**
     * Subscribes to a log, from the next message that is appended on. The session's loop writes it; what is sent to the
     * session alone keeps its place among what the same thread appends. Of a closed session, or on a closed log, there
     * is no subscription. A session that is closed gracefully gets what was appended before.
     *
     * @param policy what happens if the session falls behind the log's retention
     * @return the session's place in the log; null if the session or the log is closed
     * @throws UnsupportedOperationException if this is not a session of a {@link SendLoop}
     */
    public final @Nullable Subscription subscribe(BroadcastLog log, OverrunPolicy policy) {
        return subscribeToNewest(Objects.requireNonNull(log, "log"), policy);
    }

    /**
     * Subscribes to a log from a position on, where another session of the same client ended, for instance. Otherwise
     * as {@link #subscribe(BroadcastLog, OverrunPolicy)}.
     *
     * @param position the position of the first message to be sent, from {@link BroadcastLog#leastPosition()} to
     *     {@link BroadcastLog#tailPosition()}
     * @return null also if the log does not retain that position: send the client a snapshot, and subscribe anew
     */
    public final @Nullable Subscription subscribe(BroadcastLog log, OverrunPolicy policy, long position) {
        return subscribeFrom(position, Objects.requireNonNull(log, "log"), policy);
    }

    /**
     * Subscribes to a log with a snapshot, which is sent first; what follows it are the messages from the snapshot's
     * position on. So the client misses nothing, and gets nothing twice. What the source throws is thrown here.
     * Otherwise as {@link #subscribe(BroadcastLog, OverrunPolicy)}.
     *
     * @return null also if the retention is so short that no snapshot was made in time
     * @throws IllegalArgumentException if the snapshot's position is out of its range
     * @throws IllegalStateException if the snapshot is not sealed
     */
    public final @Nullable Subscription subscribe(BroadcastLog log, OverrunPolicy policy, SnapshotSource source) {
        return subscribeWith(Objects.requireNonNull(source, "source"), Objects.requireNonNull(log, "log"), policy);
    }

    @Nullable
    Subscription subscribeToNewest(BroadcastLog log, OverrunPolicy policy) {
        throw noLogs();
    }

    @Nullable
    Subscription subscribeFrom(long position, BroadcastLog log, OverrunPolicy policy) {
        throw noLogs();
    }

    @Nullable
    Subscription subscribeWith(SnapshotSource source, BroadcastLog log, OverrunPolicy policy) {
        throw noLogs();
    }

    private static UnsupportedOperationException noLogs() {
        return new UnsupportedOperationException(
                "only sessions of a SendLoop subscribe to logs; use a SessionGroup for other sessions");
    }

    /** Sees to the writing of what is queued: now, by this thread, or soon, by another; see {@link WriteMode}. */
    public abstract void flush();

    /** Closes as {@link #close(Duration)} does, within the {@code closeTimeout} that the session was made with. */
    @Override
    public final void close() {
        close(settings.closeTimeout());
    }

    /**
     * Accepts no more messages, writes those that are queued, and then closes the channel;
     * {@link SessionListener#onClosed} reports it, with no cause. Does not wait. When the time is over first, the
     * session ends with a {@link java.net.SocketTimeoutException}, and what was not written is lost. Does nothing if
     * the session ended; of several closes the earliest end counts.
     *
     * <p>A socket is closed in two steps, so that a peer that is still sending gets the last message and not a reset:
     * after the last byte the session ends its own direction only, and reads and drops what arrives until the peer ends
     * the other one. A peer that sends nothing for a second is not waited for; one that sends is, within the timeout.
     *
     * @param timeout 0 to 1 day; zero does what {@link #abort()} does
     */
    public final void close(Duration timeout) {
        SessionBuilder.requireTimeout("timeout", timeout);
        if (timeout.isZero()) {
            abort();
        } else if (isOpen()) {
            queue.finish();
            closeRequested = true;
            if (halfClosed && isOutputOver()) { // of this look and the last write's one sees the other's step
                watch.linger(SessionTimeouts.MAX_LINGER_NANOS);
                readOn(); // paused or not, what comes is read and dropped now
            }
            flushWithin(timeout);
        }
    }

    /**
     * Ends the output and keeps the input (a half-close): accepts no more messages, writes those that are queued, and
     * then shuts the output of the channel down, so that the peer sees the end of what it reads. What the peer sends is
     * received as before, until it ends too, which ends the session, with no cause. Does not wait. Does nothing if the
     * session closes or ended.
     *
     * <p>Only {@code writeTimeout} bounds the writing, and nothing the wait for the peer: {@link #close(Duration)}
     * does, and from then on drops what comes in.
     *
     * @throws UnsupportedOperationException if the channel is no socket, or has a layer that does not keep its input
     *     ({@link SocketLayer.Factory#keepsInput()}): it could not end its output alone
     */
    public final void shutdownOutput() {
        if (!hasHalves()) {
            throw new UnsupportedOperationException(
                    "the channel, or the layer over it, cannot end its output alone; close the session");
        }
        if (isOpen()) {
            halfClosed = true;
            queue.finish();
            pace = null; // what is left goes out now
            flushToClose();
        }
    }

    /**
     * Closes with a goodbye as {@link #close(SendBuffer, Duration)} does, within the session's {@code closeTimeout}.
     */
    public final boolean close(SendBuffer last) {
        return close(last, settings.closeTimeout());
    }

    /**
     * Sends a goodbye and closes, as {@link #close(Duration)} does: the peer gets what was accepted before, then this
     * message, and then the end. No other message follows it, whatever others send or broadcast meanwhile: that goes
     * before it, or is {@link OfferResult#CLOSED}. Nothing refuses it, however full the queue is; see
     * {@link SendQueue#finish(SendBuffer)}.
     *
     * @param last a sealed buffer that the caller holds a reference to, and keeps it. If it is accepted, the session
     *     takes a reference of its own
     * @param timeout 0 to 1 day; zero does what {@link #abort()} does, and the message is not sent
     * @return true if it will be sent, unless the session ends before all is written; false if the session closes
     *     already, has ended its output or has ended: then nothing more can be sent
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public final boolean close(SendBuffer last, Duration timeout) {
        SessionBuilder.requireTimeout("timeout", timeout);
        if (!last.isSealed()) {
            throw new IllegalStateException("seal the buffer before sending it, and send it before releasing it");
        }
        if (timeout.isZero()) {
            abort();
            return false;
        }
        boolean accepted = queue.finish(last);
        close(timeout); // the rest of it
        return accepted;
    }

    /**
     * Ends the session at once: closes the channel, releases what is queued, and notifies the listener, with no cause.
     * Does nothing if it ended before. What another thread is writing at this moment is released when its write
     * returns.
     */
    public final void abort() {
        end(null);
    }

    /**
     * Ends the session at once as {@link #abort()} does, with a cause of the caller's own: a violation of the protocol,
     * for instance. The first cause is the one that is reported; if the session has ended, or is ending, this one is
     * not. {@link SessionListener#onClosed} gets it; the default method passes what is no {@link IOException} on to the
     * error handler.
     *
     * @param cause what {@link SessionListener#onClosed} gets
     */
    public final void abort(Throwable cause) {
        end(Objects.requireNonNull(cause, "cause"));
    }

    /**
     * Pauses reading, until {@link #resumeReading()}: what the peer sends waits in the system's buffers, and then the
     * peer waits. Any thread, also within callbacks; does nothing if it is paused already. What is sent to the session
     * is written as before.
     *
     * <p>Called within {@link SessionListener#onOpened} or {@link SessionListener#onReceived} of this session, no
     * {@code onReceived} comes after that. Called elsewhere, one more may come: what a read brings that has begun is
     * delivered.
     *
     * <p>While reading is paused, a peer that ends its output, or is gone, is noticed only when a write fails. A close
     * does its work at once: when all is written, the session reads and drops what comes, as any does; so does
     * {@link #abort()}. If a write fails, what came in before and was not read is lost.
     */
    public final void pauseReading() {
        setPausedVolatile(true);
    }

    /** Resumes reading, after {@link #pauseReading()}. Any thread; does nothing if it is not paused. */
    public final void resumeReading() {
        hasRead(); // first: a look at the clocks does not take the pause for silence
        setPausedVolatile(false);
        readAgain();
    }

    private void readAgain() {
        SessionActivity ours = activity;
        if (ours != null) {
            ours.readsAgain();
        }
        readOn();
    }

    /**
     * True from {@link #pauseReading()} to {@link #resumeReading()}; says nothing of what
     * {@link SessionBuilder#pauseReadingWhileUnwritable} does.
     */
    public final boolean isReadingPaused() {
        return isPausedVolatile();
    }

    /** The listener that the session was made with: the way from a session to the server's own object for it. */
    public final SessionListener listener() {
        return listener;
    }

    /**
     * The layer over the session's socket, to ask it for the peer's certificate for instance: in
     * {@link SessionListener#onOpened} and after it. Null before, and for a session without a layer.
     */
    public @Nullable SocketLayer layer() {
        return null;
    }

    /** True from the moment that the session ends, for whatever cause. */
    public final boolean isClosed() {
        return !isOpen();
    }

    /** Bytes that wait or are being written. */
    public final long queuedBytes() {
        long bytes = queue.queuedBytes();
        unparkIfWritable();
        return bytes;
    }

    /** Messages that wait or are being written; neighbors that a batch has merged are one. */
    public final int queuedMessages() {
        int messages = queue.queuedMessages();
        unparkIfWritable();
        return messages;
    }

    /** The limits of the session's queue at this moment. */
    public final QueueLimits queueLimits() {
        return queue.limits();
    }

    /**
     * Replaces the limits that the session was made with: those of its class of subscribers, for instance. See
     * {@link SendQueue#limits(QueueLimits)}.
     */
    public final void queueLimits(QueueLimits limits) {
        queue.limits(limits);
        mayHaveRoom();
        watchLimitsSoon();
    }

    private void watchLimitsSoon() {
        long nanos = queue.nanosToLook(System.nanoTime());
        if (nanos != Long.MAX_VALUE) {
            watchSoon(nanos);
        }
    }

    /** What happens when the session passes a limit of its queue. */
    public final OverrunPolicy overrunPolicy() {
        return queue.overrunPolicy();
    }

    /** Replaces the policy that the session was made with. */
    public final void overrunPolicy(OverrunPolicy policy) {
        queue.overrunPolicy(policy);
        mayHaveRoom();
        watchLimitsSoon();
    }

    /** The rate cap: how much time there is between two flushes at least. Zero: none, or the session closes. */
    public final Duration minFlushInterval() {
        FlushPace ours = pace;
        return ours == null ? Duration.ZERO : ours.interval;
    }

    /**
     * Replaces the rate cap that the session was made with, and flushes. See {@link SessionBuilder#minFlushInterval}.
     *
     * @param interval 0 to 1 day
     */
    public final void minFlushInterval(Duration interval) {
        pace = paceOf(SessionBuilder.requireTimeout("minFlushInterval", interval));
        if (isClosed() || queue.isFinishing()) {
            pace = null; // a close that came just before has taken the other one away
        }
        paceChanged();
    }

    private @Nullable FlushPace paceOf(Duration interval) {
        return interval.isZero() ? null : new FlushPace(this, interval);
    }

    /** How long the peer may send nothing. Zero: forever. */
    public final Duration readTimeout() {
        SessionActivity ours = activity;
        return ours == null ? settings.readTimeout() : ours.readTimeout();
    }

    /**
     * Replaces the read timeout that the session was made with; its time begins with this call. See
     * {@link SessionBuilder#readTimeout}.
     *
     * @param timeout 0 to 1 day; zero: forever
     */
    public final void readTimeout(Duration timeout) {
        SessionBuilder.requireTimeout("readTimeout", timeout);
        activity().readTimeout(timeout);
    }

    /** How long nothing may come in or go out. Zero: forever. */
    public final Duration idleTimeout() {
        SessionActivity ours = activity;
        return ours == null ? settings.idleTimeout() : ours.idleTimeout();
    }

    /**
     * Replaces the idle timeout that the session was made with; its time begins with this call. See
     * {@link SessionBuilder#idleTimeout}.
     *
     * @param timeout 0 to 1 day; zero: forever
     */
    public final void idleTimeout(Duration timeout) {
        SessionBuilder.requireTimeout("idleTimeout", timeout);
        activity().idleTimeout(timeout);
    }

    /**
     * Has a message sent whenever nothing was written for an interval, and nothing waits to be written: a ping, or a
     * comment, that keeps middleboxes from dropping the connection. Make it once, and give it to all sessions; as
     * {@link io.sendbuffer.SendBufferPool#constant} it keeps no chunk. Replaces the heartbeat before. It may come late
     * by 10 ms or 5% of the interval, whichever is more.
     *
     * <p>The session takes a reference of its own, and releases it when the heartbeat is replaced, or the session ends.
     * A heartbeat is sent by the loop's thread, or by one of those that make callbacks; the release listener of a
     * message that this replaces runs within this call. It counts as written. A session that writes all the time sends
     * none: to find peers that are gone, use {@link #ping}.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @param interval up to 1 day; zero: no heartbeat any more
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public final void heartbeat(SendBuffer message, Duration interval) {
        setHeartbeat("heartbeat", message, interval, false);
    }

    /**
     * As {@link #heartbeat}, and has the message sent as well when nothing came in for the interval, whatever is
     * written meanwhile: a question that a live peer answers. With a {@link #readTimeout(Duration)} of several
     * intervals, peers that only listen stay, and those that are gone are found. Replaces the heartbeat before. A
     * question that is due goes behind what is queued; it waits while the session is not writable, see
     * {@link #isWritable}.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @param interval up to 1 day; zero: neither heartbeats nor questions any more
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public final void ping(SendBuffer message, Duration interval) {
        setHeartbeat("ping", message, interval, true);
    }

    private void setHeartbeat(String name, SendBuffer message, Duration interval, boolean asks) {
        SessionBuilder.requireTimeout(name, interval);
        if (!message.isSealed()) {
            throw new IllegalStateException("seal the buffer before sending it, and send it before releasing it");
        }
        activity().heartbeat(interval.isZero() ? null : message, interval, asks);
    }

    private SessionActivity activity() {
        SessionActivity ours;
        synchronized (watch) {
            ours = activity;
            if (ours != null) {
                return ours;
            }
            ours = new SessionActivity(this);
            activity = ours;
        }
        if (openedCalled) { // else the thread that makes the first callback sees it
            ours.begin();
        }
        if (isEndedVolatile()) {
            ours.end(); // likewise
        }
        return ours;
    }

    /** Null if nothing is to be known of it. */
    final @Nullable SessionActivity activityIfAny() {
        return activity;
    }

    /** Something came in. */
    final void hasRead() {
        SessionActivity ours = activity;
        if (ours != null) {
            ours.setReadOpaque();
        }
    }

    /** The channel took something. */
    final void hasWritten() {
        SessionActivity ours = activity;
        if (ours != null) {
            ours.setWrittenOpaque();
        }
    }

    /** True if a silence is the peer's. */
    final boolean isReading() {
        return hasInput() && !isInputOver() && !isHeldBack();
    }

    /** Messages that the session's queue has dropped so far, under {@link OverrunPolicy#skip()}. */
    public final long droppedMessages() {
        return queue.droppedMessages();
    }

    /** Bytes that they had. */
    public final long droppedBytes() {
        return queue.droppedBytes();
    }

    /** What the session does with a message whose key an older one has that waits. */
    public final Conflation conflation() {
        return queue.conflation();
    }

    /** Replaces the conflation that the session was made with. */
    public final void conflation(Conflation conflation) {
        queue.conflation(conflation);
    }

    /** Messages that a newer one of their key has replaced so far, see {@link SendQueue#conflatedMessages()}. */
    public final long conflatedMessages() {
        return queue.conflatedMessages();
    }

    /**
     * Has the session ask for values when it is written to, see {@link SendQueue#pullFrom}: for clients that want the
     * newest value of each of many keys, at their own pace. Once, before the first {@link #mark}.
     *
     * @param source makes the messages, on the thread that writes; what it throws ends the session
     * @param keys how many keys there are: they are 0 to {@code keys} - 1
     * @throws IllegalStateException if the session has a source already
     */
    public final void pullFrom(ValueSource source, int keys) {
        queue.pullFrom(source, keys);
    }

    /**
     * The value of a key has changed: marks it, and sees to its being asked for and written, as {@link #flush()} does.
     * See {@link SendQueue#mark}.
     *
     * @return false if the session ends
     */
    public final boolean mark(int key) {
        boolean marked = queue.mark(key);
        if (marked) {
            flush();
        }
        return marked;
    }

    /** How many marks came of a key that was marked already, see {@link SendQueue#conflatedMarks()}. */
    public final long conflatedMarks() {
        return queue.conflatedMarks();
    }

    /** Messages whose time was over before they were written, see {@link SendBuffer#expireAfter}. */
    public final long expiredMessages() {
        return queue.expiredMessages();
    }

    /**
     * False while the session holds more than its watermarks allow, or has refused a message since it did; and from its
     * end, or {@link #close()}, on. A hint to pause until {@link SessionListener#onWritable}; see
     * {@link SendQueue#isWritable}.
     */
    public final boolean isWritable() {
        if (!queue.isWritable()) {
            return false;
        }
        unparkIfWritable();
        return true;
    }

    /**
     * The thread that saw the queue fall is about to do that: a broadcast by a thread that sees that there is room is
     * to visit the session.
     */
    private void unparkIfWritable() {
        if (parked && queue.isWritable()) {
            mayHaveRoom();
        }
    }

    /**
     * What the session holds, how far it is behind, and what became of all that was sent to it. In
     * {@link SessionListener#onClosed} and after it, what it was at the end.
     */
    public final QueueStats stats() {
        QueueStats stats = queue.stats();
        unparkIfWritable();
        boolean mayStall = !stats.isClosed() && stats.queuedBytes() > 0;
        return mayStall ? stats.stalledFor(watch.stalledNanos(System.nanoTime())) : stats;
    }

    /** Bytes of the chunks that its waiting messages keep; see {@link SendQueue#pinnedBytes()}. */
    public final long pinnedBytes() {
        return queue.pinnedBytes();
    }

    /**
     * After the end: bytes of accepted messages that were not written; 0 before. Exact from
     * {@link SessionListener#onClosed} on, except for a write that another thread has not returned from yet: its bytes
     * count as not written until it returns.
     */
    public final long unwrittenBytes() {
        return queue.unwrittenBytes();
    }

    /**
     * After the end: accepted messages that were not written to their end; neighbors that a batch has merged are one.
     * See {@link #unwrittenBytes()}.
     */
    public final int unwrittenMessages() {
        return queue.unwrittenMessages();
    }

    /**
     * The peer's address, or that to connect to, in {@link SessionListener#onClosed} and after it too; null if the
     * channel has no such thing.
     */
    public final @Nullable SocketAddress remoteAddress() {
        rememberPeer();
        return peer;
    }

    /** Names the peer and the state. */
    @Override
    public final String toString() {
        return "Session[" + remoteAddress() + (isClosed() ? ", closed" : "") + ", queuedBytes=" + queuedBytes() + "]";
    }

    // ---- what kinds differ in

    abstract Channel channel();

    @Nullable
    abstract SocketAddress peerAddress() throws IOException;

    /** The queue finishes: see to its last flush, and to its clock. */
    abstract void flushToClose();

    final @Nullable FlushPace pace() {
        return pace;
    }

    /** Another rate cap: what waits for the one before is flushed. */
    void paceChanged() {
        flush();
    }

    /** A flush had to wait for its time, which has come. By a delivery. */
    void flushInTime() {
        flush();
    }

    /** Something is due for {@link #deliverDue()}: see to its being called soon, where callbacks run. Never throws. */
    abstract void deliverSoon();

    /** Something is due for {@link SessionWatch#endIfRequested()}: see to its being called soon. Never throws. */
    abstract void endSoon();

    /** From time to time, by the thread that watches: an Error may have cut off a wake-up. Calls no code of a user. */
    void wakeAgain() {}

    /** The session has ended, and its channel is closed: no write touches memory any more. Before the last callback. */
    void channelIsClosed() {}

    /** Its host may forget the session. */
    abstract void ended();

    /** True while a write waits for the peer. */
    abstract boolean isWriting();

    /** A heartbeat is due: has it sent soon, by a thread that may call the user's code. For the watching thread. */
    abstract void beatSoon(SessionActivity heartbeat);

    /** Tries once more to write, where the system may take bytes though it does not say so. For the watching thread. */
    void tryToWrite() {}

    /** True while a thread is in a write whose failure says more than a closed channel does. */
    boolean isCauseToCome() {
        return false;
    }

    /**
     * True if the thread that watches may run the user's code, as an end does: a loop's. That of the other kinds keeps
     * the time of all of them, and has an end carried out by a thread that makes no callbacks.
     */
    boolean mayEndOnWatch() {
        return true;
    }

    /** True if the channel has an input that a thread reads to its end. */
    abstract boolean hasInput();

    /** True if the channel is able to end its output and keep its input. */
    boolean hasHalves() {
        return true;
    }

    /** All is written: the peer is to see the end of what it reads. */
    abstract void shutdownChannelOutput() throws IOException;

    /** True if bytes of the channel's own follow the last message: nothing is over before these are written. */
    boolean saysGoodbye() {
        return false;
    }

    /** The clocks have changed: see to {@link SessionWatch#check} being called in time. */
    abstract void watchSoon(long nanos);

    /** Makes the first callback, on the thread that makes this session's callbacks. */
    final void callOnOpened() {
        listener.onOpened(this);
        openedCalled = true;
        SessionActivity ours = activity;
        if (ours != null) {
            ours.begin();
        }
    }

    /** True if the listener is to be notified of a watermark that was passed: not before its first callback. */
    final boolean isPressureDue() {
        return openedCalled && isOpen() && queue.hasPressureChange();
    }

    /** Makes the calls that are due, on the thread that makes this session's callbacks. */
    final void deliverDue() {
        DueCallbacks callbacks = due;
        if (callbacks != null) {
            callbacks.makeAll(this);
        }
        SessionPressure.reportChanges(this);
        if (isEndingVolatile()) {
            completeEnd();
        }
    }

    /** True if {@link #deliverDue()} has something to do. */
    final boolean isDue() {
        DueCallbacks callbacks = due;
        return isEndingVolatile() || (callbacks != null && !callbacks.isEmpty()) || isPressureDue();
    }

    /**
     * Has a callback made soon, once, in order with the other callbacks of this session, and never within this call.
     * What it throws ends the session. Lost if the session ended before.
     */
    final void deliver(Runnable callback) {
        callbacksDue().add(callback);
        deliverSoon();
    }

    private DueCallbacks callbacksDue() {
        synchronized (watch) {
            DueCallbacks callbacks = due;
            if (callbacks == null) {
                callbacks = new DueCallbacks();
                due = callbacks;
            }
            return callbacks;
        }
    }

    // ---- the two directions

    /**
     * Nothing more is written: all of a queue that finishes is out, or its channel failed. Ends the session, unless
     * there is input to be read before. Any thread, more than once.
     */
    final void outputIsOver() {
        int before = getAndSetOverVolatile(OUTPUT_OVER);
        if ((before & OUTPUT_OVER) != 0) {
            return;
        }
        if ((before & INPUT_OVER) != 0 || !hasInput() || !isChannelOpen() || !isOpen()) {
            end(causeOfOutput());
            return;
        }
        linger();
    }

    @Override
    final boolean isHeldBack() {
        if (isPausedVolatile()) {
            return !isInputUnwanted();
        }
        return settings.pausesWhileUnwritable() && !queue.isWritable() && !isOutputOver();
    }

    private void linger() {
        try {
            boolean failed = queue.failure() != null;
            if (!failed) {
                shutdownChannelOutput();
            }
            if (failed || !isInputKept()) { // else a close begins the wait
                watch.linger(failed ? SessionTimeouts.REST_OF_INPUT_NANOS : SessionTimeouts.MAX_LINGER_NANOS);
            }
            readOn();
        } catch (Throwable e) {
            end(causeOfOutput()); // the peer is gone, and has all that it will ever get; or no clock can be set
        }
    }

    /** Nothing more will be read. Ends the session if nothing more is written either. By the thread that reads. */
    final void inputIsOver() {
        int before = getAndSetOverVolatile(INPUT_OVER);
        if ((before & OUTPUT_OVER) != 0) {
            end(causeOfOutput());
        }
    }

    /** The last callback of what came in, within a callback: the peer sends nothing more. By the thread that reads. */
    final void reportInputEnded() {
        boolean isAtTheEnd = isOutputOver() && !isInputKept();
        if (isAtTheEnd || listener.onInputEnded(this) || isOutputOver()) {
            inputIsOver();
        } else {
            endAfterInput();
        }
    }

    /**
     * The peer sends nothing more, and the listener has no use for a session that only sends: what is queued is
     * written, and then the session ends.
     */
    private void endAfterInput() {
        if (!queue.isFinishing()) { // or else our own end was asked for before
            inputEnd = new EOFException("the peer ended the connection");
        }
        inputIsOver();
        queue.finish();
        if (!isOpen()) {
            return;
        }
        if (!queue.hasWork() && !saysGoodbye()) {
            queue.close();
            outputIsOver();
            return;
        }
        flushWithin(settings.closeTimeout());
    }

    /** Sees to the last flush of a queue that finishes, and to its clock. */
    private void flushWithin(Duration timeout) {
        boolean earlier = watch.closeWithin(timeout);
        pace = null; // what is left goes out now
        flushToClose();
        if (earlier) {
            watchSoon(timeout.toNanos());
        }
    }

    /** A read failed. By the thread that reads. */
    final void inputFailed(Throwable why) {
        Throwable ofOutput = causeOfOutput();
        boolean isOrderly = isOutputOver() && (ofOutput != null || !isInputKept());
        end(isOrderly ? ofOutput : why);
    }

    /** The output was ended alone, and no close has come since: the listener is given what comes in. */
    final boolean isInputKept() {
        return halfClosed && !closeRequested;
    }

    /**
     * Something came in. True if the session closes and all is written: then it was read so that the peer is not reset,
     * and is dropped.
     */
    final boolean dropsInput() {
        boolean drops = isInputUnwanted();
        if (drops) {
            watch.inputIsDropped();
        }
        return drops;
    }

    private boolean isInputUnwanted() {
        return isOutputOver() && !isInputKept() && queue.failure() == null;
    }

    /** The listener is being given the last input of a session whose output failed: its time starts again. */
    final void restOfInputArrives() {
        if (isOutputOver() && queue.failure() != null) {
            watch.linger(SessionTimeouts.REST_OF_INPUT_NANOS);
        }
    }

    final @Nullable Throwable causeOfOutput() {
        Throwable failure = queue.failure();
        return failure != null ? failure : inputEnd;
    }

    // ---- the end

    /**
     * Ends the session; the first cause is the one that is reported. Each step runs whatever the others throw. Any
     * thread; never throws.
     */
    final void end(@Nullable Throwable why) {
        if (!casOpenToClosing()) {
            if (isEndedVolatile()) {
                closeQueue(); // a drainer that met the end of its stack may come only now
            }
            return;
        }
        cause = why;
        try {
            rememberPeer();
            closeQueue();
            if (!cutOff) { // a channel whose close meets the end of the stack stays half closed forever
                closeChannel();
            }
        } catch (StackOverflowError e) {
            cutOff = true; // and life moves on all the same, by a store
        } finally {
            life = ENDING; // only now: onClosed may count on the channel and the queue being closed
            deliverSoon();
        }
    }

    /** The queue ended, or its drainer met the end of its stack, and no other thread has noticed. */
    final void endOutput() {
        closeQueue();
        outputIsOver();
    }

    private void closeQueue() {
        try {
            queue.close();
        } catch (StackOverflowError e) {
            cutOff = true;
        } catch (Throwable e) {
            settings.report(e); // a buffer was released too often elsewhere, for instance
        }
    }

    private void closeChannel() {
        try {
            channel().close();
        } catch (StackOverflowError e) {
            cutOff = true;
            settings.report(e);
        } catch (Throwable e) {
            settings.report(e);
        }
    }

    /** Takes the steps for which the stack had no room, now at the bottom of a thread's stack. */
    private void closeTheRest() {
        boolean again = cutOff;
        cutOff = false;
        closeQueue(); // again in any case: its drainer may have met the end of its stack after the first close
        if (again) {
            closeChannel();
        }
    }

    /** Makes the last callback, once, on the thread that makes this session's callbacks. */
    final void completeEnd() {
        if (isEndingVolatile()) {
            closeTheRest();
        }
        if (!casEndingToEnded()) {
            return;
        }
        try {
            channelIsClosed();
        } catch (Throwable e) {
            settings.report(e);
        }
        try {
            wakeSenders(); // they get CLOSED
        } catch (Throwable e) {
            settings.report(e);
        }
        try {
            endActivity();
        } catch (Throwable e) {
            settings.report(e);
        }
        try {
            memberships.leaveAll();
        } catch (Throwable e) {
            settings.report(e);
        }
        try {
            listener.onClosed(this, cause);
        } catch (Throwable e) {
            settings.report(e);
        } finally {
            ended(); // only now: a close of all waits until each was notified
        }
    }

    private void endActivity() {
        SessionActivity ours = activity;
        if (ours != null) {
            ours.end();
        }
    }

    /** The listener does nothing with the end: what no I/O error is, and no other code reports, must not get lost. */
    final void reportUnheard(@Nullable Throwable why) {
        if (why != null && !(why instanceof IOException) && why != deathOfMaker()) {
            settings.report(why);
        }
    }

    /** Why the loop, or the set of sessions, that made this one died; null if it did not. */
    abstract @Nullable Throwable deathOfMaker();

    /** The channel may be the user's own: one that throws here is of no use any more. */
    final boolean isChannelOpen() {
        try {
            return channel().isOpen();
        } catch (Throwable e) {
            settings.report(e);
            return false;
        }
    }

    // ---- the peer

    /** Before others know of the session. */
    final void peerIs(@Nullable SocketAddress address) {
        peer = address;
    }

    final void connectsTo(SocketAddress address) {
        peer = address;
        watch.connectWithin(settings.connectTimeout());
    }

    final void connected() {
        watch.connected();
        rememberPeer();
    }

    /** Asked of the channel while it is open: later it does not know any more. Never throws. */
    final void rememberPeer() {
        if (peer == null) {
            try {
                peer = peerAddress();
            } catch (IOException | RuntimeException e) {
                return; // closed underneath
            } catch (Throwable e) {
                settings.report(e); // no memory for the answer, for instance: the session lives and ends without it
            }
        }
    }

    // ---- groups

    /** Whether an episode of refusals is open. All that an accepted message costs where none is. */
    final boolean refusingOpaque() {
        return (boolean) REFUSING.getOpaque(this);
    }

    /**
     * How often the session may have become able to take something. A member is parked for what its queue said after a
     * look at this, if it has not changed since.
     */
    final int unparksVolatile() {
        return unparks;
    }

    /** Under the lock of the memberships. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    final void countUnparkVolatile() {
        unparks++;
    }

    /** Under the lock of the memberships. */
    final void setParkedVolatile(boolean value) {
        parked = value;
    }

    /** Under the lock of the memberships. */
    final void setRefusingOpaque(boolean value) {
        REFUSING.setOpaque(this, value);
    }
}
