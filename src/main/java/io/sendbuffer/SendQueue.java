package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The outbound queue of one receiver. Any thread offers messages; one at a time drains them, in order and without
 * copying, into the channel that it hands over.
 *
 * <pre>{@code
 * queue.offer(buffer);                                   // any thread: QUEUED, REFUSED or CLOSED
 * switch (queue.flush(channel, BYTES_PER_TURN)) {        // one drainer at a time
 *     case DRAINED -> key.interestOpsAnd(~OP_WRITE);
 *     case BLOCKED, MORE -> key.interestOpsOr(OP_WRITE); // a partial write keeps its place
 *     case BUSY -> { }                                   // another thread drains, and takes ours along
 *     case CLOSED -> drop(key);
 * }
 * }</pre>
 *
 * <p>In a selector loop, interest in writing is the business of the loop's thread alone, as above: another thread that
 * sends does {@code offer}, hands the key to the loop, and wakes the selector.
 *
 * <p><b>Assumptions.</b> All flushes of a queue name the same channel, and nothing else writes to it. The channel keeps
 * no buffer that it was given after its write returned, and its returned count is true.
 *
 * <p><b>Guarantees.</b> Each message that was {@link OfferResult#QUEUED} is written once, whole and in order, or the
 * queue ends; a half-written message is never followed by another. Every reference that the queue took is released
 * once: when its message is written, or when the queue ends. A message offered before a flush is written by that flush,
 * or by the drainer for which it was {@link FlushResult#BUSY}. Nothing is allocated per message. The lock is held for a
 * few instructions, never across a write.
 *
 * <p>Two ways to drain, under one claim: {@link #flush}, where the channel answers at once, and {@link #beginWrite}
 * with {@link #completeWrite}, where it answers later.
 *
 * <p>Safe for use by any number of threads.
 */
public final class SendQueue {
    /** What {@link #beginWrite} and {@link #completeWrite} return when the queue ended. */
    public static final int ENDED = -1;

    private final DrainWord drainWord = new DrainWord();

    /** The word's own object, so that who comes to offer and to flush touches one less of them. */
    private final Object lock = drainWord;

    private final long maxQueuedBytes;
    private final int maxQueuedMessages;

    // Guarded by the lock. Counted until written, not until taken into the window.
    private MessageRing ring = new MessageRing();
    private long queuedBytes;
    private int queuedMessages;
    private boolean finishing;
    private boolean closed;
    private @Nullable Throwable failure;

    /** Owned by whoever claimed the drain word. */
    private final GatherWindow window;

    /** Owned likewise: a write was begun and not completed. */
    private boolean writePending;

    /** Creates a queue with {@link QueueLimits#DEFAULT}. */
    public SendQueue() {
        this(QueueLimits.DEFAULT);
    }

    /** Creates a queue with these limits. */
    public SendQueue(QueueLimits limits) {
        this.maxQueuedBytes = limits.maxQueuedBytes();
        this.maxQueuedMessages = limits.maxQueuedMessages();
        this.window = new GatherWindow(limits);
    }

    /**
     * Queues a message, with a reference of the queue's own; the caller keeps its reference and releases it as always.
     * Writes nothing: {@link #flush} does.
     *
     * @param message a sealed buffer that the caller holds a reference to. An empty one is accepted and has nothing to
     *     write
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public OfferResult offer(SendBuffer message) {
        int length = message.requireSealed();
        message.retain();
        boolean taken = false;
        try {
            OfferResult result = enqueue(message, length);
            taken = result == OfferResult.QUEUED && length > 0;
            return result;
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
        int length = message.requireSealed();
        OfferResult result = enqueue(message, length);
        if (length == 0 && result == OfferResult.QUEUED) {
            message.release();
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
        int pieces = batch.requireSealed();
        synchronized (lock) {
            if (closed || finishing) {
                return OfferResult.CLOSED;
            }
            if (batch.bytes() > maxQueuedBytes - queuedBytes
                    || pieces > maxQueuedMessages - queuedMessages
                    || batch.size() > maxQueuedMessages) {
                return OfferResult.REFUSED;
            }
            ring.addAll(batch.pieces(), pieces);
            queuedBytes += batch.bytes();
            queuedMessages += pieces;
            return OfferResult.QUEUED;
        }
    }

    /**
     * Queues a batch: all its messages, in one step, or none. The queue takes references of its own; the batch keeps
     * its.
     *
     * @return {@link OfferResult#REFUSED} if the whole of it would pass a limit. What was merged counts as one message,
     *     but a batch of more messages than the limit is refused always, merged or not
     * @throws IllegalStateException if the batch is not sealed
     */
    public OfferResult offer(SendBatch batch) {
        batch.retain(1);
        boolean taken = false;
        try {
            OfferResult result = offerRetained(batch);
            taken = result == OfferResult.QUEUED;
            return result;
        } finally {
            if (!taken) {
                batch.release(1);
            }
        }
    }

    private OfferResult enqueue(SendBuffer message, int length) {
        synchronized (lock) {
            if (closed || finishing) {
                return OfferResult.CLOSED;
            }
            if (length == 0) {
                return OfferResult.QUEUED;
            }
            if (length > maxQueuedBytes - queuedBytes || queuedMessages == maxQueuedMessages) {
                return OfferResult.REFUSED;
            }
            ring.add(message);
            queuedBytes += length;
            queuedMessages++;
            return OfferResult.QUEUED;
        }
    }

    /**
     * Drains the queue into a channel, if nobody else does at this moment.
     *
     * <p>An exception of the channel is not thrown on: it ends the queue, the result is {@link FlushResult#CLOSED} and
     * {@link #failure()} tells the cause. An {@link Error} ends the queue and is thrown.
     *
     * @param channel where to write; in non-blocking mode, unless the caller can wait
     */
    public FlushResult flush(GatheringByteChannel channel) {
        return flush(channel, Long.MAX_VALUE);
    }

    /**
     * Drains the queue into a channel as {@link #flush(GatheringByteChannel)} does, but for one turn: a receiver with a
     * huge backlog, or one to which others send faster than it is written, does not keep its drainer from the rest. If
     * the result is {@link FlushResult#MORE}, something is left and nobody drains; flush again soon.
     *
     * @param maxBytes no further write is begun once so many bytes were written, 1 or more; what is passed at most is
     *     one write
     */
    public FlushResult flush(GatheringByteChannel channel, long maxBytes) {
        if (!drainWord.casIdleToDraining()) {
            return drainWord.isEndingVolatile() ? FlushResult.CLOSED : FlushResult.BUSY;
        }
        FlushResult result;
        try {
            result = drain(channel, maxBytes);
        } catch (Exception e) {
            return endDrain(e);
        } catch (Throwable e) {
            endDrain(e);
            throw e;
        }
        return result == FlushResult.CLOSED ? endDrain(null) : result;
    }

    /**
     * Writes until nothing is left, the channel or the turn is full, or the end was asked for: CLOSED leaves that to
     * the caller.
     */
    private FlushResult drain(GatheringByteChannel channel, long maxBytes) throws IOException {
        long left = maxBytes;
        while (true) {
            FlushResult end = fillWindow();
            if (end != null) {
                return end;
            }
            if (left <= 0) {
                return stop(FlushResult.MORE);
            }
            if (!window.write(channel)) {
                return stop(FlushResult.BLOCKED);
            }
            left -= window.bytesOfWrite();
        }
    }

    /**
     * Begins a write that ends later, for channels that tell of the end later: asynchronous channels, completion
     * queues. Claims the drain if nobody has it, and gathers what is queued. If the result is not 0, the caller starts
     * one gathering write of that many of {@link #writeBuffers()}, and calls {@link #completeWrite} or
     * {@link #failWrite} when it ended, on any thread. Until then the buffers and the messages in them are the write's
     * alone: a close leaves them to the completion.
     *
     * <pre>{@code
     * int count = queue.beginWrite();                    // after an offer, any thread
     * if (count > 0) {
     *     channel.write(queue.writeBuffers(), 0, count, timeout, unit, queue, handler);
     * }                                                  // and in handler.completed: count = queue.completeWrite(written)
     * }</pre>
     *
     * @return how many buffers to write; 0 if there is nothing for the caller to do: nothing is queued, or another
     *     thread drains and takes it along; {@link #ENDED} if the queue ended: close the channel
     */
    public int beginWrite() {
        if (drainWord.casIdleToDraining()) {
            return gatherNextWrite();
        }
        return drainWord.isEndingVolatile() ? ENDED : 0;
    }

    /**
     * The buffers of the write that {@link #beginWrite} or {@link #completeWrite} asked for: as many of the array's
     * first elements as it said. Valid until that write is completed.
     */
    public ByteBuffer[] writeBuffers() {
        return window.entries();
    }

    /**
     * A write that was begun has ended. Releases what is out, and gathers what is left or was queued meanwhile: if the
     * result is not 0, the caller starts the next write at once, as after {@link #beginWrite}.
     *
     * @param written how many bytes the channel took, which may be fewer than it was given
     * @return how many buffers to write next; 0 if nothing is left; {@link #ENDED} if the queue ended: close the
     *     channel
     * @throws IllegalStateException if no write was begun
     */
    public int completeWrite(long written) {
        requireWritePending();
        try {
            window.completeWrite(written);
        } catch (IOException | RuntimeException e) {
            endDrain(e);
            return ENDED;
        }
        return gatherNextWrite();
    }

    /**
     * A write that was begun has failed. Ends the queue, with this cause: what went out is not known, so nothing can
     * follow it.
     *
     * @throws IllegalStateException if no write was begun
     */
    public void failWrite(Throwable cause) {
        requireWritePending();
        window.failWrite();
        endDrain(cause);
    }

    /**
     * Fills and gathers the window, or leaves the drain; from here to the caller's start of the write nothing is
     * shared.
     */
    private int gatherNextWrite() {
        FlushResult end;
        try {
            end = fillWindow();
        } catch (Throwable e) {
            endDrain(e); // an Error: nobody would ever leave the drain
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
            endDrain(e); // an Error: nothing was begun, so nobody would complete it
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

    /** Moves messages into the window; returns null if there is something to write, or what came of the drain. */
    private @Nullable FlushResult fillWindow() {
        synchronized (lock) {
            countOffWritten();
            if (!closed) {
                moveIntoWindow();
                if (!window.isEmpty()) {
                    return null;
                }
                ring.shrinkIfLittleUsed(); // while the drain is still ours: it may fail for want of memory
                if (!finishing && drainWord.casDrainingToIdle()) {
                    return FlushResult.DRAINED;
                }
            }
        }
        return FlushResult.CLOSED;
    }

    /** Leaves the drain with a rest. */
    private FlushResult stop(FlushResult why) {
        synchronized (lock) {
            countOffWritten();
        }
        return drainWord.casDrainingToIdle() ? why : FlushResult.CLOSED;
    }

    private void countOffWritten() {
        if (!closed) {
            queuedBytes -= window.takeCompletedBytes();
            queuedMessages -= window.takeCompletedMessages();
        }
    }

    private void moveIntoWindow() {
        while (window.hasRoom()) {
            SendBuffer message = ring.poll();
            if (message == null) {
                return;
            }
            window.add(message);
        }
    }

    /** Ends the queue from within the drain, which owns the window. */
    private FlushResult endDrain(@Nullable Throwable cause) {
        MessageRing rest = closeRing(cause);
        try {
            releaseAll(rest, true, cause);
        } finally {
            drainWord.setClosedVolatile();
        }
        return FlushResult.CLOSED;
    }

    /**
     * Accepts nothing more, and ends the queue in order: the flush, or the completion, that finds nothing left to write
     * says CLOSED or {@link #ENDED}, with no failure. So flush once more after this, or begin a write: if all is
     * written already, that ends it. Does nothing if the queue ended. Any thread; {@link #close()} ends it at once.
     */
    public void finish() {
        synchronized (lock) {
            finishing = true;
        }
    }

    /**
     * Ends the queue: what waits is released now; what another thread is writing at this moment, when that write
     * returned. Every later offer and flush says CLOSED. Does not close the channel. May be called at any time, by any
     * thread, more than once.
     */
    public void close() {
        MessageRing rest = closeRing(null);
        boolean windowIsOurs = drainWord.requestClose();
        releaseAll(rest, windowIsOurs, null);
    }

    /** Refuses every later offer, and takes out what waits. The first cause stays. */
    private MessageRing closeRing(@Nullable Throwable cause) {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                failure = cause;
            }
            MessageRing rest = ring;
            ring = MessageRing.NONE;
            queuedBytes = 0;
            queuedMessages = 0;
            return rest;
        }
    }

    /** Releases all, even if a buffer was released too often elsewhere: that is reported after the last one. */
    private void releaseAll(MessageRing rest, boolean withWindow, @Nullable Throwable cause) {
        IllegalStateException misuse = null;
        SendBuffer message;
        while ((message = withWindow ? window.poll() : null) != null || (message = rest.poll()) != null) {
            try {
                message.releaseUnwritten();
            } catch (IllegalStateException e) {
                misuse = e;
            }
        }
        if (misuse != null) {
            if (cause == null) {
                throw misuse;
            }
            cause.addSuppressed(misuse);
        }
    }

    /** Bytes that wait or are being written. */
    public long queuedBytes() {
        synchronized (lock) {
            return queuedBytes;
        }
    }

    /** Messages that wait or are being written; neighbors that a batch has merged are one. */
    public int queuedMessages() {
        synchronized (lock) {
            return queuedMessages;
        }
    }

    /** True after {@link #close()}, a failed write, or the last write after {@link #finish()}. */
    public boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** The exception of the channel that ended the queue; null if none did. */
    public @Nullable Throwable failure() {
        synchronized (lock) {
            return failure;
        }
    }
}
