/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.FlushResult;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A channel whose writes wait: written by the sender that wins the drain, or by a thread of the session's own. */
final class BlockingSession extends Session {
    private static final VarHandle WANTED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "wanted", VarHandle.class, BlockingSession.class, boolean.class);

    private static final long CAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final BlockingSessions sessions;
    private final GatheringByteChannel channel;
    private final BlockingOutput output;
    final SessionCallbacks callbacks;

    /** A thread reads until the input's end. */
    private volatile boolean reads;

    /** Waits where reading is paused. Set before it starts. */
    private volatile @Nullable Thread reader;

    /** The last pause between reads; 0 since a read brought something. Owned by the thread that reads. */
    private long readPauseNanos;

    /** Null: senders write. */
    private final @Nullable Thread writer;

    /** There is something for the writer. Set by senders, cleared by the writer before it looks. */
    @SuppressWarnings("unused")
    private boolean wanted;

    /**
     * Creates a session that no other thread knows of yet.
     *
     * @param writers makes the threads that write; null if senders write
     */
    BlockingSession(
            BlockingSessions sessions,
            GatheringByteChannel channel,
            SessionListener listener,
            @Nullable ThreadFactory writers) {
        super(sessions.settings, listener);
        this.sessions = sessions;
        this.channel = channel;
        this.output = new BlockingOutput(channel, this);
        this.callbacks = new SessionCallbacks(this, sessions.registry);
        this.writer = writers == null ? null : BlockingSessions.newThread(writers, this::writeUntilTheEnd);
    }

    /**
     * The threads of the session start; the first callback comes from the one that reads, or, if none does, from a
     * delivery.
     *
     * @param input what is read until the end; null for a channel that is only written to
     * @param threads makes the thread that reads
     */
    void open(@Nullable ReadableByteChannel input, ThreadFactory threads) {
        connected();
        if (writer != null) {
            writer.start();
        }
        if (input == null) {
            deliver(this::reportOpenedIfOpen);
            return;
        }
        reads = true;
        try {
            Thread reading = BlockingSessions.newThread(threads, () -> readUntilTheEnd(input));
            reader = reading;
            reading.start();
        } catch (Throwable e) {
            reads = false;
            throw e;
        }
    }

    /** By a delivery. A session that ended before is only notified of its end. */
    private void reportOpenedIfOpen() {
        if (isOpen()) {
            callOnOpened();
        }
    }

    /** By the thread that reads. False: it is not to read. */
    private boolean reportOpened() {
        if (!callbacks.begin()) {
            return false;
        }
        try {
            callOnOpened();
            return true;
        } catch (Throwable e) {
            end(e);
            return false;
        } finally {
            callbacks.end();
        }
    }

    // ---- writing

    @Override
    public void flush() {
        if (writer == null) {
            flushInTurn(pace());
        } else {
            wakeWriter();
        }
    }

    /** Writes on this thread, unless that has to wait for its time. */
    private void flushInTurn(@Nullable FlushPace pace) {
        if (pace == null || mayBegin(pace)) {
            write();
        }
    }

    private boolean mayBegin(FlushPace pace) {
        long nanos = pace.nanosToBegin(queue);
        if (nanos > 0) {
            pace.deliverLater(sessions.registry, nanos);
        }
        return nanos == 0;
    }

    /** A delivery is not to wait for the peer. */
    @Override
    void flushInTime() {
        FlushPace pace = pace();
        if (writer != null) {
            wakeWriter();
        } else if (isOpen() && (pace == null || mayBegin(pace))) {
            sessions.writeOnOwnThread(this);
        }
    }

    /** The writer may wait for its time. */
    @Override
    void paceChanged() {
        flush();
        LockSupport.unpark(writer);
    }

    @Override
    void flushToClose() {
        if (writer == null && queue.hasWork()) {
            sessions.writeOnOwnThread(this); // a close does not wait
        } else {
            flush();
            LockSupport.unpark(writer); // it may wait for its time
        }
    }

    /** Writes until nothing is left, or another thread has taken over. An Error hurts this session alone. */
    void write() {
        FlushResult result;
        try {
            FlushPace pace;
            do {
                pace = pace();
                long most = pace == null ? Long.MAX_VALUE : pace.bytesLeft(queue, Long.MAX_VALUE);
                result = queue.flush(output, most);
            } while (result == FlushResult.BLOCKED // a short write is none that would block, here
                    || (result == FlushResult.MORE && pace != null && goesOn(pace)));
        } catch (Throwable e) {
            end(e); // the queue ended with it
            return;
        }
        if (result == FlushResult.CLOSED) {
            outputIsOver();
        }
    }

    /** The rate cap has kept this thread from the rest, or from more than it was to write at once. */
    private boolean goesOn(FlushPace pace) {
        if (pace.goesOn(queue, 0) || pace() != pace) { // of a close and this thread one sees the other
            return true;
        }
        if (writer == null) {
            return mayBegin(pace);
        }
        wakeWriter(); // which waits for its time
        return false;
    }

    private void wakeWriter() {
        if (!(boolean) WANTED.getVolatile(this) && WANTED.compareAndSet(this, false, true)) {
            LockSupport.unpark(writer);
        }
    }

    @Override
    void wakeAgain() {
        if (writer != null && (boolean) WANTED.getVolatile(this)) {
            LockSupport.unpark(writer);
        }
    }

    private void writeUntilTheEnd() {
        while (isOpen()) {
            if (!writeIfWanted()) {
                LockSupport.park(this);
                Thread.interrupted(); // taken: with it set, no park waits
            }
        }
    }

    /** One look of the writer. False: nothing is wanted, and it may sleep until it is woken. */
    boolean writeIfWanted() {
        if (!(boolean) WANTED.getVolatile(this)) {
            return false;
        }
        WANTED.setVolatile(this, false); // before the flush: what is queued later sets it again
        FlushPace pace = pace();
        long nanos = pace == null ? 0 : pace.nanosToBegin(queue);
        if (nanos == 0) {
            write();
        } else if (nanos > 0) {
            WANTED.setVolatile(this, true); // before the park: no other thread wakes it before its time, but a close
            LockSupport.parkNanos(this, nanos);
            Thread.interrupted(); // taken: with it set, no park waits
        }
        return true;
    }

    @Override
    @Nullable
    Throwable deathOfMaker() {
        return sessions.registry.death();
    }

    @Override
    boolean isWriting() {
        return output.isWriting();
    }

    @Override
    boolean isCauseToCome() {
        return isWriting();
    }

    // ---- reading

    private void readUntilTheEnd(ReadableByteChannel input) {
        if (!reportOpened()) {
            return;
        }
        ReceiveBuffers buffers = sessions.registry.receiveBuffers();
        ByteBuffer receiveBuffer = null;
        try {
            receiveBuffer = buffers.take();
            while (isOpen() && awaitTurnToRead() && receive(input, receiveBuffer)) {}
        } catch (ClosedChannelException e) {
            inputFailed(causeOf(e));
        } catch (Throwable e) {
            inputFailed(e); // no effect if the channel was closed because another thread has just ended the session
        } finally {
            if (receiveBuffer != null) {
                buffers.giveBack(receiveBuffer);
            }
        }
    }

    /**
     * Some thread closed the channel. If that was the interrupt of a write, the writer is about to say so, and knows
     * better.
     */
    private Throwable causeOf(ClosedChannelException closed) {
        long start = System.nanoTime();
        while (isOpen() && isCauseToCome() && System.nanoTime() - start < CAUSE_NANOS) {
            LockSupport.parkNanos(CAUSE_NANOS / 1_000);
        }
        Throwable failure = queue.failure();
        return failure != null ? failure : closed;
    }

    /** Waits while reading is paused. False: the session ended meanwhile. */
    private boolean awaitTurnToRead() {
        while (!mayRead()) {
            if (!isOpen()) {
                return false;
            }
            LockSupport.park(this);
            Thread.interrupted(); // taken: with it set, no park waits
        }
        return true;
    }

    @Override
    void beatSoon(SessionActivity heartbeat) {
        sessions.registry.delivery().deliver(heartbeat);
    }

    @Override
    void continueReading() {
        LockSupport.unpark(reader);
    }

    private boolean receive(ReadableByteChannel input, ByteBuffer receiveBuffer) throws IOException {
        receiveBuffer.clear().order(ByteOrder.BIG_ENDIAN);
        sessions.takeInterruptBack("a callback", "read");
        int count = input.read(receiveBuffer);
        if (count == 0) {
            pauseBeforeNextRead();
            return true;
        }
        readPauseNanos = 0;
        if (count > 0) {
            hasRead();
        }
        if (count > 0 && dropsInput()) {
            return true;
        }
        if (!callbacks.begin()) {
            return false;
        }
        try {
            return report(count, receiveBuffer);
        } catch (Throwable e) {
            end(e); // here, so that the callback lock is still ours
            return false;
        } finally {
            callbacks.end();
        }
    }

    /** The channel had nothing, and did not wait for it: nothing to report, and no reason for a busy loop. */
    private void pauseBeforeNextRead() {
        readPauseNanos = Backoff.nanosAfter(readPauseNanos);
        LockSupport.parkNanos(this, readPauseNanos);
    }

    private boolean report(int count, ByteBuffer receiveBuffer) {
        if (count > 0) {
            listener.onReceived(this, receiveBuffer.flip());
            restOfInputArrives();
            return true;
        }
        reportInputEnded();
        return false;
    }

    // ---- the end

    @Override
    void deliverSoon() {
        if (writer != null) {
            LockSupport.unpark(writer); // it leaves when the session has ended
        }
        LockSupport.unpark(reader); // likewise, where reading is paused
        callbacks.deliverSoon();
    }

    @Override
    void endSoon() {
        callbacks.endSoon();
    }

    @Override
    boolean mayEndOnWatch() {
        return false;
    }

    @Override
    void watchSoon(long nanos) {
        sessions.registry.checkWithin(nanos);
    }

    @Override
    boolean hasInput() {
        return reads;
    }

    @Override
    boolean hasHalves() {
        return channel instanceof SocketChannel;
    }

    /** A channel that is no socket, TLS for instance, says goodbye when it is closed. */
    @Override
    void shutdownChannelOutput() throws IOException {
        if (channel instanceof SocketChannel socket) {
            socket.shutdownOutput();
        } else {
            inputIsOver();
        }
    }

    @Override
    void ended() {
        sessions.registry.remove(this);
    }

    @Override
    Channel channel() {
        return channel;
    }

    @Override
    @Nullable
    SocketAddress peerAddress() throws IOException {
        return channel instanceof SocketChannel socket ? socket.getRemoteAddress() : null;
    }
}
