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
 * <pre>{@code
 * Backlog          what a sender, a drainer, the end, and the pools do with it
 * ConflatingRing   messages that have a class, a key, or a time
 * LossyRing        what is dropped, and what expires
 * MeasuredRing     limits and watermarks
 * OrderedRing      the order among the logs that the receiver subscribes to
 * MessageRing      the messages
 * }</pre>
 *
 * <p>Is a ring, and not an object that has one, so that a thread that offers touches one object less. The ring's own
 * methods take no lock. After the {@link #end}, the ring belongs to the thread that has to empty it.
 */
final class Backlog extends ConflatingRing {
    /** How many messages are looked at for the oldest chunk that the ring keeps. */
    private static final int MAX_INSPECTED = 64;

    /** The keys whose values are asked for when the queue drains; null for most queues. Written once. */
    private volatile @Nullable MarkedKeys markedKeys;

    // Of the end, and seldom touched before.

    /** What goes out when nothing else is left; null if there is none, or the drainer has it. */
    private @Nullable SendBuffer farewell;

    private long unwrittenBytes;
    private int unwrittenMessages;
    private long lastBehind;
    private long lastStalledNanos;
    private long lastOldestNanos;
    private @Nullable Throwable failure;

    /** The pools that know this queue. */
    private List<ChunkStore> stores = List.of();

    /** It was asked to end for being slow, which happens once. */
    private boolean shed;

    /** How many threads are giving back what they took out at the end. */
    private int releasing;

    Backlog(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays) {
        super(limits, policy, arrays);
    }

    // ---- accepting

    /** Adds a message with the reference that came with it; an empty one is accepted and not added. */
    synchronized OfferResult offer(SendBuffer message, int length) {
        long bytes = queuedBytes + length;
        int messages = queuedMessages + 1;
        if (bytes > easyBytes || messages > easyMessages || length == 0) {
            return offerWithCare(message, length);
        }
        try {
            add(message);
        } catch (OutOfMemoryError e) {
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes = bytes;
        queuedMessages = messages;
        return OfferResult.QUEUED;
    }

    private OfferResult offerWithCare(SendBuffer message, int length) {
        if (acceptsNothing()) {
            return OfferResult.CLOSED;
        }
        if (length == 0) {
            return OfferResult.QUEUED;
        }
        if (!hasRoomFor(length, 1)) {
            return refusal(length, 1);
        }
        if (hasSubscriptions() && !noteOrder(1)) {
            return OfferResult.REFUSED_HEAP;
        }
        try {
            add(message);
        } catch (OutOfMemoryError e) {
            takeOrderBack(1);
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes += length;
        queuedMessages++;
        measureIfBeyond();
        return OfferResult.QUEUED;
    }

    /** Adds all pieces of a batch, with the references that came with them, or none. */
    synchronized OfferResult offer(SendBatch batch, int pieces) {
        long bytes = queuedBytes + batch.bytes();
        if (bytes > easyBytes || queuedMessages + batch.size() > easyMessages) {
            return offerWithCare(batch, pieces);
        }
        try {
            addAll(batch.pieces(), pieces);
        } catch (OutOfMemoryError e) {
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes = bytes;
        queuedMessages += pieces;
        return OfferResult.QUEUED;
    }

    private OfferResult offerWithCare(SendBatch batch, int pieces) {
        if (acceptsNothing()) {
            return OfferResult.CLOSED;
        }
        boolean isTooLarge = batch.size() > limits.maxQueuedMessages();
        if (isTooLarge || (pieces > 0 && !hasRoomFor(batch.bytes(), pieces))) {
            return refusal(batch.bytes(), batch.size());
        }
        if (pieces > 0 && hasSubscriptions() && !noteOrder(pieces)) {
            return OfferResult.REFUSED_HEAP;
        }
        try {
            addAll(batch.pieces(), pieces);
        } catch (OutOfMemoryError e) {
            takeOrderBack(pieces);
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes += batch.bytes();
        queuedMessages += pieces;
        measureIfBeyond();
        return OfferResult.QUEUED;
    }

    /** Accepts nothing more, of the logs neither. */
    synchronized void finish() {
        if (!finishing) {
            finishing = true;
            endMarks();
            endPressure();
            noteEnds();
        }
    }

    /**
     * Likewise, with a message that goes last, with the reference that came with it. It waits beside the ring: no limit
     * refuses it, and it needs no memory. An empty one is not kept.
     *
     * @return false if the queue accepts nothing more
     */
    synchronized boolean finish(SendBuffer last, int length) {
        if (acceptsNothing()) {
            return false;
        }
        if (length > 0) {
            farewell = last;
            hasFarewell = true;
            queuedBytes += length;
            queuedMessages++;
        }
        if (overrun != null) {
            overrun.putBack = false; // a notice that could not be made is asked for again: a message comes
        }
        finish();
        return true;
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
        if (attentive) {
            return fillOrLeaveWithCare(window, drainState);
        }
        SendBuffer message;
        while (window.hasRoom() && (message = poll()) != null) {
            window.add(message);
        }
        return window.isEmpty() ? leave(window, drainState) : null;
    }

    private @Nullable FlushResult fillOrLeaveWithCare(InFlightWindow window, DrainState drainState) {
        if (closed) {
            return FlushResult.CLOSED;
        }
        if (hasSubscriptions()) {
            return drainState.casDrainingToIdle() ? FlushResult.BUSY : FlushResult.CLOSED; // its reader drains it
        }
        if (isFarewellWritten(window)) {
            return FlushResult.CLOSED;
        }
        if (isTurnOfMessages(window)) {
            moveInOrder(window);
        }
        if (!window.isEmpty() || noticeDue || hasMarks()) {
            return null; // notices, and values, go before the next message; the caller makes them, under no lock
        }
        if (addFarewell(window)) {
            return null;
        }
        giveGrantBack();
        return leave(window, drainState);
    }

    /** Nothing else is left, so what goes last is next. False if there is no such message, or it was taken. */
    private boolean addFarewell(InFlightWindow window) {
        SendBuffer last = farewell;
        farewell = null;
        if (last != null) {
            window.add(last);
        }
        return last != null;
    }

    /** Then the queue is at its end, whatever was marked at the moment of its finish, or is due. */
    private boolean isFarewellWritten(InFlightWindow window) {
        return hasFarewell && farewell == null && window.isEmpty();
    }

    /** A write is one of messages or one of values. */
    private boolean isTurnOfMessages(InFlightWindow window) {
        MarkedKeys keys = markedKeys;
        return keys == null || (values == 0 && (!keys.any || (window.isEmpty() && keys.isTurnOfMessages(!isEmpty()))));
    }

    private FlushResult leave(InFlightWindow window, DrainState drainState) {
        shrinkIfLittleUsed(); // while the drain is still the caller's: it may fail for want of memory
        window.nothingWaitsOpaque();
        return !finishing && drainState.casDrainingToIdle() ? FlushResult.DRAINED : FlushResult.CLOSED;
    }

    // ---- for a drainer that writes logs as well

    /** Moves messages into the window that may be written before the log's next one. False if the queue is to end. */
    synchronized boolean fillInOrder(InFlightWindow window) {
        countOffWritten(window);
        if (closed || isFarewellWritten(window)) {
            return false;
        }
        if (isTurnOfMessages(window)) {
            moveInOrder(window);
        }
        return true;
    }

    private void moveInOrder(InFlightWindow window) {
        boolean mayExpire = expiring;
        long gap = gapNumber();
        SendBuffer message;
        while (!isEmpty()
                && !noticeDue
                && firstNumber() < gap
                && !(mayExpire && isFirstExpired())
                && mayBeWritten()
                && window.hasRoom()
                && (message = pollInOrder()) != null) {
            window.add(message);
        }
        noticeIfReached(gap);
        if (mayExpire && isEmpty()) {
            expiring = false;
            lookBeyond();
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
        if (!window.isEmpty() || noticeDue || hasMarks()) {
            return null;
        }
        if (isEmpty()) {
            giveGrantBack();
        }
        shrinkIfLittleUsed();
        noteWhetherAnyWaits(window);
        if (finishing && isEmpty() && areLogsWritten()) {
            return addFarewell(window) ? null : FlushResult.CLOSED;
        }
        return drainState.casDrainingToIdle() ? FlushResult.DRAINED : FlushResult.CLOSED;
    }

    /** True if the queue finishes and all is written, without a drain. By the thread that writes its logs. */
    synchronized boolean isWrittenToTheEnd() {
        return finishing && queuedMessages == 0 && !noticeDue && !hasMarks() && areLogsWritten();
    }

    /** True if a drain would find something, in a log perhaps. */
    synchronized boolean hasWork() {
        return queuedMessages > 0 || noticeDue || hasMarks() || hasSubscriptions();
    }

    /** Likewise, in a log only if it has something for its subscriber. By the thread that serves the logs' readers. */
    synchronized boolean hasAnythingToWrite() {
        boolean has = queuedMessages > 0 || noticeDue || hasMarks();
        for (Subscription cursor = subscriptions(); cursor != null && !has; cursor = after(cursor)) {
            has = cursor.isBehind() || LogWriter.hasRest(cursor);
        }
        return has;
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
        if (acceptsNothing()) {
            return false;
        }
        addSubscription(cursor);
        lookBeyond();
        return true;
    }

    synchronized void detach(Subscription cursor) {
        removeSubscription(cursor);
        lookBeyond();
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
        if (closed) {
            return;
        }
        int messages = window.takeCompletedMessages();
        queuedBytes -= window.takeCompletedBytes();
        queuedMessages -= messages;
        writtenMessages += messages;
        if (attentive) {
            noteWritten(messages);
        }
    }

    private void noteWritten(int messages) {
        int ofQueue = messages;
        if (values > 0) {
            values -= messages;
            ofQueue = 0;
        }
        if (overrun != null) {
            overrun.written(ofQueue);
            if (isEmpty()) {
                overrun.conflater.ringIsEmpty();
            }
        }
        measure();
    }

    // ---- values that are asked for when the queue drains

    /** False if the queue has a source already. */
    synchronized boolean pullFrom(MarkedKeys keys) {
        boolean isNew = markedKeys == null;
        if (isNew) {
            keys.over = closed || finishing;
            markedKeys = keys;
            pulling = true;
            lookBeyond();
        }
        return isNew;
    }

    @Nullable
    MarkedKeys markedKeys() {
        return markedKeys;
    }

    /** A value is perhaps to be asked for. A drainer looks once more when it has left the drain. */
    boolean hasMarks() {
        MarkedKeys keys = markedKeys;
        return keys != null && keys.any;
    }

    /** What is marked from now on is not sent. */
    private void endMarks() {
        MarkedKeys keys = markedKeys;
        if (keys != null) {
            keys.over = true;
        }
    }

    synchronized long insertedBytes() {
        return insertedBytes;
    }

    /** See {@link SendQueue#bytesToTheEnd}. What a write has completed is counted off when the drainer says so. */
    synchronized long bytesToTheEnd(InFlightWindow window) {
        return window.writtenOpaque() + queuedBytes - insertedBytes;
    }

    /** The drainer has put values into its window, whatever the limits. False if the queue ended meanwhile. */
    synchronized boolean countValues(MarkedKeys keys, long bytes, int messages) {
        keys.valuesHadTheirTurn();
        if (!closed) {
            queuedBytes += bytes;
            insertedBytes += bytes;
            queuedMessages += messages;
            values = messages;
            measureIfBeyond();
        }
        return !closed;
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
            endMarks();
            failure = cause;
            endPressure();
            if (overrun != null) {
                overrun.conflater.giveUpTable();
            }
            unwrittenBytes = queuedBytes;
            unwrittenMessages = queuedMessages;
        }
        if (drained != null) { // what its last write took is not counted off yet
            int messages = drained.takeCompletedMessages();
            unwrittenBytes -= drained.takeCompletedBytes();
            unwrittenMessages -= messages;
            writtenMessages += messages;
        }
        releasing++;
        queuedBytes = 0;
        queuedMessages = 0;
        return isFirst;
    }

    /** Before the end: how far behind the queue is. The first thread that ends it has the last word. */
    synchronized void noteLast(long bytesBehind, long stalledNanos, long oldestNanos) {
        if (!closed) {
            lastBehind = bytesBehind;
            lastStalledNanos = stalledNanos;
            lastOldestNanos = oldestNanos;
        }
    }

    /** What goes last, while it waits for that; null if there is no such message. Under the lock. */
    @Nullable
    SendBuffer farewell() {
        return farewell;
    }

    /** After the end, for the thread that has to release what waits: takes the next one out. */
    @Nullable
    SendBuffer pollUnwritten() {
        SendBuffer message = poll();
        if (message == null) {
            message = farewell;
            farewell = null;
        }
        return message;
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

    /** The last one that the queue became known to; null if there is none. */
    @Nullable
    ChunkStore storePlain() {
        return store;
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
        for (int i = 0; i < MAX_INSPECTED && i < places() && !closed; i++) {
            message = peek(i);
            if (message != null && message.chunk().store == of) {
                oldest = Math.min(oldest, message.chunk().ageOpaque());
            }
        }
        SendBuffer last = farewell;
        if (last != null && last.chunk().store == of && !closed) {
            oldest = Math.min(oldest, last.chunk().ageOpaque());
        }
        return oldest;
    }

    /**
     * How long the oldest message has waited at most: no longer than since its chunk was handed out, or since a clock
     * looked that did not see it yet.
     *
     * @param ofWindow the first one of those in the drainer's window, 0 if there is none: it may be a value or a
     *     notice, and younger than those that wait here
     */
    synchronized long oldestNanos(long nowNanos, long ofWindow) {
        if (closed || queuedMessages == 0) {
            return 0;
        }
        long nanos = Math.max(0, ofWindow);
        SendBuffer first = null;
        for (int i = 0; i < places() && first == null; i++) {
            first = peek(i);
        }
        if (first == null) {
            first = farewell;
        }
        if (first != null) {
            nanos = Math.max(nanos, nowNanos - first.chunk().sinceNanosOpaque());
        }
        return overrun == null || values > 0 ? nanos : Math.min(nanos, overrun.oldestNanosAtMost(nowNanos));
    }

    // ---- what is said of it

    /** All that is counted here. */
    synchronized QueueStats stats(long bytesBehind, long stalledNanos, long oldestNanos, long writtenBytes) {
        return new QueueStats(
                queuedBytes,
                queuedMessages,
                closed ? lastBehind : bytesBehind,
                closed ? lastStalledNanos : stalledNanos,
                closed ? lastOldestNanos : oldestNanos,
                writtenBytes,
                writtenMessages,
                refused(),
                droppedByReason(),
                droppedBytes(),
                conflatedMessages(),
                markedKeys == null ? 0 : markedKeys.conflatedOpaque(),
                expiredMessages(),
                unwrittenMessages,
                unwrittenBytes,
                !high,
                closed);
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
