package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendQueue;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel and its outbound queue. What kind of channel, and which thread writes to it, is the business of who made
 * the session: a {@link SendLoop}, {@link AsyncSessions} or {@link BlockingSessions}.
 *
 * <p>Any thread may send, queue, flush and close, from within a callback too. {@code send} takes a reference of its own
 * when it accepts a message; the caller keeps its reference.
 *
 * <p>A session ends once, with one {@link SessionListener#onClosed}, and gives back every reference. What went out
 * until then is a prefix of what was accepted: no message is left out, and none follows one that was half written.
 */
public abstract sealed class Session implements AutoCloseable permits LoopSession, AsyncSession, BlockingSession {
    private static final VarHandle LIFE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "life", VarHandle.class, Session.class, int.class);

    private static final int OPEN = 0;

    /** One thread is closing the queue and the channel. */
    private static final int CLOSING = 1;

    /** All is closed; it has to be told. */
    private static final int ENDING = 2;

    private static final int ENDED = 3;

    final SessionSettings settings;
    final SessionListener listener;
    final SendQueue queue;

    @SuppressWarnings("unused")
    private int life;

    /** Written by who moved {@link #life} to CLOSING, before it moves on to ENDING. */
    private @Nullable Throwable cause;

    private final Deadlines deadlines;

    /** Owned by the thread that watches. */
    private boolean seenClosed;

    /** Guarded by itself. */
    private final List<SessionGroup> memberships = new ArrayList<>(1);

    Session(SessionSettings settings, SessionListener listener) {
        this.settings = settings;
        this.listener = listener;
        this.queue = new SendQueue(settings.queueLimits());
        this.deadlines = new Deadlines(settings);
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
     * Queues a message without writing it: for ticks, in which many messages are queued and then leave in one write.
     * Call {@link #flush()} at the end of the tick. Otherwise as {@link #send}.
     */
    public final OfferResult queue(SendBuffer message) {
        return queue.offer(message);
    }

    /**
     * Sends a batch: queues all its messages, or none, and flushes; see {@link #send(SendBuffer)}. The session takes
     * references of its own.
     *
     * @return {@link OfferResult#REFUSED} if there is no room for the whole of it; see
     *     {@link SendQueue#offer(SendBatch)}
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

    /** Sees to the writing of what is queued: now, by this thread, or soon, by another; see {@link WriteMode}. */
    public abstract void flush();

    /** Closes as {@link #close(Duration)} does, within the {@code closeTimeout} that the session was made with. */
    @Override
    public final void close() {
        close(settings.closeTimeout());
    }

    /**
     * Accepts no more messages, writes those that are queued, and then closes the channel;
     * {@link SessionListener#onClosed} tells when, with no cause. Does not wait for it. When the time is over first,
     * the session ends with a {@link java.net.SocketTimeoutException}, and what was not written is lost. Does nothing
     * if the session ended; of several closes the earliest end counts.
     *
     * <p>The system sends what it was given also after the close, unless the peer sends to a channel that is closed, or
     * had sent what was not received yet: it is then reset, as TCP does. A peer that is to read everything should be
     * the first to close, or be told to.
     *
     * @param timeout 0 to 1 day; zero does what {@link #abort()} does
     */
    public final void close(Duration timeout) {
        SessionBuilder.atMostLongest("timeout", timeout);
        if (timeout.isZero()) {
            abort();
        } else if (isOpen()) {
            queue.finish();
            deadlines.closeWithin(timeout);
            flushToClose();
        }
    }

    /**
     * Ends the session at once: closes the channel, releases what is queued, and lets the listener know, with no cause.
     * Does nothing if it ended before. What another thread is writing at this moment is released when its write
     * returns.
     */
    public final void abort() {
        end(null);
    }

    /** The listener that the session was made with: the way from a session to the server's own object for it. */
    public final SessionListener listener() {
        return listener;
    }

    /** True from the moment that the session ends, for whatever cause. */
    public final boolean isClosed() {
        return lifeVolatile() != OPEN;
    }

    /** Bytes that wait or are being written. */
    public final long queuedBytes() {
        return queue.queuedBytes();
    }

    /** Messages that wait or are being written; neighbors that a batch has merged are one. */
    public final int queuedMessages() {
        return queue.queuedMessages();
    }

    /** Where the peer is; null if it is not connected yet, or no more, or the channel has no such thing. */
    public final @Nullable SocketAddress remoteAddress() {
        try {
            return peerAddress();
        } catch (IOException e) {
            return null; // closed: the one reason that this call has
        }
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

    /** All is closed: see to {@link #finish()} being called where callbacks are. */
    abstract void tellEnd();

    /** Whoever keeps the session may forget it. */
    abstract void ended();

    /**
     * Zero if no write is stuck at this moment; otherwise a number that names the write that is, and another one for
     * another write.
     */
    abstract long stuckWrite();

    /** True while a thread is in a write that tells how it ended. */
    boolean isCauseToCome() {
        return false;
    }

    // ---- the end

    /** Ends the session; the first cause is the one that is told. Any thread. */
    final void end(@Nullable Throwable why) {
        if (!LIFE.compareAndSet(this, OPEN, CLOSING)) {
            return;
        }
        cause = why;
        try {
            queue.close();
        } catch (IllegalStateException e) {
            settings.report(e); // a buffer was released too often elsewhere
        }
        try {
            channel().close();
        } catch (IOException | RuntimeException e) {
            settings.report(e);
        }
        LIFE.setVolatile(this, ENDING); // only now: onClosed may count on the channel and the queue being closed
        tellEnd();
    }

    /** Tells the end, once. */
    final void finish() {
        if (!LIFE.compareAndSet(this, ENDING, ENDED)) {
            return;
        }
        leaveGroups();
        try {
            listener.onClosed(this, cause);
        } catch (Throwable e) {
            settings.report(e);
        } finally {
            ended(); // only now: who closes all waits until each was told
        }
    }

    final boolean isOpen() {
        return lifeVolatile() == OPEN;
    }

    final boolean isEndingVolatile() {
        return lifeVolatile() == ENDING;
    }

    private int lifeVolatile() {
        return (int) LIFE.getVolatile(this);
    }

    // ---- clocks

    final void connectWithinTimeout() {
        deadlines.connectWithin(settings.connectTimeout());
    }

    final void connected() {
        deadlines.connected();
    }

    /**
     * Ends the session if something takes too long. Called now and then, by one thread.
     *
     * @return true if a clock is running, so that it has to be called again
     */
    final boolean watch(long nowNanos) {
        long stuck = stuckWrite();
        IOException late = deadlines.late(nowNanos, stuck);
        if (late != null) {
            end(late);
        }
        return isOpen() && (stuck != 0 || deadlines.areSet());
    }

    /** The time in which all were to close is over, and this one has not written what was queued. */
    final void endLate() {
        end(Deadlines.closedLate());
    }

    /**
     * Ends the session if somebody has closed its channel and nothing that goes on tells it. Called now and then, by
     * the one thread that watches. Only the second look counts: a thread whose write failed has the better cause.
     */
    final void endIfClosedUnderneath() {
        boolean closed = !channel().isOpen() && !isCauseToCome();
        if (closed && seenClosed) {
            end(new ClosedChannelException());
        }
        seenClosed = closed;
    }

    // ---- groups

    /** Becomes a member, unless the session ends: then nobody might take it out again. */
    final boolean join(SessionGroup group) {
        synchronized (memberships) {
            if (lifeVolatile() != OPEN || !group.insert(this)) {
                return false;
            }
            memberships.add(group);
            return true;
        }
    }

    final boolean leave(SessionGroup group) {
        synchronized (memberships) {
            return memberships.remove(group) && group.take(this);
        }
    }

    private void leaveGroups() {
        synchronized (memberships) {
            for (SessionGroup group : memberships) {
                group.take(this);
            }
            memberships.clear();
        }
    }
}
