/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.FlushResult;
import io.sendbuffer.LogOverrunException;
import io.sendbuffer.LogReceiver;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendQueue;
import io.sendbuffer.SnapshotSource;
import io.sendbuffer.Subscription;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A non-blocking socket on a {@link SendLoop}; {@link LayeredSession} is one that has a layer over it. */
sealed class LoopSession extends Session implements LogReceiver, Deadlines.Entry permits LayeredSession {
    private static final VarHandle PENDING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "pending", VarHandle.class, LoopSession.class, boolean.class);

    final SendLoop loop;

    /** Replaced while it is being connected alone, by the loop: the JDK closes a channel whose connect failed. */
    volatile SocketChannel channel;

    private final boolean writesInline;

    /**
     * Not connected yet, or a write was cut short: the loop flushes when the channel is ready, senders need not try.
     */
    volatile boolean blocked;

    /** It is on its loop's pending list, or about to be. Cleared by a store, where a call may meet the stack's end. */
    volatile boolean pending;

    /** Owned by the thread that set {@link #pending}, then by the loop that took the list. */
    @Nullable
    LoopSession nextPending;

    // Owned by the loop.
    @Nullable
    SelectionKey key;

    private @Nullable SocketAddress connectingTo;
    private boolean waitsForBacklog;

    /** The selector is not to report what comes in. */
    boolean readsNothing;

    /** Its clock, which is being looked at, tries to write. */
    private boolean beingWatched;

    /** Owned by the loop: on its list of those whose clock runs. */
    boolean watched;

    /** Owned by the loop: the place in its list of sessions. */
    int index = -1;

    /** Owned by the loop's {@link ReadTurns}, as the next one. */
    boolean waitsToRead;

    @Nullable
    LoopSession nextToRead;

    /** Owned by the loop: when a flush is due that has to wait, and the place among those that have to. */
    long flushAtNanos;

    private int flushPlace = Deadlines.NOWHERE;

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
            connectsTo(connectTo);
        }
    }

    // ---- any thread

    @Override
    public void flush() {
        if (blocked) {
            return;
        }
        FlushPace pace = pace();
        if (pace != null && pace.flushWaitsVolatile()) {
            return; // the loop flushes when the time has come
        }
        if (!writesInline || queue.isSubscribed()) {
            loop.requestService(this);
            return;
        }
        long nanos = pace == null ? 0 : pace.nanosToBegin(queue);
        if (nanos != 0) {
            if (nanos != FlushPace.NOTHING) {
                loop.requestService(this); // to set its clock
            }
            return;
        }
        FlushResult result = flushInline(pace);
        if (result == FlushResult.BUSY && queue.isSubscribed()) { // since this very moment
            loop.requestService(this);
        } else if (result == FlushResult.BLOCKED) {
            blocked = true;
            loop.requestService(this);
        } else if (result == FlushResult.MORE || (result == FlushResult.CLOSED && isOpen())) {
            loop.requestService(this);
        }
    }

    /** An Error hurts this session alone, not the sender and the sessions after this one. */
    FlushResult flushInline(@Nullable FlushPace pace) {
        try {
            long begun = pace == null ? 0 : pace.begunVolatile();
            long written = queue.bytesWritten();
            FlushResult result = queue.flush(output(), bytesToWrite(pace));
            if (queue.bytesWritten() != written) {
                hasWritten();
            }
            if (pace != null && result == FlushResult.DRAINED) {
                pace.isOver(begun);
            }
            return result;
        } catch (Throwable e) {
            end(e);
            return FlushResult.CLOSED;
        }
    }

    private long bytesToWrite(@Nullable FlushPace pace) {
        long quantum = settings.writeQuantum();
        return pace == null ? quantum : pace.bytesLeft(queue, quantum);
    }

    @Override
    @Nullable
    Subscription subscribeFrom(long position, BroadcastLog log, OverrunPolicy policy) {
        return flushedIfNull(loop.logs().subscribeFrom(position, log, this, policy));
    }

    @Override
    @Nullable
    Subscription subscribeToNewest(BroadcastLog log, OverrunPolicy policy) {
        return flushedIfNull(loop.logs().subscribe(log, this, policy));
    }

    @Override
    @Nullable
    Subscription subscribeWith(SnapshotSource source, BroadcastLog log, OverrunPolicy policy) {
        Subscription place = null;
        try {
            place = loop.logs().subscribe(source, log, this, policy);
        } finally {
            flushedIfNull(place); // whatever the source throws
        }
        return place;
    }

    /** What other threads sent while the attempt lasted may have been left to the reader. */
    private @Nullable Subscription flushedIfNull(@Nullable Subscription place) {
        if (place == null) {
            flush();
        }
        return place;
    }

    @Override
    void flushToClose() {
        loop.requestService(this);
    }

    @Override
    void deliverSoon() {
        loop.requestService(this);
    }

    @Override
    void endSoon() {
        loop.requestService(this);
    }

    @Override
    void watchSoon(long nanos) {
        loop.requestService(this);
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

    /** What a thread that drains writes to. */
    GatheringByteChannel output() {
        return channel;
    }

    /** Marks the session as being on the pending list. False: it is there already. */
    boolean casPending() {
        return !(boolean) PENDING.getVolatile(this) && PENDING.compareAndSet(this, false, true);
    }

    void clearPendingVolatile() {
        PENDING.setVolatile(this, false);
    }

    // ---- the loop's thread

    /** Comes to its end on a loop that runs no more; not on a thread that is within a call into this library. */
    void endAsStraggler() {
        end(loop.causeOfEnd());
        deliverDue();
        clearPendingVolatile(); // only now: until here no thread needs to come for it
        if (isDue()) {
            loop.requestService(this);
        }
    }

    /** Does what the session was put on the pending list for: to be registered, flushed, or brought to its end. */
    void serve(Selector selector) {
        clearPendingVolatile();
        deliverDue();
        if (!isOpen()) {
            return;
        }
        try {
            if (key == null) {
                register(selector);
                if (loop.isClosed()) {
                    endWithLoop();
                }
            }
            if (isConnected()) {
                if (readsNothing) {
                    readAgain();
                }
                flushInTurn();
            } else if (queue.isWrittenToTheEnd() && !isInputKept()) {
                end(null); // closed while it connects: nothing waits for the connection
            }
            loop.sessions().watchIfNeeded(this);
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e);
        }
    }

    /** It came while its loop was ending: it is closed as the others are; if the loop dies, with that cause. */
    private void endWithLoop() {
        Throwable death = loop.causeOfEnd();
        if (death == null) {
            close();
        } else {
            end(death);
        }
    }

    /** The channel was closed underneath; or else it was a callback that threw this, for a reason of its own. */
    private Throwable causeOf(CancelledKeyException canceled) {
        return channel.isOpen() ? canceled : new ClosedChannelException();
    }

    private void register(Selector selector) throws IOException {
        if (index < 0) {
            loop.sessions().add(this);
        }
        SocketAddress address = connectingTo;
        if (address == null || connectNow(address)) {
            key = channel.register(selector, SelectionKey.OP_READ, this);
            established();
        } else if (!waitsForBacklog) {
            key = channel.register(selector, SelectionKey.OP_CONNECT, this);
        }
    }

    private boolean connectNow(SocketAddress address) throws IOException {
        waitsForBacklog = false;
        try {
            return channel.connect(address);
        } catch (IOException e) {
            if (!Sockets.isBacklogFull(address, e)) {
                throw e;
            }
            waitsForBacklog = true;
            replaceChannel(address);
            return false;
        }
    }

    private void replaceChannel(SocketAddress address) throws IOException {
        SocketChannel fresh = settings.resources().openSocket(address);
        try {
            fresh.configureBlocking(false);
            Sockets.configure(fresh, settings);
        } catch (Throwable e) {
            fresh.close();
            throw e;
        }
        channel = fresh;
        if (!isOpen()) {
            fresh.close(); // the thread that ended the session meanwhile may have closed the one before
        }
    }

    /** True while the session tries again and again to connect to a socket whose backlog is full. */
    boolean waitsForBacklog() {
        return waitsForBacklog;
    }

    /** There is a connection. */
    void established() throws IOException {
        opened();
    }

    /** The session can be read and written. */
    final void opened() {
        connectingTo = null;
        connected();
        callOnOpened();
        SessionPressure.reportChanges(this);
    }

    /** The selector says that the channel is ready. */
    void onReady(ByteBuffer receiveBuffer, ReadTurns turns) {
        SelectionKey ready = key;
        if (ready == null || !isOpen()) {
            return;
        }
        try {
            int ops = ready.readyOps();
            if ((ops & SelectionKey.OP_CONNECT) != 0 && channel.finishConnect()) {
                ready.interestOps(SelectionKey.OP_READ);
                established();
                flushInTurn();
            }
            if ((ops & SelectionKey.OP_WRITE) != 0) {
                flushOnLoop();
            }
            if ((ops & SelectionKey.OP_READ) != 0 && isOpen() && readsNow(ready) && turns.mayRead(this)) {
                turns.count(receive(ready, receiveBuffer));
            }
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e); // no effect if the key was canceled because another thread has just ended the session
        }
    }

    /**
     * Its turn to read has come, after the selector said that it is ready.
     *
     * @return how many bytes were read
     */
    int readInTurn(ByteBuffer receiveBuffer) {
        SelectionKey ready = key;
        if (ready == null || !isOpen()) {
            return 0;
        }
        try {
            if ((ready.interestOps() & SelectionKey.OP_READ) != 0 && readsNow(ready)) {
                return receive(ready, receiveBuffer);
            }
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e);
        }
        return 0;
    }

    /** Flushes, unless that has to wait for its time, see {@link FlushPace}. */
    final void flushInTurn() throws IOException {
        FlushPace pace = pace();
        if (pace == null || blocked || isOutputOver() || pace.goesOn(queue, 0) || mayBegin(pace)) {
            flushOnLoop();
        }
    }

    private boolean mayBegin(FlushPace pace) {
        pace.setFlushWaitsVolatile(false); // before the look: what is queued later asks again
        long nanos = pace.nanosToBegin(queue);
        if (nanos > 0) {
            loop.sessions().flushLater(this, nanos);
            pace.setFlushWaitsVolatile(true);
        }
        return nanos == 0;
    }

    /** A flush had to wait for its time, which has come. */
    void flushWhenDue() {
        if (!isOpen() || !isConnected()) {
            return;
        }
        FlushPace pace = pace();
        if (pace != null) {
            pace.setFlushWaitsVolatile(false); // nobody else would, where what another thread has begun goes on
        }
        try {
            flushInTurn();
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e);
        }
    }

    void flushOnLoop() throws IOException {
        SelectionKey registered = key;
        if (registered == null) {
            return;
        }
        if (isOutputOver()) {
            readRest(registered);
            return;
        }
        FlushPace pace = pace();
        blocked = false; // before the flush: a sender that saw it set had queued before, and is served now
        long begun = pace == null ? 0 : pace.begunVolatile();
        long written = queue.bytesWritten();
        FlushResult result = drain(bytesToWrite(pace));
        if (queue.bytesWritten() != written) {
            hasWritten();
        }
        if (result == FlushResult.BLOCKED) {
            blocked = true;
            registered.interestOpsOr(SelectionKey.OP_WRITE);
            watchUnlessWatched();
        } else if (result == FlushResult.CLOSED) {
            writtenToTheEnd(registered);
        } else if ((registered.interestOps() & SelectionKey.OP_WRITE) != 0) {
            registered.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
        if (pace != null && result == FlushResult.DRAINED) {
            pace.isOver(begun);
        }
        if (result == FlushResult.MORE || (result == FlushResult.BUSY && queue.isSubscribed())) {
            loop.requestService(this); // in its next turn, after the others
        }
    }

    /** The look at a session's clocks may try to write, and so come here. */
    final void watchUnlessWatched() {
        if (!beingWatched) {
            loop.sessions().watchIfNeeded(this);
        }
    }

    FlushResult drain(long maxBytes) throws IOException {
        return queue.flushWithLogs(output(), maxBytes);
    }

    void writtenToTheEnd(SelectionKey registered) throws IOException {
        leaveLogs();
        outputIsOver();
        if (isOpen()) {
            readsNothing = false;
            registered.interestOps(SelectionKey.OP_READ);
            readRest(registered);
        }
    }

    /** What came in before a write failed is still read and delivered; then the session ends. */
    private void leaveLogs() {
        queue.removeSubscriptions();
    }

    private void readRest(SelectionKey registered) throws IOException {
        if (queue.failure() == null) {
            return; // the selector reports what comes, and the end
        }
        if (!readsNow(registered)) {
            return; // paused: its time will be over
        }
        int count = receive(registered, loop.receiveBuffer());
        if (count > 0 && isOpen()) {
            loop.requestService(this); // in its next turn, after the others
        } else {
            inputIsOver();
        }
    }

    boolean readsNow(SelectionKey ready) {
        if (mayRead()) {
            return true;
        }
        readsNothing = true;
        ready.interestOpsAnd(~SelectionKey.OP_READ);
        return false;
    }

    @Override
    void continueReading() {
        loop.requestService(this);
    }

    /** Another thread has asked for service, perhaps for this. */
    void readAgain() {
        SelectionKey registered = key;
        if (registered != null && mayRead()) {
            readsNothing = false;
            registered.interestOpsOr(SelectionKey.OP_READ);
        }
    }

    int receive(SelectionKey ready, ByteBuffer receiveBuffer) throws IOException {
        receiveBuffer.clear().order(ByteOrder.BIG_ENDIAN);
        int count;
        try {
            count = read(receiveBuffer);
        } catch (IOException | RuntimeException e) {
            inputFailed(e);
            return -1;
        }
        if (count > 0) {
            hasRead();
            if (!dropsInput()) {
                listener.onReceived(this, receiveBuffer.flip());
                restOfInputArrives();
            }
        } else if (count < 0) {
            ready.interestOpsAnd(~SelectionKey.OP_READ);
            reportInputEnded();
        }
        return count;
    }

    int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    void beatSoon(SessionActivity heartbeat) {
        heartbeat.run();
    }

    @Override
    void tryToWrite() {
        beingWatched = true;
        try {
            flushOnLoop();
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e);
        } finally {
            beingWatched = false;
        }
    }

    // ---- as one whose flush has to wait

    @Override
    public long atNanos() {
        return flushAtNanos;
    }

    @Override
    public long number() {
        return 0;
    }

    @Override
    public int place() {
        return flushPlace;
    }

    @Override
    public void place(int place) {
        flushPlace = place;
    }

    // ---- as a subscriber of logs

    @Override
    public SendQueue queue() {
        return queue;
    }

    @Override
    public void onNews() {
        if (!isOpen() || isOutputOver()) {
            return;
        }
        if (blocked) {
            if (!isConnected() && queue.isFinishing()) {
                loop.requestService(this); // it may connect, and this may be all that its close has waited for
            }
            return;
        }
        try {
            flushInTurn();
        } catch (CancelledKeyException e) {
            end(causeOf(e));
        } catch (Throwable e) {
            end(e);
        }
    }

    @Override
    public void onOverrun(LogOverrunException cause) {
        end(cause);
    }

    @Override
    void channelIsClosed() {
        leaveLogs();
    }

    @Override
    @Nullable
    Throwable deathOfMaker() {
        return loop.causeOfEnd();
    }

    @Override
    boolean isWriting() {
        return blocked && isConnected() && !isOutputOver();
    }

    @Override
    boolean hasInput() {
        return key != null && isConnected();
    }

    /** True from the moment on that it can be read and written. On the loop's thread. */
    boolean isConnected() {
        return connectingTo == null;
    }

    @Override
    void shutdownChannelOutput() throws IOException {
        channel.shutdownOutput();
    }
}
