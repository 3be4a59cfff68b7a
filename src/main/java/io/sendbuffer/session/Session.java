package io.sendbuffer.session;

import io.sendbuffer.FlushResult;
import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendQueue;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One non-blocking socket and its outbound queue, on a {@link SendLoop}.
 *
 * <p>Any thread may send, queue, flush and close, from within a callback too. {@code send} takes a reference of its own
 * when it accepts a message; the caller keeps its reference.
 */
public final class Session implements AutoCloseable {
    private static final VarHandle PENDING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "pending", VarHandle.class, Session.class, boolean.class);
    private static final VarHandle LIFE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "life", VarHandle.class, Session.class, int.class);

    private static final int OPEN = 0;

    /** One thread is closing the queue and the channel. */
    private static final int CLOSING = 1;

    /** All is closed; the loop has to tell it. */
    private static final int ENDING = 2;

    private static final int ENDED = 3;

    private final SendLoop loop;
    private final SocketChannel channel;
    private final SessionListener listener;
    private final SendQueue queue;
    private final boolean writesInline;

    /** A write was cut short: the loop flushes when the channel is ready, so senders need not try. */
    private volatile boolean blocked;

    @SuppressWarnings("unused")
    private boolean pending;

    /** Owned by who set {@link #pending}, then by the loop that took the list. */
    @Nullable
    Session nextPending;

    @SuppressWarnings("unused")
    private int life;

    /** Written by who moved {@link #life} to CLOSING, before it moves on to ENDING. */
    private @Nullable Throwable cause;

    /** Owned by the loop. */
    private @Nullable SelectionKey key;

    /** Guarded by itself. */
    private final List<SessionGroup> memberships = new ArrayList<>(1);

    Session(SendLoop loop, SocketChannel channel, SessionListener listener, QueueLimits limits, WriteMode mode) {
        this.loop = loop;
        this.channel = channel;
        this.listener = listener;
        this.queue = new SendQueue(limits);
        this.writesInline = mode == WriteMode.INLINE;
    }

    /**
     * Queues a message and sees to its being written: now, by this thread, or soon, by the loop; see {@link WriteMode}.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @return {@link OfferResult#QUEUED}, or why not
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public OfferResult send(SendBuffer message) {
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
    public OfferResult queue(SendBuffer message) {
        return queue.offer(message);
    }

    /** Sees to the writing of what is queued: now, by this thread, or soon, by the loop; see {@link WriteMode}. */
    public void flush() {
        if (blocked) {
            return;
        }
        if (!writesInline) {
            loop.attendTo(this);
            return;
        }
        FlushResult result = flushInline();
        if (result == FlushResult.BLOCKED) {
            blocked = true;
            loop.attendTo(this);
        } else if (result == FlushResult.CLOSED) {
            end(queue.failure());
        }
    }

    private FlushResult flushInline() {
        try {
            return queue.flush(channel);
        } catch (Throwable e) {
            end(e); // an Error: the queue ended with it
            throw e;
        }
    }

    /** Queues a message with a reference that the caller took for it; see {@link SendQueue#offerRetained}. */
    OfferResult queueRetained(SendBuffer message) {
        return queue.offerRetained(message);
    }

    /**
     * Ends the session at once: closes the socket, releases what is queued, and lets the listener know. Does nothing if
     * it ended before.
     */
    @Override
    public void close() {
        end(null);
    }

    /** The listener that the session was made with: the way from a session to the server's own object for it. */
    public SessionListener listener() {
        return listener;
    }

    /** True from the moment that the session ends, for whatever cause. */
    public boolean isClosed() {
        return lifeVolatile() != OPEN;
    }

    /** Bytes that wait or are being written. */
    public long queuedBytes() {
        return queue.queuedBytes();
    }

    /** Messages that wait or are being written. */
    public int queuedMessages() {
        return queue.queuedMessages();
    }

    /** Where the peer is; null once the channel is closed. */
    public @Nullable SocketAddress remoteAddress() {
        try {
            return channel.getRemoteAddress();
        } catch (IOException e) {
            return null; // closed: the one reason that this call has
        }
    }

    /** Names the peer and the state. */
    @Override
    public String toString() {
        return "Session[" + remoteAddress() + (isClosed() ? ", closed" : "") + ", queuedBytes=" + queuedBytes() + "]";
    }

    // ---- for the loop, on its thread

    /** Comes to its end on a loop that runs no more. On the thread that ends it, or that of the loop's close. */
    void endAsStraggler() {
        clearPendingVolatile();
        end(null);
        finish();
    }

    /** Does what the session was put on the pending list for: to be registered, flushed, or brought to its end. */
    void attend(Selector selector) {
        clearPendingVolatile();
        if (lifeVolatile() != OPEN) {
            finish();
            return;
        }
        try {
            if (key == null) {
                key = channel.register(selector, SelectionKey.OP_READ, this);
                listener.onOpened(this);
            }
            flushOnLoop();
        } catch (Throwable e) {
            end(e);
        }
    }

    /** The selector says that the channel is ready. */
    void onReady(ByteBuffer receiveBuffer) {
        SelectionKey ready = key;
        if (ready == null || lifeVolatile() != OPEN) {
            return;
        }
        try {
            int ops = ready.readyOps();
            if ((ops & SelectionKey.OP_WRITE) != 0) {
                flushOnLoop();
            }
            if ((ops & SelectionKey.OP_READ) != 0) {
                receive(ready, receiveBuffer);
            }
        } catch (Throwable e) {
            end(e); // no effect if the key was canceled because another thread has just ended the session
        }
    }

    private void flushOnLoop() {
        SelectionKey registered = key;
        if (registered == null) {
            return;
        }
        blocked = false; // before the flush: who saw it set had queued before, and is taken along now
        FlushResult result = queue.flush(channel);
        if (result == FlushResult.BLOCKED) {
            blocked = true;
            registered.interestOpsOr(SelectionKey.OP_WRITE);
        } else if (result == FlushResult.CLOSED) {
            end(queue.failure());
        } else if ((registered.interestOps() & SelectionKey.OP_WRITE) != 0) {
            registered.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
    }

    private void receive(SelectionKey ready, ByteBuffer receiveBuffer) throws IOException {
        receiveBuffer.clear();
        int count = channel.read(receiveBuffer);
        if (count > 0) {
            listener.onReceived(this, receiveBuffer.flip());
        } else if (count < 0) {
            ready.interestOpsAnd(~SelectionKey.OP_READ);
            if (!listener.onInputEnded(this)) {
                end(new EOFException("the peer ended the connection"));
            }
        }
    }

    /** Tells the end, once. On the loop's thread, or the caller's if the loop is closed. */
    void finish() {
        if (!LIFE.compareAndSet(this, ENDING, ENDED)) {
            return;
        }
        leaveGroups();
        try {
            listener.onClosed(this, cause);
        } catch (Throwable e) {
            loop.report(e);
        }
    }

    // ---- the end

    /** Ends the session; the first cause is the one that is told. Any thread. */
    void end(@Nullable Throwable why) {
        if (!LIFE.compareAndSet(this, OPEN, CLOSING)) {
            return;
        }
        cause = why;
        try {
            queue.close();
        } catch (IllegalStateException e) {
            loop.report(e); // a buffer was released too often elsewhere
        }
        try {
            channel.close();
        } catch (IOException e) {
            loop.report(e);
        }
        LIFE.setVolatile(this, ENDING); // only now: onClosed may count on the channel and the queue being closed
        loop.attendTo(this);
    }

    // ---- shared words

    /** Marks the session as being on the pending list. False: it is there already. */
    boolean casPending() {
        return !(boolean) PENDING.getVolatile(this) && PENDING.compareAndSet(this, false, true);
    }

    private void clearPendingVolatile() {
        PENDING.setVolatile(this, false);
    }

    private int lifeVolatile() {
        return (int) LIFE.getVolatile(this);
    }

    // ---- groups

    /** Becomes a member, unless the session ends: then nobody might take it out again. */
    boolean join(SessionGroup group) {
        synchronized (memberships) {
            if (lifeVolatile() != OPEN || !group.insert(this)) {
                return false;
            }
            memberships.add(group);
            return true;
        }
    }

    boolean leave(SessionGroup group) {
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
