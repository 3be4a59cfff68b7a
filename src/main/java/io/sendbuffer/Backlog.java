/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a queue has accepted and not written, within the queue's limits, and whether it accepts more: all that the
 * queue's lock guards. The lock is this object's monitor; it is never held while the channel or a release is called.
 *
 * <p>Is a ring, and not an object that has one, so that a thread that offers touches one object less. The ring's own
 * methods take no lock. After the {@link #end}, the ring belongs to the thread that has to empty it.
 */
final class Backlog extends OrderedRing {
    /** How many messages are looked at for the oldest chunk that the ring keeps. */
    private static final int MAX_INSPECTED = 64;

    private final long maxQueuedBytes;
    private final int maxQueuedMessages;

    // Guarded by the lock, as all that follows. Counted until written, not until taken into the window.
    private long queuedBytes;
    private int queuedMessages;

    private long unwrittenBytes;
    private int unwrittenMessages;
    private boolean finishing;
    private boolean closed;
    private @Nullable Throwable failure;

    /** The pool that the last message came from: most queues know only one. A hint, see {@link #isKnownTo}. */
    private @Nullable ChunkStore store;

    /** The pools that know this queue. */
    private List<ChunkStore> stores = List.of();

    /** It was asked to end for being slow, which happens once. */
    private boolean shed;

    /** How many threads are giving back what they took out at the end. */
    private int releasing;

    Backlog(QueueLimits limits, QueueArrays arrays) {
        super(arrays);
        this.maxQueuedBytes = limits.maxQueuedBytes();
        this.maxQueuedMessages = limits.maxQueuedMessages();
    }

    // ---- accepting

    /** Adds a message with the reference that came with it; an empty one is accepted and not added. */
    synchronized OfferResult offer(SendBuffer message, int length) {
        if (closed || finishing) {
            return OfferResult.CLOSED;
        }
        if (length == 0) {
            return OfferResult.QUEUED;
        }
        if (length > maxQueuedBytes - queuedBytes || queuedMessages == maxQueuedMessages) {
            return refusal(length > maxQueuedBytes);
        }
        if (hasSubscriptions() && !noteOrder(1)) {
            return OfferResult.REFUSED;
        }
        try {
            add(message);
        } catch (OutOfMemoryError e) {
            takeOrderBack(1);
            return OfferResult.REFUSED;
        }
        queuedBytes += length;
        queuedMessages++;
        return OfferResult.QUEUED;
    }

    /** Adds all pieces of a batch, with the references that came with them, or none. */
    synchronized OfferResult offer(SendBatch batch, int pieces) {
        if (closed || finishing) {
            return OfferResult.CLOSED;
        }
        if (batch.bytes() > maxQueuedBytes - queuedBytes
                || pieces > maxQueuedMessages - queuedMessages
                || batch.size() > maxQueuedMessages) {
            return refusal(batch.bytes() > maxQueuedBytes || batch.size() > maxQueuedMessages);
        }
        if (pieces > 0 && hasSubscriptions() && !noteOrder(pieces)) {
            return OfferResult.REFUSED;
        }
        try {
            addAll(batch.pieces(), pieces);
        } catch (OutOfMemoryError e) {
            takeOrderBack(pieces);
            return OfferResult.REFUSED;
        }
        queuedBytes += batch.bytes();
        queuedMessages += pieces;
        return OfferResult.QUEUED;
    }

    private static OfferResult refusal(boolean forever) {
        return forever ? OfferResult.TOO_LARGE : OfferResult.REFUSED;
    }

    /** Accepts nothing more, of the logs neither. */
    synchronized void finish() {
        if (!finishing) {
            finishing = true;
            noteEnds();
        }
    }

    // ---- for the drainer

    /**
     * Moves messages into the drainer's window. If there are none and the queue does not finish, leaves the drain,
     * under the lock: an offer or a finish comes before that and is found, or comes after it and finds no drainer.
     *
     * @return null if there is something to write, or the outcome of the drain
     */
    @Nullable
    synchronized FlushResult fillOrLeave(InFlightWindow window, DrainState drainState) {
        countOffWritten(window);
        if (hasSubscriptions() && !closed) {
            return drainState.casDrainingToIdle() ? FlushResult.BUSY : FlushResult.CLOSED; // its reader drains it
        }
        if (!closed) {
            moveInto(window);
            if (!window.isEmpty()) {
                return null;
            }
            shrinkIfLittleUsed(); // while the drain is still the caller's: it may fail for want of memory
            window.nothingWaitsOpaque();
            if (!finishing && drainState.casDrainingToIdle()) {
                return FlushResult.DRAINED;
            }
        }
        return FlushResult.CLOSED;
    }

    private void moveInto(InFlightWindow window) {
        SendBuffer message;
        while (!isEmpty() && window.hasRoom() && (message = poll()) != null) {
            window.add(message);
        }
    }

    // ---- for a drainer that writes logs as well

    /** Moves messages into the window that may be written before the log's next one. False if the queue is closed. */
    synchronized boolean fillInOrder(InFlightWindow window) {
        countOffWritten(window);
        if (!closed) {
            moveInOrder(window);
        }
        return !closed;
    }

    private void moveInOrder(InFlightWindow window) {
        SendBuffer message;
        while (!isEmpty() && mayBeWritten() && window.hasRoom() && (message = poll()) != null) {
            window.add(message);
            noteTaken();
        }
    }

    /** As {@link #fillOrLeave}: what the reader has not seen of the logs it will be served. */
    @Nullable
    synchronized FlushResult leaveInOrder(InFlightWindow window, DrainState drainState) {
        countOffWritten(window);
        if (closed) {
            return FlushResult.CLOSED;
        }
        moveInOrder(window);
        if (!window.isEmpty()) {
            return null;
        }
        shrinkIfLittleUsed();
        noteWhetherAnyWaits(window);
        if (finishing && isEmpty() && areLogsWritten()) {
            return FlushResult.CLOSED;
        }
        return drainState.casDrainingToIdle() ? FlushResult.DRAINED : FlushResult.CLOSED;
    }

    /** True if the queue finishes and all is written, without a drain. By the thread that writes its logs. */
    synchronized boolean isWrittenToTheEnd() {
        return finishing && queuedMessages == 0 && areLogsWritten();
    }

    /** How far a cursor may read. By the thread that writes the log; see {@link LogDrain}. */
    long limitOf(Subscription cursor) {
        return cursor.inserts() == null ? Long.MAX_VALUE : lockedLimitOf(cursor);
    }

    /** Whether what is inserted for a cursor may be written. By the same thread. */
    synchronized boolean mayInsert(Subscription cursor) {
        return mayBeInserted(cursor);
    }

    private synchronized long lockedLimitOf(Subscription cursor) {
        return limitOf(cursor, finishing);
    }

    // ---- subscriptions

    /** False if the queue accepts nothing more. */
    synchronized boolean attach(Subscription cursor) {
        if (closed || finishing) {
            return false;
        }
        addSubscription(cursor);
        return true;
    }

    synchronized void detach(Subscription cursor) {
        removeSubscription(cursor);
    }

    synchronized Inserts insertsOf(Subscription cursor) {
        return cursor.needInserts();
    }

    // ---- counting off

    /** Counts off what the drainer has written, before it leaves the drain with a rest. */
    synchronized void countOff(InFlightWindow window) {
        countOffWritten(window);
        if (window.isEmpty()) { // it is the rest of a log's message
            noteWhetherAnyWaits(window);
        }
    }

    /** For the pools: messages may wait for a log, though none is in the window. */
    private void noteWhetherAnyWaits(InFlightWindow window) {
        SendBuffer first = closed ? null : peek(0);
        if (first == null) {
            window.nothingWaitsOpaque();
        } else {
            window.waitsOpaque(first.chunk());
        }
    }

    private void countOffWritten(InFlightWindow window) {
        if (!closed) {
            queuedBytes -= window.takeCompletedBytes();
            queuedMessages -= window.takeCompletedMessages();
        }
    }

    // ---- the end

    /**
     * Refuses every later offer. The first cause stays. The caller calls {@link #allCameBack} when it has released what
     * it took.
     *
     * @param drained the window of the drainer if it is the caller; null for any other thread
     * @return true for the one caller that takes out and releases what waits in the ring
     */
    synchronized boolean end(@Nullable Throwable cause, @Nullable InFlightWindow drained) {
        boolean isFirst = !closed;
        if (isFirst) {
            closed = true;
            failure = cause;
            unwrittenBytes = queuedBytes;
            unwrittenMessages = queuedMessages;
        }
        if (drained != null) { // what its last write took is not counted off yet
            unwrittenBytes -= drained.takeCompletedBytes();
            unwrittenMessages -= drained.takeCompletedMessages();
        }
        releasing++;
        queuedBytes = 0;
        queuedMessages = 0;
        return isFirst;
    }

    /** A thread that called {@link #end} has released what it took. */
    synchronized void allCameBack() {
        releasing--;
    }

    /** True after the end, when all that waited has been released. */
    synchronized boolean hasReleasedAll() {
        return closed && releasing == 0;
    }

    /** True for the one search that may ask the queue to end for being slow. */
    synchronized boolean claimShed() {
        if (shed || closed) {
            return false;
        }
        shed = true;
        return true;
    }

    /** The queue did not end: the next search finds it again. */
    synchronized void giveUpShed() {
        shed = false;
    }

    synchronized boolean isShed() {
        return shed;
    }

    // ---- the pools that its messages are of

    /** A hint: a store that is read here is known or closed; of any other, {@link #addStore} decides. */
    boolean isKnownTo(ChunkStore of) {
        return of == store;
    }

    /** True for the one caller that has to make the queue known. */
    synchronized boolean addStore(ChunkStore of) {
        // A closed pool has no shortage.
        boolean isNew = !stores.contains(of) && !of.isClosedVolatile();
        if (isNew) {
            if (stores.isEmpty()) {
                stores = new ArrayList<>(1); // many queues never get a message
            } else {
                stores.removeIf(ChunkStore::isClosedVolatile); // a queue may outlive many pools
            }
            stores.add(of);
        }
        store = of;
        return isNew;
    }

    /** The queue could not be made known. */
    synchronized void removeStore(ChunkStore of) {
        store = null;
        if (stores.contains(of)) { // or else there was no memory for the list either
            stores.remove(of);
        }
    }

    /** The age of the oldest chunk among those of the first messages, see {@link Holder#oldestAge}. */
    synchronized long oldestAge(ChunkStore of) {
        long oldest = Chunk.CURRENT;
        SendBuffer message;
        for (int i = 0; i < MAX_INSPECTED && !closed && (message = peek(i)) != null; i++) {
            if (message.chunk().store == of) {
                oldest = Math.min(oldest, message.chunk().ageOpaque());
            }
        }
        return oldest;
    }

    // ---- what is said of it

    synchronized long queuedBytes() {
        return queuedBytes;
    }

    synchronized int queuedMessages() {
        return queuedMessages;
    }

    synchronized long unwrittenBytes() {
        return unwrittenBytes;
    }

    synchronized int unwrittenMessages() {
        return unwrittenMessages;
    }

    synchronized boolean isFinishing() {
        return finishing;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Nullable
    synchronized Throwable failure() {
        return failure;
    }
}
