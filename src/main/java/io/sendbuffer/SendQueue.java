/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Failures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.GatheringByteChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outbound queue of one receiver. Any thread offers messages; one at a time drains them, in order and without
 * copying, into the channel that it hands over.
 *
 * <pre>{@code
 * queue.offer(buffer);                                   // any thread: QUEUED, or why not
 * switch (queue.flush(channel, WRITE_QUANTUM)) {        // one drainer at a time
 *     case DRAINED -> key.interestOpsAnd(~OP_WRITE);
 *     case BLOCKED, MORE -> key.interestOpsOr(OP_WRITE); // a partial write keeps its place
 *     case BUSY -> { }                                   // another thread is draining, and writes ours too
 *     case CLOSED -> drop(key);
 * }
 * }</pre>
 *
 * <p>In a selector loop, interest in writing is the business of the loop's thread alone, as above: another thread that
 * sends does {@code offer}, hands the key to the loop, and wakes the selector.
 *
 * <p><b>Assumptions.</b> All flushes of a queue name the same channel, and nothing else writes to it. The channel reads
 * the buffers that it is given from position to limit, and nothing else of them: they are read-only, but beyond their
 * limit lies what others send. It keeps none after its write returned, and the count that it returns is correct. It is
 * a stream of bytes: a datagram channel is refused.
 *
 * <p><b>Guarantees.</b> Each message that was {@link OfferResult#QUEUED} is written once, whole and in order, or the
 * queue ends, or drops it because {@link OverrunPolicy#skip()}, its key or its time says so; a half-written message is
 * never followed by another. Every reference that the queue took is released once: when its message is written or
 * dropped, or when the queue ends. A message offered before a flush is written by that flush, or by the drainer for
 * which it was {@link FlushResult#BUSY}. Nothing is allocated per message. The lock is held for a few instructions,
 * never across a write. A long queue grows without copying, and becomes small again; if the heap has no room for it to
 * grow, it refuses the message, and other queues are not affected.
 *
 * <p>Two ways to drain, under one claim: {@link #flush}, where the channel answers at once, and {@link #beginWrite}
 * with {@link #completeWrite}, where it answers later.
 *
 * <p>Thread-safe.
 */
public final class SendQueue {
    /** What {@link #beginWrite} and {@link #completeWrite} return when the queue ended. */
    public static final int ENDED = -1;

    private final DrainState drainState = new DrainState();

    /** What waits and what is counted; its monitor is the queue's lock. */
    private final Backlog backlog;

    /**
     * The end of the stack, that a drainer met before it could end the queue: no thread drains, and the window is free
     * to be taken by {@link #endLeftDrain}. Stored without a call. Without meaning once the queue has ended.
     */
    volatile @Nullable StackOverflowError leftBy;

    /** Owned by the thread that claimed the drain state. */
    private final InFlightWindow window;

    /** Owned likewise: a write was begun and not completed. */
    private boolean writePending;

    /** This queue as the pools see it. */
    final Holder holder;

    private final @Nullable QueueOwner owner;

    /** Creates a queue with {@link QueueLimits#DEFAULT}. */
    public SendQueue() {
        this(QueueLimits.DEFAULT);
    }

    /** Creates a queue with these limits. */
    public SendQueue(QueueLimits limits) {
        this(limits, QueueArrays.HEAP);
    }

    /** Creates a queue with these limits, which calls its owner, and holds when it is overrun. */
    public SendQueue(QueueLimits limits, QueueOwner owner) {
        this(limits, OverrunPolicy.hold(), QueueArrays.HEAP, owner);
    }

    /** Creates a queue with these limits, which calls its owner. */
    public SendQueue(QueueLimits limits, OverrunPolicy policy, QueueOwner owner) {
        this(limits, policy, QueueArrays.HEAP, owner);
    }

    SendQueue(QueueLimits limits, QueueArrays arrays) {
        this(limits, OverrunPolicy.hold(), arrays, null);
    }

    static {
        endFirst();
    }

    /** A queue may first end when the heap is full, and then the JVM can link nothing: all that an end calls is now. */
    private static void endFirst() {
        try {
            SendQueue drained = new SendQueue();
            drained.overrunPolicy(OverrunPolicy.skip()); // so that it has an Overrun
            if (drained.drainState.casIdleToDraining()) {
                drained.endDrain(null);
            }
            SendQueue closed = new SendQueue();
            closed.close();
        } catch (StackOverflowError | OutOfMemoryError e) {
            return; // a rehearsal only: thrown here, it would make the class unusable forever
        }
    }

    private SendQueue(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays, @Nullable QueueOwner owner) {
        this.backlog = new Backlog(limits, policy, arrays);
        this.window = new InFlightWindow(limits, arrays);
        this.holder = new Holder(this, backlog, window, drainState, owner);
        this.owner = owner;
    }

    /**
     * Queues a message, with a reference of the queue's own; the caller keeps its reference and releases it as always.
     * Writes nothing: {@link #flush} does.
     *
     * @param message a sealed buffer that the caller holds a reference to. An empty one is accepted and has nothing to
     *     write
     * @return {@link OfferResult#QUEUED}, or why not
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public OfferResult offer(SendBuffer message) {
        int length = message.checkedSealedLength();
        if (!isKnownToPoolOf(message)) {
            return counted(OfferResult.REFUSED_HEAP);
        }
        message.retain();
        boolean taken = false;
        try {
            OfferResult result = enqueue(message, length);
            taken = result == OfferResult.QUEUED && length > 0;
            return result;
        } catch (StackOverflowError e) {
            taken = true; // perhaps it is: memory that is never freed is better than memory that is freed in use
            throw e;
        } finally {
            if (!taken) {
                message.release();
            }
        }
    }

    /**
     * Queues a message, with a reference that the caller took for it beforehand: a broadcast retains once for all its
     * receivers. If the result is {@link OfferResult#QUEUED}, the reference is the queue's; otherwise it is still the
     * caller's, to be released. Otherwise as {@link #offer}.
     */
    public OfferResult offerRetained(SendBuffer message) {
        int length = message.checkedSealedLength();
        if (!isKnownToPoolOf(message)) {
            return counted(OfferResult.REFUSED_HEAP);
        }
        OfferResult result = enqueue(message, length);
        if (length == 0 && result == OfferResult.QUEUED) {
            message.release();
        }
        return result;
    }

    private OfferResult enqueue(SendBuffer message, int length) {
        OfferResult result =
                message.hasAttributes() ? OverrunHandler.offer(this, message, length) : backlog.offer(message, length);
        if (result != OfferResult.QUEUED) {
            result = enqueueAgain(message, length, result);
        }
        noticePressure();
        return result;
    }

    private OfferResult enqueueAgain(SendBuffer message, int length, OfferResult refusal) {
        OfferResult result = refusal;
        while (result.isFull() && OverrunHandler.makeRoom(this, result)) {
            result = message.hasAttributes()
                    ? OverrunHandler.offer(this, message, length)
                    : backlog.offer(message, length);
        }
        return counted(result);
    }

    /** Off the path of what is accepted. */
    private OfferResult counted(OfferResult result) {
        if (result != OfferResult.QUEUED && result != OfferResult.CLOSED) {
            backlog.countRefused(result);
        }
        return result;
    }

    /**
     * Queues a batch with references that the caller took for it beforehand, by {@link SendBatch#retain}: all its
     * messages, in one step, or none. What {@link #offerRetained(SendBuffer)} says of the references holds for all.
     *
     * @throws IllegalStateException if the batch is not sealed
     */
    public OfferResult offerRetained(SendBatch batch) {
        int pieces = batch.checkedPieceCount();
        for (int i = 0; i < batch.piecesThatNameThePools(); i++) {
            if (!isKnownToPoolOf(batch.piece(i))) {
                return counted(OfferResult.REFUSED_HEAP);
            }
        }
        if (batch.attributes() != null) {
            return offerAttributed(batch, batch.attributes());
        }
        OfferResult result = backlog.offer(batch, pieces);
        if (result != OfferResult.QUEUED) {
            while (result.isFull() && OverrunHandler.makeRoom(this, result)) {
                result = backlog.offer(batch, pieces);
            }
            result = counted(result);
        }
        noticePressure();
        return result;
    }

    private OfferResult offerAttributed(SendBatch batch, BatchAttributes attributes) {
        OfferResult result = OverrunHandler.offer(this, batch, attributes);
        while (result.isFull() && OverrunHandler.makeRoom(this, result)) {
            result = OverrunHandler.offer(this, batch, attributes);
        }
        result = counted(result);
        noticePressure();
        return result;
    }

    /**
     * Queues a batch: all its messages, in one step, or none. The queue takes references of its own; the batch keeps
     * its.
     *
     * @return {@link OfferResult#QUEUED}, or why not. What was merged counts as one message, but a batch of more
     *     messages than the limit is {@link OfferResult#TOO_LARGE}, merged or not
     * @throws IllegalStateException if the batch is not sealed
     */
    public OfferResult offer(SendBatch batch) {
        batch.retain(1);
        boolean taken = false;
        try {
            OfferResult result = offerRetained(batch);
            taken = result == OfferResult.QUEUED;
            return result;
        } catch (StackOverflowError e) {
            taken = true; // perhaps, as above
            throw e;
        } finally {
            if (!taken) {
                batch.release(1);
            }
        }
    }

    /**
     * Makes sure that the pool of a message knows this queue. Before the message is queued, and under no lock.
     *
     * @return false if the heap has no room for that
     */
    private boolean isKnownToPoolOf(SendBuffer message) {
        ChunkStore of = message.chunk().store;
        return backlog.isKnownTo(of) || holder.makeKnownTo(of);
    }

    /**
     * Drains the queue into a channel, if no other thread does at this moment.
     *
     * <p>An exception of the channel is not rethrown: it ends the queue, the result is {@link FlushResult#CLOSED} and
     * {@link #failure()} returns the cause. An {@link Error} ends the queue and is thrown. Where a
     * {@link StackOverflowError} leaves no stack for the end, the next call that finds the queue so carries it out;
     * {@link #close()} at the latest.
     *
     * @param channel where to write; in non-blocking mode, unless the caller can wait
     * @throws IllegalArgumentException if it is a {@link DatagramChannel}, where messages would run together or be cut;
     *     nothing has changed then
     */
    public FlushResult flush(GatheringByteChannel channel) {
        return flush(channel, Long.MAX_VALUE);
    }

    /**
     * Drains the queue into a channel as {@link #flush(GatheringByteChannel)} does, but for one turn: a receiver with a
     * huge backlog, or one to which others send faster than it is written, does not keep its drainer from the rest. If
     * the result is {@link FlushResult#MORE}, something is left and no thread drains; flush again soon.
     *
     * @param maxBytes no further write begins once this many bytes were written, 1 or more; the limit is passed by at
     *     most one write
     */
    public FlushResult flush(GatheringByteChannel channel, long maxBytes) {
        return flush(channel, maxBytes, false);
    }

    private FlushResult flush(GatheringByteChannel channel, long maxBytes, boolean withLogs) {
        if (channel instanceof DatagramChannel) {
            throw noStream();
        }
        if (!claim()) {
            return isEndingVolatile() ? FlushResult.CLOSED : FlushResult.BUSY;
        }
        FlushResult result;
        try {
            result = drainOrEnd(channel, maxBytes, withLogs);
            boolean isOneTurn = maxBytes < Long.MAX_VALUE;
            while (result == FlushResult.DRAINED && backlog.hasMarks() && (isOneTurn || claim())) { // marked meanwhile
                result = isOneTurn ? FlushResult.MORE : drainOrEnd(channel, maxBytes, withLogs);
            }
        } catch (StackOverflowError e) {
            leftBy = e;
            throw e;
        }
        noticePressure();
        return result;
    }

    /**
     * Drains the queue as {@link #flush(GatheringByteChannel, long)} does, and with it the {@link BroadcastLog}s that
     * its receiver subscribes to, in the order of the calls that each thread made. For the thread that serves their
     * readers, which may call this for a queue without subscriptions too. While there are subscriptions the other flush
     * writes nothing, and returns {@link FlushResult#BUSY}.
     */
    public FlushResult flushWithLogs(GatheringByteChannel channel, long maxBytes) {
        return flush(channel, maxBytes, true);
    }

    private FlushResult drainOrEnd(GatheringByteChannel channel, long maxBytes, boolean withLogs) {
        FlushResult result;
        try {
            boolean readsLogs = withLogs && backlog.subscriptions() != null;
            result = readsLogs ? LogDrain.drain(this, channel, maxBytes) : drain(channel, maxBytes);
        } catch (Exception e) {
            return endDrain(e);
        } catch (Throwable e) {
            endDrain(e);
            throw e;
        }
        return result == FlushResult.CLOSED ? endDrain(null) : result;
    }

    private static IllegalArgumentException noStream() {
        return new IllegalArgumentException("a datagram channel is no stream of bytes: it would send what was gathered,"
                + " several messages or a part of one, as one datagram; write each message with DatagramChannel.send");
    }

    /**
     * Writes until nothing is left, the channel or the turn is full, or the end was requested: CLOSED leaves that to
     * the caller.
     */
    private FlushResult drain(GatheringByteChannel channel, long maxBytes) throws IOException {
        long left = maxBytes;
        while (true) {
            FlushResult end = backlog.fillOrLeave(window, drainState);
            if (end != null) {
                return end;
            }
            if (window.isEmpty()) {
                OverrunHandler.insertNotice(this);
                if (window.isEmpty() && left <= 0) {
                    return stop(FlushResult.MORE); // before values are asked for, which would grow old
                }
                if (window.isEmpty() && !MarkedKeys.insert(this)) {
                    return FlushResult.CLOSED;
                }
                continue;
            }
            if (left <= 0) {
                window.firstWaitsOpaque();
                return stop(FlushResult.MORE);
            }
            if (!window.write(channel)) {
                return stop(FlushResult.BLOCKED);
            }
            left -= window.bytesOfWrite();
        }
    }

    /**
     * Begins a write that completes later, for channels that report the completion later: asynchronous channels,
     * completion queues. Claims the drain if no thread has it, and gathers what is queued. If the result is positive,
     * the caller starts one gathering write of that many of {@link #writeBuffers()}, and calls {@link #completeWrite}
     * or {@link #failWrite} when it has ended, on any thread. Until then the buffers and the messages in them are the
     * write's alone: a close leaves them to the completion.
     *
     * <pre>{@code
     * int count = queue.beginWrite();                    // after an offer, any thread
     * if (count > 0) {
     *     channel.write(queue.writeBuffers(), 0, count, timeout, unit, queue, handler);
     * }                                                  // in handler.completed: count = queue.completeWrite(written)
     * }</pre>
     *
     * @return how many buffers to write; 0 if there is nothing for the caller to do: nothing is queued, or another
     *     thread is draining and writes it too; {@link #ENDED} if the queue ended: close the channel
     */
    public int beginWrite() {
        if (!claim()) {
            return isEndingVolatile() ? ENDED : 0;
        }
        int count;
        try {
            count = gatherNextWrite();
        } catch (StackOverflowError e) {
            leftBy = e;
            throw e;
        }
        noticePressure();
        return count;
    }

    /** True if the caller is the drainer from here on. */
    private boolean claim() {
        return drainState.casIdleToDraining() || drainState.claimAfterExchange(backlog);
    }

    /** For a caller that is not the drainer: whether there is one no more. */
    private boolean isEndingVolatile() {
        if (leftBy != null) {
            endLeftDrain();
        }
        return drainState.isEndingVolatile();
    }

    /**
     * The buffers of the write that {@link #beginWrite} or {@link #completeWrite} asked for: as many of the array's
     * first elements as it returned. Valid until that write is completed.
     */
    public ByteBuffer[] writeBuffers() {
        return window.entries();
    }

    /**
     * A write that was begun has completed. Releases what is fully written, and gathers what is left or was queued
     * meanwhile: if the result is positive, the caller starts the next write at once, as after {@link #beginWrite}.
     *
     * @param written how many bytes the channel took, which may be fewer than it was given
     * @return how many buffers to write next; 0 if nothing is left; {@link #ENDED} if the queue ended: close the
     *     channel
     * @throws IllegalStateException if no write was begun
     */
    public int completeWrite(long written) {
        return completeWrite(written, true);
    }

    /**
     * As {@link #completeWrite(long)}, for a caller whose turn may be over: then it begins no other write, and what is
     * left waits for the next {@link #beginWrite}.
     *
     * @param mayContinue false: the turn is over. What another thread queues at this very moment may be begun all the
     *     same, if nothing else is left
     * @return 0 also if something is left and the turn is over: see {@link #hasWork()}
     */
    public int completeWrite(long written, boolean mayContinue) {
        requireWritePending();
        int count;
        try {
            count = completeAndGather(written, mayContinue);
        } catch (StackOverflowError e) {
            leftBy = e;
            throw e;
        }
        noticePressure();
        return count;
    }

    private int completeAndGather(long written, boolean mayContinue) {
        try {
            window.completeWrite(written);
        } catch (Exception e) {
            endDrain(e);
            return ENDED;
        } catch (Throwable e) {
            endDrain(e);
            throw e;
        }
        if (!mayContinue && hasRest()) {
            return leaveWithRest();
        }
        return gatherNextWrite();
    }

    /** Something is left after the write that has just completed. */
    private boolean hasRest() {
        backlog.countOff(window);
        return backlog.hasWork();
    }

    private int leaveWithRest() {
        if (stop(FlushResult.MORE) == FlushResult.MORE) {
            return 0;
        }
        endDrain(null);
        return ENDED;
    }

    /**
     * A write that was begun has failed. Ends the queue, with this cause: what went out is not known, so nothing can
     * follow it.
     *
     * @throws IllegalStateException if no write was begun
     */
    public void failWrite(Throwable cause) {
        requireWritePending();
        try {
            window.failWrite();
            endDrain(cause);
        } catch (StackOverflowError e) {
            leftBy = e;
            throw e;
        }
    }

    /**
     * True from a {@link #beginWrite} or {@link #completeWrite} that asked for a write until it is completed or failed.
     * For the thread that has the write in hand.
     */
    public boolean isWriteBegun() {
        return writePending;
    }

    /**
     * Fills and gathers the window, or leaves the drain; from here to the caller's start of the write nothing is
     * shared.
     */
    private int gatherNextWrite() {
        int count = gatherOrLeave();
        while (count == 0 && backlog.hasMarks() && !isSubscribed() && claim()) { // marked after the last look
            count = gatherOrLeave();
        }
        return count;
    }

    private int gatherOrLeave() {
        FlushResult end;
        try {
            end = backlog.fillOrLeave(window, drainState);
            while (end == null && window.isEmpty()) {
                OverrunHandler.insertNotice(this);
                if (window.isEmpty()) {
                    MarkedKeys.insert(this); // if the queue was closed meanwhile, the next look finds that
                }
                end = backlog.fillOrLeave(window, drainState);
            }
        } catch (Exception e) {
            endDrain(e); // thrown by what makes a notice, or a value
            return ENDED;
        } catch (Throwable e) {
            endDrain(e); // an Error: no thread would ever leave the drain
            throw e;
        }
        if (end == null) {
            return gatherPending();
        }
        if (end == FlushResult.CLOSED) {
            endDrain(null);
            return ENDED;
        }
        return 0;
    }

    private int gatherPending() {
        try {
            int count = window.gather();
            writePending = true;
            return count;
        } catch (Throwable e) {
            window.failWrite();
            endDrain(e); // an Error: nothing was begun, so no thread would complete it
            throw e;
        }
    }

    private void requireWritePending() {
        if (!writePending) {
            throw new IllegalStateException(
                    "no write is pending; complete each write once, after beginWrite asked for it");
        }
        writePending = false;
    }

    /** Leaves the drain with something left to write. */
    FlushResult stop(FlushResult why) {
        backlog.countOff(window);
        return drainState.casDrainingToIdle() ? why : FlushResult.CLOSED;
    }

    /**
     * Ends the queue from within the drain, which owns the window.
     *
     * @throws StackOverflowError before anything has changed; the caller stores {@link #leftBy}, or takes part in that
     */
    private FlushResult endDrain(@Nullable Throwable cause) {
        StackRoom.require();
        noteLast();
        boolean ringIsOurs = backlog.end(cause, window);
        try {
            releaseAll(ringIsOurs, true, cause);
        } finally {
            window.nothingWaitsOpaque();
            drainState.setClosedVolatile();
        }
        return FlushResult.CLOSED;
    }

    /** For the statistics after the end. */
    private void noteLast() {
        long now = System.nanoTime();
        backlog.noteLast(holder.bytesBehind(), window.stalledNanos(now), holder.oldestNanos(now));
    }

    /** Ends the queue for a drainer that met the end of its stack. Any thread; one of them does it. */
    private void endLeftDrain() {
        StackRoom.require();
        StackOverflowError cause;
        synchronized (backlog) {
            cause = leftBy;
            leftBy = null;
        }
        if (cause == null || drainState.isClosedVolatile()) {
            return;
        }
        try {
            endDrain(cause);
        } catch (StackOverflowError e) {
            leftBy = cause;
            throw e;
        }
    }

    /**
     * Accepts nothing more, and ends the queue in order: the flush, or the completion, that finds nothing left to write
     * returns CLOSED or {@link #ENDED}, with no failure. So flush once more after this, or begin a write: if all is
     * written already, that ends it. Does nothing if the queue ended. Any thread may call this; {@link #close()} ends
     * the queue at once.
     */
    public void finish() {
        backlog.finish();
    }

    /**
     * Accepts a last message and then nothing more, and ends the queue in order, as {@link #finish()} does: for a
     * goodbye that is to get through. What was accepted before is written first, with the notice of what was lost, the
     * values that are marked, and the logs up to this moment; then the message; nothing follows it. Of an offer by
     * another thread at the same moment, its message goes before this one or is {@link OfferResult#CLOSED}.
     *
     * <p>Nothing refuses it: it has a place of its own beyond the {@link #limits()}, in which no policy drops it,
     * whatever its class, key or time, which have no effect. It counts as queued until it is written, and as unwritten
     * if the queue ends before. It does not move when a pool is evacuated.
     *
     * @param last a sealed buffer that the caller holds a reference to. If it is accepted, the queue takes a reference
     *     of its own. An empty one is accepted and has nothing to write
     * @return true if it will be written, unless the queue ends before; false if the queue finishes already or ended:
     *     then nothing was retained
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public boolean finish(SendBuffer last) {
        int length = last.checkedSealedLength();
        StackRoom.require();
        isKnownToPoolOf(last); // without memory for that, it is sent unknown
        last.retain();
        boolean accepted = false;
        try {
            accepted = backlog.finish(last, length);
            return accepted;
        } catch (StackOverflowError e) {
            accepted = true; // perhaps, as in an offer
            throw e;
        } finally {
            if (!accepted || length == 0) {
                last.release();
            }
        }
    }

    /**
     * Ends the queue: what waits is released now; what another thread is writing at this moment, when that write has
     * returned. Every later offer and flush returns CLOSED. Does not close the channel. May be called at any time, by
     * any thread, more than once.
     *
     * @throws StackOverflowError if the caller's stack is near its end: the call is to be repeated with more room
     */
    public void close() {
        close(null);
    }

    /** Ends the queue with this cause, unless another one came first. */
    void close(@Nullable Throwable cause) {
        StackRoom.require();
        noteLast();
        boolean ringIsOurs = backlog.end(cause, null);
        boolean windowIsOurs = drainState.requestClose();
        try {
            releaseAll(ringIsOurs, windowIsOurs, cause);
        } finally {
            if (windowIsOurs) {
                window.nothingWaitsOpaque();
            } else if (leftBy != null) {
                endLeftDrain();
            }
        }
    }

    /** Releases all, whatever a release throws: that is reported after the last one. */
    private void releaseAll(boolean withRing, boolean withWindow, @Nullable Throwable cause) {
        Throwable thrown = cause;
        SendBuffer message;
        while ((message = withWindow ? window.poll() : null) != null
                || (message = withRing ? backlog.pollUnwritten() : null) != null) {
            try {
                message.releaseUnwritten();
            } catch (Throwable e) {
                thrown = Failures.first(thrown, e);
            }
        }
        if (withRing) {
            backlog.giveUpPlaces();
        }
        backlog.allCameBack();
        if (cause == null) {
            Failures.rethrow(thrown);
        }
    }

    // ---- being overrun

    /** What happens when a limit is passed. */
    public OverrunPolicy overrunPolicy() {
        return backlog.overrunPolicy();
    }

    /** Replaces the policy. Any thread, at any time. */
    public void overrunPolicy(OverrunPolicy policy) {
        backlog.overrunPolicy(Objects.requireNonNull(policy, "policy"));
        noticePressure(); // it may refuse no more
    }

    /**
     * Looks at the limits with a time: the soft limit, and the age of the messages. If one is passed under
     * {@link OverrunPolicy#hold()}, the queue refuses what is offered until that is over; under another policy, call
     * {@link #overrun}. For the owner of the queue, which has this called in time, see {@link #nanosToLook}: sessions
     * do. The age of a message is not known before the first look that finds it.
     *
     * @param nowNanos the {@link System#nanoTime()} of this moment
     * @return true if the queue is to be ended, or messages are to be dropped
     */
    public boolean isOverdue(long nowNanos) {
        if (!backlog.isTimedVolatile()) {
            return false;
        }
        boolean isOverdue = backlog.overdue(nowNanos) != null;
        noticePressure(); // it may refuse no more
        return isOverdue;
    }

    /**
     * Ends the queue if a limit with a time is passed and that is its {@link OverrunPolicy}, or drops messages until
     * none is passed. What is being written is not dropped. Calls the owner, and release listeners.
     *
     * @param nowNanos as for {@link #isOverdue}
     */
    public void overrun(long nowNanos) {
        OverrunHandler.overrun(this, nowNanos);
        noticePressure();
    }

    /**
     * In how many nanoseconds {@link #isOverdue} is to be called next; {@link Long#MAX_VALUE} if nothing waits that a
     * limit with a time may end. Ask again when something was queued or written.
     *
     * @param nowNanos as for {@link #isOverdue}
     */
    public long nanosToLook(long nowNanos) {
        return backlog.isTimedVolatile() ? backlog.nanosToLook(nowNanos) : Long.MAX_VALUE;
    }

    /**
     * How many messages the queue has dropped so far, under {@link OverrunPolicy#skip()}, those that a batch has merged
     * too; {@link QueueStats#dropped()} says why.
     */
    public long droppedMessages() {
        return backlog.droppedMessages();
    }

    /** How many bytes they had. */
    public long droppedBytes() {
        return backlog.droppedBytes();
    }

    // ---- conflation, and messages that expire

    /** What the queue does with a message whose key an older one has that waits. */
    public Conflation conflation() {
        return backlog.conflation();
    }

    /** Replaces the conflation. Any thread, at any time. Default: {@link Conflation#inPlace()}. */
    public void conflation(Conflation conflation) {
        backlog.conflation(Objects.requireNonNull(conflation, "conflation"));
    }

    /** How many messages a newer one of the same key has replaced so far before they were written. */
    public long conflatedMessages() {
        return backlog.conflatedMessages();
    }

    /** How many messages have expired so far before they were written, see {@link SendBuffer#expireAfter}. */
    public long expiredMessages() {
        return backlog.expiredMessages();
    }

    // ---- values that are asked for when the queue drains

    /**
     * Has the queue ask for values when it drains: {@link #mark} says that a value has changed, and the next write that
     * has room asks the source for the newest one. So a receiver that is behind costs a bit for each key, whatever
     * happens to the values, and gets what is newest at the moment of the write. Once, before the first mark; any
     * thread.
     *
     * @param keys how many keys there are: they are 0 to {@code keys} - 1
     * @throws IllegalStateException if the queue has a source already
     */
    public void pullFrom(ValueSource source, int keys) {
        MarkedKeys marked = new MarkedKeys(Objects.requireNonNull(source, "source"), keys);
        if (!backlog.pullFrom(marked)) {
            throw new IllegalStateException("the queue has a source already; give it one that knows all keys");
        }
    }

    /** True if {@link #pullFrom} gave the queue a source that has this key. */
    public boolean hasKey(int key) {
        MarkedKeys marked = backlog.markedKeys();
        return marked != null && key >= 0 && key < marked.count;
    }

    /**
     * The value of a key has changed: the next drain asks the source for it, once for all marks that came until then.
     * Takes no lock and no memory, whatever waits, and no limit refuses it. Writes nothing: flush after it.
     *
     * <p>A mark is never lost. What this thread did before it is seen by the source; if the value is being asked for at
     * this moment, it is asked for again. Each key has its turn, in their order, round and round, and messages and
     * values take turns, a write each, where both wait; messages begin. What is marked before {@link #finish()} is
     * written to the end; what is marked after it, or at the same moment, is not.
     *
     * @return false if the queue accepts nothing more
     * @throws IllegalStateException if {@link #pullFrom} gave it no source
     * @throws IllegalArgumentException if there is no such key
     */
    public boolean mark(int key) {
        MarkedKeys marked = backlog.markedKeys();
        if (marked == null) {
            throw new IllegalStateException("there is no source of values; call pullFrom before the first mark");
        }
        if (key < 0 || key >= marked.count) {
            throw new IllegalArgumentException("key must be between 0 and " + (marked.count - 1) + ", was " + key);
        }
        return marked.mark(key);
    }

    /** True if a key is marked and was not asked for. A hint: it may be true for a moment longer. */
    public boolean hasMarks() {
        return backlog.hasMarks();
    }

    /** How many keys are marked at the moment, and were not asked for. Looks at all of them. */
    public int markedKeys() {
        MarkedKeys marked = backlog.markedKeys();
        return marked == null ? 0 : marked.marked();
    }

    /** How many values were asked for so far. */
    public long askedValues() {
        MarkedKeys marked = backlog.markedKeys();
        return marked == null ? 0 : marked.askedOpaque();
    }

    /** Bytes of the values, and of gap notices, that the queue has put between the messages so far. */
    public long insertedBytes() {
        return backlog.insertedBytes();
    }

    /**
     * How many bytes the channel will have taken, see {@link #bytesWritten}, when all that waits at this moment is
     * written, without what is {@linkplain #insertedBytes inserted}, before now or later.
     */
    public long bytesToTheEnd() {
        return backlog.bytesToTheEnd(window);
    }

    /** How many marks came of a key that was marked already, so that its value was asked for once for several. */
    public long conflatedMarks() {
        MarkedKeys marked = backlog.markedKeys();
        return marked == null ? 0 : marked.conflatedOpaque();
    }

    // ---- limits and watermarks

    /** The limits of this moment. */
    public QueueLimits limits() {
        return backlog.limits();
    }

    /**
     * Replaces the limits, from the next offer on. What is queued stays, though it may be more than the new limits
     * allow. How much goes into one write stays as the queue was made. Any thread, at any time.
     */
    public void limits(QueueLimits limits) {
        backlog.limits(Objects.requireNonNull(limits, "limits"));
        noticePressure();
    }

    /**
     * False from the moment that the queue holds more than its {@link QueueLimits#highWatermark}, or has refused a
     * message for its limits, until it holds no more than the {@link QueueLimits#lowWatermark}; and from its end, or
     * {@link #finish()}, on. A hint to pause: what is offered all the same is accepted up to the hard limits. Takes no
     * lock.
     */
    public boolean isWritable() {
        return !backlog.isHighVolatile();
    }

    /**
     * Takes the next change of {@link #isWritable} that was not taken: {@link PressureChange#ROSE} and
     * {@link PressureChange#FELL} in turn, and {@link PressureChange#DRAINED} after a fall. The last that is taken
     * agrees with the state: a sender that saw the queue not writable gets the fall that follows. Of changes that came
     * faster than they were taken, some pairs are one, or none if the queue is not writable again. None comes after the
     * end. Call it until it returns {@link PressureChange#NONE}, on one thread at a time; {@link QueueOwner#onPressure}
     * says when.
     */
    public PressureChange takePressureChange() {
        return hasPressureChange() ? backlog.takePressureChange() : PressureChange.NONE;
    }

    /** True if {@link #takePressureChange} has something to take. Takes no lock. */
    public boolean hasPressureChange() {
        return backlog.isPressureDueVolatile();
    }

    /**
     * After each call that may have passed a watermark, under no lock. That call has done its work, so it returns,
     * whatever the owner throws.
     */
    private void noticePressure() {
        if (!backlog.pressureIsNew) {
            return;
        }
        backlog.pressureIsNew = false; // before the call: what changes from here on is new again
        try {
            notifyOwner();
        } catch (StackOverflowError e) {
            backlog.pressureIsNew = true; // the next call tries again
        }
    }

    private void notifyOwner() {
        if (owner == null) {
            return;
        }
        try {
            owner.onPressure();
        } catch (StackOverflowError e) {
            throw e;
        } catch (Throwable e) {
            close(e);
        }
    }

    // ---- for the readers of logs

    Backlog backlog() {
        return backlog;
    }

    InFlightWindow window() {
        return window;
    }

    DrainState drainState() {
        return drainState;
    }

    boolean attach(Subscription cursor) {
        return backlog.attach(cursor);
    }

    void detach(Subscription cursor) {
        backlog.detach(cursor);
    }

    Inserts insertsOf(Subscription cursor) {
        return backlog.insertsOf(cursor);
    }

    /** Ends the receiver's subscriptions, for the thread that serves their readers: after the end of the queue. */
    public void removeSubscriptions() {
        Subscription cursor;
        while ((cursor = backlog.subscriptions()) != null) {
            cursor.reader().remove(cursor);
        }
    }

    /** True if a log's reader drains this queue. */
    public boolean isSubscribed() {
        return backlog.subscriptions() != null;
    }

    /**
     * True if a flush would find something to do: a message waits or is being written, a notice is due, a key is
     * marked, or the queue has a log. Any thread; what another thread offers at the same moment is found by the flush
     * that follows it.
     */
    public boolean hasWork() {
        return backlog.hasWork();
    }

    /**
     * As {@link #hasWork()}, but a log counts only if its subscriber is behind. For the thread that serves the logs'
     * readers; any thread if there are none.
     */
    public boolean hasAnythingToWrite() {
        return backlog.hasAnythingToWrite();
    }

    /** Bytes that wait or are being written. */
    public long queuedBytes() {
        return backlog.queuedBytes();
    }

    /** Messages that wait or are being written; neighbors that a batch has merged are one. */
    public int queuedMessages() {
        return backlog.queuedMessages();
    }

    /**
     * Bytes that were accepted and are lost, because the queue ended; 0 before. What a write is taking while another
     * thread closes the queue counts as lost until that write has returned, and then as far as the channel did not take
     * it.
     */
    public long unwrittenBytes() {
        return backlog.unwrittenBytes();
    }

    /**
     * Messages that were accepted and are lost, as {@link #unwrittenBytes()}: one that was written in part is lost, and
     * neighbors that a batch has merged are one.
     */
    public int unwrittenMessages() {
        return backlog.unwrittenMessages();
    }

    /**
     * Bytes that the channel took so far, of whole and half messages, those of logs too: it grows with each write that
     * took anything, so it shows whether a receiver makes progress. Takes no lock; may be slightly stale on a thread
     * that does not drain.
     */
    public long bytesWritten() {
        return window.writtenOpaque();
    }

    /**
     * What the queue sends to: the {@code Session} that it belongs to, or what its {@link QueueOwner#receiver()} says;
     * null if it has no owner. So a monitor finds the sessions of those that {@link SendBufferPool#farthestBehind}
     * lists.
     */
    public @Nullable Object receiver() {
        return owner == null ? null : owner.receiver();
    }

    /** What the queue holds, how far it is behind, and what became of all that was offered. Any thread, at any time. */
    public QueueStats stats() {
        long now = System.nanoTime();
        return backlog.stats(holder.bytesBehind(), window.stalledNanos(now), holder.oldestNanos(now), bytesWritten());
    }

    /**
     * Bytes of the chunks that waiting messages keep, each chunk counted once: what the end of this receiver would give
     * back if no other held them. Walks the queue, a part at a time, so for diagnosis. What a drainer is writing at the
     * moment does not count.
     */
    public long pinnedBytes() {
        return new PinnedChunks().of(this);
    }

    /** True from {@link #finish()} on, and after the end too. */
    public boolean isFinishing() {
        return backlog.isFinishing();
    }

    /**
     * True if the queue finishes, and neither it nor a log that its receiver subscribes to has anything left to write;
     * a notice of what the queue lost is left too. For the thread that serves the logs' readers; any thread if there
     * are none.
     */
    public boolean isWrittenToTheEnd() {
        return backlog.isWrittenToTheEnd();
    }

    /** True after {@link #close()}, a failed write, or the last write after {@link #finish()}. */
    public boolean isClosed() {
        return leftBy != null || backlog.isClosed(); // in this order: the thread that takes leftBy closes after it
    }

    /**
     * What ended the queue: the exception of the channel, a {@link SlowConsumerException}, or what the owner, a
     * {@link GapNotice} or a {@link ValueSource} threw; null if none did.
     */
    public @Nullable Throwable failure() {
        return backlog.failure();
    }
}
