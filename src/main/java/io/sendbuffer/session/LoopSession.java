package io.sendbuffer.session;

import io.sendbuffer.FlushResult;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A non-blocking socket on a {@link SendLoop}. */
final class LoopSession extends Session {
    private static final VarHandle PENDING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "pending", VarHandle.class, LoopSession.class, boolean.class);

    private final SendLoop loop;
    private final SocketChannel channel;
    private final boolean writesInline;

    /**
     * Not connected yet, or a write was cut short: the loop flushes when the channel is ready, senders need not try.
     */
    private volatile boolean blocked;

    @SuppressWarnings("unused")
    private boolean pending;

    /** Owned by who set {@link #pending}, then by the loop that took the list. */
    @Nullable
    LoopSession nextPending;

    // Owned by the loop.
    private @Nullable SelectionKey key;
    private @Nullable SocketAddress connectingTo;
    private long flushes;

    /** Owned by the loop: on its list of those whose clock runs. */
    boolean watched;

    /** Owned by the loop: the place in its list of sessions. */
    int index = -1;

    /**
     * Creates a session that its loop does not know of yet.
     *
     * @param connectTo where the loop is to connect the channel to; null if it is connected
     */
    LoopSession(
            SendLoop loop,
            SessionSettings settings,
            SocketChannel channel,
            SessionListener listener,
            WriteMode mode,
            @Nullable SocketAddress connectTo) {
        super(settings, listener);
        this.loop = loop;
        this.channel = channel;
        this.writesInline = mode == WriteMode.INLINE;
        if (connectTo != null) {
            connectingTo = connectTo;
            blocked = true;
            connectWithinTimeout();
        }
    }

    // ---- any thread

    @Override
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
        } else if (result == FlushResult.MORE) {
            loop.attendTo(this);
        } else if (result == FlushResult.CLOSED) {
            end(queue.failure());
        }
    }

    private FlushResult flushInline() {
        try {
            return queue.flush(channel, settings.bytesPerTurn());
        } catch (Throwable e) {
            end(e); // an Error: the queue ended with it
            throw e;
        }
    }

    @Override
    void flushToClose() {
        loop.attendTo(this);
    }

    @Override
    void tellEnd() {
        loop.attendTo(this);
    }

    @Override
    void ended() {
        loop.forget(this);
    }

    @Override
    Channel channel() {
        return channel;
    }

    @Override
    @Nullable
    SocketAddress peerAddress() throws IOException {
        return channel.getRemoteAddress();
    }

    /** Marks the session as being on the pending list. False: it is there already. */
    boolean casPending() {
        return !(boolean) PENDING.getVolatile(this) && PENDING.compareAndSet(this, false, true);
    }

    private void clearPendingVolatile() {
        PENDING.setVolatile(this, false);
    }

    // ---- the loop's thread

    /** Comes to its end on a loop that runs no more. On the thread that ends it, or that of the loop's close. */
    void endAsStraggler() {
        clearPendingVolatile();
        end(null);
        finish();
    }

    /** Does what the session was put on the pending list for: to be registered, flushed, or brought to its end. */
    void attend(Selector selector) {
        clearPendingVolatile();
        if (!isOpen()) {
            finish();
            return;
        }
        try {
            if (key == null) {
                register(selector);
                if (loop.isClosing()) {
                    close();
                }
            }
            if (connectingTo == null) {
                flushOnLoop();
            }
            loop.sessions().watchIfNeeded(this);
        } catch (CancelledKeyException e) {
            end(closedUnderneath());
        } catch (Throwable e) {
            end(e);
        }
    }

    private static ClosedChannelException closedUnderneath() {
        return new ClosedChannelException();
    }

    private void register(Selector selector) throws IOException {
        loop.sessions().add(this);
        SocketAddress address = connectingTo;
        if (address == null || channel.connect(address)) {
            key = channel.register(selector, SelectionKey.OP_READ, this);
            opened();
        } else {
            key = channel.register(selector, SelectionKey.OP_CONNECT, this);
        }
    }

    private void opened() {
        connectingTo = null;
        connected();
        listener.onOpened(this);
    }

    /** The selector says that the channel is ready. */
    void onReady(ByteBuffer receiveBuffer) {
        SelectionKey ready = key;
        if (ready == null || !isOpen()) {
            return;
        }
        try {
            int ops = ready.readyOps();
            if ((ops & SelectionKey.OP_CONNECT) != 0 && channel.finishConnect()) {
                ready.interestOps(SelectionKey.OP_READ);
                opened();
                flushOnLoop();
            }
            if ((ops & SelectionKey.OP_WRITE) != 0) {
                flushOnLoop();
            }
            if ((ops & SelectionKey.OP_READ) != 0) {
                receive(ready, receiveBuffer);
            }
        } catch (CancelledKeyException e) {
            end(closedUnderneath());
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
        flushes++;
        FlushResult result = queue.flush(channel, settings.bytesPerTurn());
        if (result == FlushResult.BLOCKED) {
            blocked = true;
            registered.interestOpsOr(SelectionKey.OP_WRITE);
            loop.sessions().watchIfNeeded(this);
        } else if (result == FlushResult.CLOSED) {
            end(queue.failure());
        } else if ((registered.interestOps() & SelectionKey.OP_WRITE) != 0) {
            registered.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
        if (result == FlushResult.MORE) {
            loop.attendTo(this); // in its next turn, after the others
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

    @Override
    long stuckWrite() {
        return blocked && connectingTo == null ? flushes : 0;
    }
}
