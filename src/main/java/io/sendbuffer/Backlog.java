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

    /** What each queue may hold within its limits, however little its pool has left. */
    static final long GUARANTEED_BYTES = 64 << 10;

    /** Beyond that, the pool's share is looked at again whenever this much more waits. */
    private static final long GRANT_BYTES = 64 << 10;

    // Written under the lock, read by any thread: what an offer, a flush and a clock look at without it.

    /** A mark was passed, and no thread has noticed yet that the owner is to be notified. */
    volatile boolean pressureIsNew;

    /** There is a change that the owner has not taken. */
    private volatile boolean pressureIsDue;

    /** Before the next message, what has expired is to be dropped, or a notice of what was lost to be made. */
    private volatile boolean noticeDue;

    /** A message waits that may expire. */
    private volatile boolean expiring;

    /** There is a limit with a time, so that a clock is to take the lock and look. */
    private volatile boolean timed;

    /** The queue holds more than its watermarks allow, or has ended. */
    private volatile boolean high;

    // Guarded by the lock, as all that follows.

    /** Made when a mark is passed first: most queues never do, and many queues are in use. */
    private @Nullable Pressure pressure;

    /** Made for a policy, or limits, that need it. Without it, the queue holds. */
    private @Nullable Overrun overrun;

    private QueueLimits limits;

    /** What is queued is to be measured when it is more than this. */
    private long bytesToMeasure;

    private int messagesToMeasure;

    /** Or less than before. */
    private boolean attentive;

    /** What is granted of the limit so far; 0 while a limit with a time is passed and the queue holds. */
    private long maxQueuedBytes;

    private int maxQueuedMessages;

    // Counted until written, not until taken into the window.
    private long queuedBytes;
    private int queuedMessages;

    private long writtenMessages;
    private long refusedMessages;
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

    Backlog(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays) {
        super(arrays);
        this.limits = limits;
        this.maxQueuedBytes = Math.min(limits.maxQueuedBytes(), GUARANTEED_BYTES);
        this.maxQueuedMessages = limits.maxQueuedMessages();
        this.timed = limits.isTimed();
        this.bytesToMeasure = Pressure.leastBytesToMeasure(limits);
        this.messagesToMeasure = Pressure.leastMessagesToMeasure(limits);
        if (timed || policy != OverrunPolicy.hold()) {
            overrun = new Overrun(policy, limits);
            lookBeyond();
        }
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
        if (closed || finishing) {
            return OfferResult.CLOSED;
        }
        if (batch.size() > maxQueuedMessages || (pieces > 0 && !hasRoomFor(batch.bytes(), pieces))) {
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

    private boolean hasRoomFor(long bytes, int messages) {
        return (bytes <= maxQueuedBytes - queuedBytes || grant(bytes))
                && messages <= maxQueuedMessages - queuedMessages;
    }

    /** What was granted is used up: grants more, if the limit and the pool's share allow it. */
    private boolean grant(long bytes) {
        long needed = queuedBytes + bytes;
        if (!isWithinLimit(bytes) || refusing() != null) {
            return false;
        }
        ChunkStore pool = store;
        boolean isGuaranteed = needed <= GUARANTEED_BYTES || queuedBytes == 0;
        if (!isGuaranteed && pool != null && needed > pool.queueShareOpaque()) {
            return false;
        }
        maxQueuedBytes = Math.min(limits.maxQueuedBytes(), needed + GRANT_BYTES);
        return true;
    }

    private boolean isWithinLimit(long bytes) {
        return bytes <= limits.maxQueuedBytes() - queuedBytes;
    }

    /** What was granted counts for this backlog. */
    private void giveGrantBack() {
        if (maxQueuedBytes > GUARANTEED_BYTES) {
            maxQueuedBytes = GUARANTEED_BYTES;
        }
    }

    private OfferResult refusal(long bytes, int messages) {
        refusedMessages++;
        if (bytes > limits.maxQueuedBytes() || messages > maxQueuedMessages) {
            return OfferResult.TOO_LARGE;
        }
        OfferResult why = whyFull(bytes, messages);
        long most = why == OfferResult.REFUSED_BUDGET ? GUARANTEED_BYTES : limits.maxQueuedBytes();
        boolean isNoted = riseFor(most - bytes, maxQueuedMessages - messages);
        return isNoted ? why : OfferResult.REFUSED_HEAP;
    }

    private OfferResult whyFull(long bytes, int messages) {
        OfferResult overdue = refusing();
        if (overdue != null) {
            return overdue;
        }
        if (!isWithinLimit(bytes)) {
            return OfferResult.REFUSED_BYTES;
        }
        boolean isBudget = messages <= maxQueuedMessages - queuedMessages;
        return isBudget ? OfferResult.REFUSED_BUDGET : OfferResult.REFUSED_MESSAGES;
    }

    /**
     * Something was refused, and has room when no more than this waits. False if there is no memory to note that:
     * nothing would say when to try again.
     */
    private boolean riseFor(long bytesLeft, int messagesLeft) {
        Pressure measured = pressureIfPossible();
        if (measured != null && measured.refused(bytesLeft, messagesLeft)) {
            lookBeyond();
            pressureIsNew = true;
        }
        return measured != null || closed || finishing;
    }

    // ---- accepting messages that have attributes: class, then key, then limits

    /**
     * Adds a message that has attributes, with the reference that came with it, or has it replace an older one of its
     * key.
     *
     * @return the older {@link SendBuffer}, with the queue's reference to it, which the caller releases under no lock:
     *     then the message is queued; or the {@link OfferResult} where it replaced none
     */
    synchronized Object offerAttributed(SendBuffer message, int length) {
        if (closed || finishing) {
            return OfferResult.CLOSED;
        }
        if (length == 0) {
            return OfferResult.QUEUED;
        }
        Overrun ours = overrun;
        if (ours == null && (message.expires() || (message.isKeyed() && !isEmpty()))) {
            ours = overrunIfPossible();
            if (ours == null) {
                return OfferResult.REFUSED_HEAP;
            }
        }
        long number = ours == null ? KeyPlaces.NONE : ours.conflater.find(this, message);
        SendBuffer older = number == KeyPlaces.NONE ? null : at(number);
        OfferResult refusal = refusalOf(message, length, older);
        if (refusal != null) {
            return refusal;
        }
        if (ours == null || older == null) {
            return addAttributed(message, length, ours);
        }
        if (ours.conflater.kind() == Conflation.Kind.IN_PLACE) {
            return putInPlace(message, length, number, ours);
        }
        OfferResult result = addAttributed(message, length, ours);
        return result == OfferResult.QUEUED ? removeConflated(number, ours) : result;
    }

    /**
     * Adds what the conflation of this queue leaves of a batch whose messages have attributes, with the references that
     * came with it, or none. What is replaced is in {@link BatchAttributes#replaced} then, for the caller to release
     * under no lock.
     */
    synchronized OfferResult offerAttributed(SendBatch batch, BatchAttributes attributes) {
        if (closed || finishing) {
            return OfferResult.CLOSED;
        }
        if (attributes.areExpendable() && high) {
            return OfferResult.REFUSED_EXPENDABLE;
        }
        Overrun ours = overrun;
        if (ours == null && attributes.concernsOverrun(isEmpty())) {
            ours = overrunIfPossible();
            if (ours == null) {
                return OfferResult.REFUSED_HEAP;
            }
        }
        Conflation.Kind kind = ours == null ? Conflation.Kind.OFF : ours.conflater.kind();
        BatchAttributes.Pieces pieces = attributes.piecesFor(kind);
        boolean conflates = attributes.mayConflate() && kind != Conflation.Kind.OFF;
        int found = conflates && ours != null ? find(pieces, attributes.numbers, ours) : 0;
        long foundBytes = 0;
        for (int i = 0; found > 0 && i < pieces.count; i++) {
            long number = attributes.numbers[i];
            foundBytes += number == KeyPlaces.NONE ? 0 : waitingAt(number).sealedLength();
        }
        OfferResult refusal =
                refusalOf(batch, attributes.areControl(), pieces, pieces.bytes - foundBytes, pieces.count - found);
        if (refusal != null) {
            return refusal;
        }
        if (found > 0) {
            StackRoom.require();
        }
        boolean isInPlace = kind == Conflation.Kind.IN_PLACE && found > 0;
        if (!addAttributed(pieces, isInPlace ? attributes.numbers : null, attributes.added, ours)) {
            return OfferResult.REFUSED_HEAP;
        }
        expiring |= attributes.anyExpires();
        if (ours != null && found > 0) {
            replaceAll(pieces, attributes, isInPlace, ours);
        }
        if (conflates && ours != null) {
            giveRepeatedBack(attributes, ours);
        }
        measureAnyway();
        return OfferResult.QUEUED;
    }

    /** Notes for each piece what it is to replace. Returns how many replace anything. */
    private int find(BatchAttributes.Pieces pieces, long[] numbers, Overrun ours) {
        int found = 0;
        for (int i = 0; i < pieces.count; i++) {
            numbers[i] = ours.conflater.find(this, there(pieces.messages[i]));
            found += numbers[i] == KeyPlaces.NONE ? 0 : 1;
        }
        return found;
    }

    /** Null if what the batch adds, less what it replaces, has room. */
    private @Nullable OfferResult refusalOf(
            SendBatch batch, boolean isControl, BatchAttributes.Pieces pieces, long bytes, int messages) {
        int most = isControl ? limits.maxMessagesWithControl() : maxQueuedMessages;
        if (batch.size() > most) {
            return OfferResult.TOO_LARGE;
        }
        if (bytes <= 0 && messages <= 0) {
            return null;
        }
        if (isControl) {
            return hasRoomForControl(bytes, messages) ? null : refusalOfControl(pieces.bytes, pieces.count);
        }
        return hasRoomFor(bytes, messages) ? null : refusal(pieces.bytes, pieces.count);
    }

    /** Adds the pieces behind all others, but for those that have a number; or in case of an Error none. */
    private boolean addAttributed(
            BatchAttributes.Pieces pieces,
            long @Nullable [] numbers,
            BatchAttributes.Pieces added,
            @Nullable Overrun ours) {
        added.reset();
        for (int i = 0; i < pieces.count; i++) {
            if (numbers == null || numbers[i] == KeyPlaces.NONE) {
                SendBuffer message = there(pieces.messages[i]);
                added.add(message, message.sealedLength());
            }
        }
        if (added.count == 0) {
            return true;
        }
        if (hasSubscriptions() && !noteOrder(added.count)) {
            return false;
        }
        long number = nextNumber();
        if (!addAllIfPossible(added)) {
            takeOrderBack(added.count);
            return false;
        }
        queuedBytes += added.bytes;
        queuedMessages += added.count;
        for (int i = 0; ours != null && i < added.count; i++) {
            ours.conflater.added(this, there(added.messages[i]), number + i);
        }
        attentive |= ours != null && ours.conflater.hasTable();
        return true;
    }

    private boolean addAllIfPossible(BatchAttributes.Pieces added) {
        try {
            addAll(added.messages, added.count);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private void replaceAll(
            BatchAttributes.Pieces pieces, BatchAttributes attributes, boolean isInPlace, Overrun ours) {
        boolean isNoticed = ours.notice() != null;
        for (int i = 0; i < pieces.count; i++) {
            long number = attributes.numbers[i];
            if (number != KeyPlaces.NONE) {
                SendBuffer piece = there(pieces.messages[i]);
                SendBuffer older = there(isInPlace ? replace(number, piece) : remove(number));
                int olderLength = older.sealedLength();
                queuedBytes += (isInPlace ? piece.sealedLength() : 0) - olderLength;
                queuedMessages -= isInPlace ? 0 : 1;
                attributes.replaced.add(older, olderLength);
                countConflated(olderLength, number, isNoticed, ours);
            }
        }
        compactIfSparse(ours);
    }

    private void giveRepeatedBack(BatchAttributes attributes, Overrun ours) {
        boolean isNoticed = ours.notice() != null;
        long number = nextNumber() - Math.max(1, attributes.added.count); // what replaces them is there, or before it
        for (int i = 0; i < attributes.repeated.count; i++) {
            SendBuffer repeated = there(attributes.repeated.messages[i]);
            attributes.replaced.add(repeated, repeated.sealedLength());
            countConflated(repeated.sealedLength(), number, isNoticed, ours);
        }
    }

    private @Nullable Overrun overrunIfPossible() {
        try {
            return overrunOfOurs();
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    /** Null if it is to be queued: in the place of an older one, it takes what it is larger, and no more messages. */
    private @Nullable OfferResult refusalOf(SendBuffer message, int length, @Nullable SendBuffer older) {
        long bytes = older == null ? length : (long) length - older.sealedLength();
        if (older != null && bytes <= 0) {
            return null;
        }
        if (older == null && message.isExpendable() && high) {
            return OfferResult.REFUSED_EXPENDABLE;
        }
        int messages = older == null ? 1 : 0;
        if (!message.isControl()) {
            return hasRoomFor(bytes, messages) ? null : refusal(length, messages);
        }
        return hasRoomForControl(bytes, messages) ? null : refusalOfControl(length, messages);
    }

    private boolean hasRoomForControl(long bytes, int messages) {
        return bytes <= limits.maxBytesWithControl() - queuedBytes
                && messages <= limits.maxMessagesWithControl() - queuedMessages;
    }

    private OfferResult refusalOfControl(long bytes, int messages) {
        long bytesLeft = limits.maxBytesWithControl() - bytes;
        int messagesLeft = limits.maxMessagesWithControl() - messages;
        if (bytesLeft < 0 || messagesLeft < 0) {
            return OfferResult.TOO_LARGE;
        }
        if (!riseFor(bytesLeft, messagesLeft)) {
            return OfferResult.REFUSED_HEAP;
        }
        return queuedBytes > bytesLeft ? OfferResult.REFUSED_BYTES : OfferResult.REFUSED_MESSAGES;
    }

    private OfferResult addAttributed(SendBuffer message, int length, @Nullable Overrun ours) {
        boolean expires = message.expires();
        if (hasSubscriptions() && !noteOrder(1)) {
            return OfferResult.REFUSED_HEAP;
        }
        if (!addIfPossible(message)) {
            takeOrderBack(1);
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes += length;
        queuedMessages++;
        expiring |= expires;
        if (ours != null) {
            ours.conflater.added(this, message, nextNumber() - 1);
            attentive |= ours.conflater.hasTable();
        }
        measureIfBeyond();
        return OfferResult.QUEUED;
    }

    private boolean addIfPossible(SendBuffer message) {
        try {
            add(message);
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private SendBuffer putInPlace(SendBuffer message, int length, long number, Overrun ours) {
        boolean expires = message.expires();
        boolean isNoticed = ours.notice() != null;
        int olderLength = waitingAt(number).sealedLength();
        SendBuffer older = replace(number, message);
        // Up to here nothing has changed if the stack ends; from here on nothing is called until all is counted.
        queuedBytes += length - olderLength;
        expiring |= expires;
        countConflated(olderLength, number, isNoticed, ours);
        measureAnyway();
        return there(older);
    }

    /** The newer message is behind it in the ring, and counted. */
    private SendBuffer removeConflated(long number, Overrun ours) {
        boolean isNoticed = ours.notice() != null;
        int olderLength = waitingAt(number).sealedLength();
        SendBuffer older = remove(number);
        queuedBytes -= olderLength;
        queuedMessages--;
        countConflated(olderLength, number, isNoticed, ours);
        compactIfSparse(ours);
        measureAnyway();
        return there(older);
    }

    private void countConflated(int olderLength, long number, boolean isNoticed, Overrun ours) {
        ours.conflatedMessages++;
        if (isNoticed) {
            ours.gapMessages++;
            ours.gapBytes += olderLength;
            ours.gapConflated++;
            if (number < ours.gapNumber) {
                ours.gapNumber = number;
            }
            attentive = true; // for the drainer, that comes to the number
        }
    }

    private void compactIfSparse(Overrun ours) {
        if (isSparse()) {
            ours.forgetHoles(this);
            compactInOrder();
            ours.conflater.renumbered(this);
        }
    }

    private SendBuffer waitingAt(long number) {
        return there(at(number));
    }

    private static SendBuffer there(@Nullable SendBuffer message) {
        if (message == null) {
            throw new AssertionError("no message where one waits");
        }
        return message;
    }

    private void measureAnyway() {
        if (attentive) {
            measure();
        } else {
            measureIfBeyond();
        }
    }

    /** Accepts nothing more, of the logs neither. */
    synchronized void finish() {
        if (!finishing) {
            finishing = true;
            endPressure();
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
            if (attentive && noticeDue) {
                return null; // before the next message; the caller makes it, under no lock
            }
            moveInto(window);
            if (!window.isEmpty() || noticeDue) {
                return null;
            }
            giveGrantBack();
            shrinkIfLittleUsed(); // while the drain is still the caller's: it may fail for want of memory
            window.nothingWaitsOpaque();
            if (!finishing && drainState.casDrainingToIdle()) {
                return FlushResult.DRAINED;
            }
        }
        return FlushResult.CLOSED;
    }

    private void moveInto(InFlightWindow window) {
        boolean mayExpire = expiring;
        long gap = gapNumber();
        SendBuffer message;
        while (!isEmpty()
                && firstNumber() < gap
                && !(mayExpire && isFirstExpired())
                && window.hasRoom()
                && (message = poll()) != null) {
            window.add(message);
        }
        noticeIfReached(gap);
    }

    /** Where a notice goes before the next message. */
    private long gapNumber() {
        return attentive && overrun != null ? overrun.gapNumber : Long.MAX_VALUE;
    }

    private void noticeIfReached(long gap) {
        if (firstNumber() >= gap) {
            noticeDue = true;
            attentive = true;
        }
    }

    /** Then it is to be dropped before the next message is taken, as it is released under no lock. */
    private boolean isFirstExpired() {
        SendBuffer message = peek(0);
        if (message == null || !message.isExpired(AttributedSlice.nowMillis())) {
            return false;
        }
        noticeDue = true;
        attentive = true;
        return true;
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
    }

    /** As {@link #fillOrLeave}: what the reader has not seen of the logs it will be served. */
    @Nullable
    synchronized FlushResult leaveInOrder(InFlightWindow window, DrainState drainState) {
        countOffWritten(window);
        if (closed) {
            return FlushResult.CLOSED;
        }
        moveInOrder(window);
        if (!window.isEmpty() || noticeDue) {
            return null;
        }
        if (isEmpty()) {
            giveGrantBack();
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
        return finishing && queuedMessages == 0 && !noticeDue && areLogsWritten();
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
            int messages = window.takeCompletedMessages();
            queuedBytes -= window.takeCompletedBytes();
            queuedMessages -= messages;
            writtenMessages += messages;
            if (attentive) {
                if (overrun != null) {
                    overrun.written(messages);
                    if (isEmpty()) {
                        overrun.conflater.ringIsEmpty();
                    }
                }
                measure();
            }
        }
    }

    // ---- measuring, when it may matter

    private void measureIfBeyond() {
        if (queuedBytes > bytesToMeasure || queuedMessages > messagesToMeasure) {
            measure();
        }
    }

    private void measure() {
        if (queuedMessages == 0 && refusing() != null) {
            refuse(null);
        }
        Pressure measured = pressureIfPossible();
        boolean isNews = measured != null && measured.measure(queuedBytes, queuedMessages, refusing() != null);
        lookBeyond();
        if (isNews) {
            pressureIsNew = true; // last: the owner is to find what is due
        }
    }

    /** Without memory for it, nothing is measured: the next call tries again. */
    private @Nullable Pressure pressureIfPossible() {
        Pressure measured = pressure;
        if (measured == null && !closed && !finishing) {
            try {
                measured = new Pressure(limits);
                pressure = measured;
            } catch (OutOfMemoryError e) {
                return null;
            }
        }
        return measured;
    }

    /** What was measured decides what is of interest next. */
    private void lookBeyond() {
        attentive = noticeDue || (overrun != null && overrun.isLeavingOfInterest());
        Pressure measured = pressure;
        if (measured != null) {
            bytesToMeasure = measured.bytesToMeasure();
            messagesToMeasure = measured.messagesToMeasure();
            attentive |= measured.isFallOfInterest();
            pressureIsDue = measured.isDue();
            high = measured.isHigh();
        }
    }

    /** Nothing is measured any more: the end says enough. */
    private void endPressure() {
        pressure = null;
        bytesToMeasure = Long.MAX_VALUE;
        messagesToMeasure = Integer.MAX_VALUE;
        pressureIsNew = false;
        pressureIsDue = false;
        high = true;
        lookBeyond();
    }

    // ---- being overrun

    synchronized OverrunPolicy overrunPolicy() {
        return overrun == null ? OverrunPolicy.hold() : overrun.policy();
    }

    synchronized void overrunPolicy(OverrunPolicy policy) {
        if (policy == overrunPolicy()) {
            return; // a notice of what was dropped under it is still due
        }
        overrunOfOurs().policy(policy);
        noticeDue = false;
        refuse(null); // the clock looks again
        measure();
    }

    private Overrun overrunOfOurs() {
        Overrun ours = overrun;
        if (ours == null) {
            ours = new Overrun(OverrunPolicy.hold(), limits);
            overrun = ours;
        }
        return ours;
    }

    private @Nullable OfferResult refusing() {
        return overrun == null ? null : overrun.refusing();
    }

    /**
     * Takes the oldest message that is in no write, and no control message, out of the queue, as the policy wants it.
     *
     * @return the message, with the queue's reference to it; null if there is none
     */
    @Nullable
    synchronized SendBuffer dropOldest() {
        if (closed || finishing || overrun == null || overrun.policy().kind != OverrunPolicy.Kind.SKIP) {
            return null;
        }
        long number = overrun.oldestDroppable(this);
        if (number < 0) {
            return null;
        }
        SendBuffer oldest = remove(number);
        int length = there(oldest).sealedLength();
        queuedBytes -= length;
        queuedMessages--;
        overrun.dropped(length, number);
        noticeIfReached(overrun.gapNumber);
        compactIfSparse(overrun);
        measure();
        return oldest;
    }

    /** Likewise, if a limit with a time is passed because of it. */
    @Nullable
    synchronized SendBuffer dropOverdue(long nowNanos) {
        OfferResult passed = passedLimit(nowNanos);
        boolean isDue = passed == OfferResult.REFUSED_SOFT_LIMIT
                || (passed == OfferResult.REFUSED_AGE && isDroppableOld(overrunOfOurs()));
        return isDue ? dropOldest() : null;
    }

    private boolean isDroppableOld(Overrun ours) {
        long number = ours.oldestDroppable(this);
        int before = (int) (number - firstNumber());
        return number >= 0 && ours.areOldBeyond(queuedMessages - waiting() + before - holesAmong(0, before));
    }

    /**
     * Takes the first message out if its time is over.
     *
     * @return the message, with the queue's reference to it; null if there is none
     */
    @Nullable
    synchronized SendBuffer takeExpired() {
        Overrun ours = overrun;
        if (closed || ours == null || !expiring || !isFirstExpired()) {
            return null;
        }
        long number = firstNumber();
        SendBuffer expired = there(pollInOrder());
        int length = expired.sealedLength();
        queuedBytes -= length;
        queuedMessages--;
        ours.expired(length, number);
        noticeIfReached(ours.gapNumber);
        expiring = !isEmpty();
        measure();
        return expired;
    }

    /** A hint. */
    boolean mayExpireVolatile() {
        return expiring;
    }

    /**
     * Looks at the limits with a time. A queue that holds refuses what is offered while one is passed.
     *
     * @return the limit that is passed, unless the queue holds; null if none is
     */
    @Nullable
    synchronized OfferResult overdue(long nowNanos) {
        OfferResult passed = passedLimit(nowNanos);
        if (overrunPolicy().kind != OverrunPolicy.Kind.HOLD) {
            return passed;
        }
        if (passed != refusing()) {
            refuse(passed);
            measure();
        }
        return null;
    }

    boolean isTimedVolatile() {
        return timed;
    }

    private @Nullable OfferResult passedLimit(long nowNanos) {
        return closed || finishing || overrun == null
                ? null
                : overrun.passedLimit(limits, pressure, queuedMessages, nowNanos);
    }

    private void refuse(@Nullable OfferResult passed) {
        if (overrun != null) {
            overrun.refuse(passed);
        }
        maxQueuedBytes = passed == null ? Math.min(limits.maxQueuedBytes(), GUARANTEED_BYTES) : 0;
    }

    /** In how many nanoseconds to look again; {@link Long#MAX_VALUE} if no limit with a time can be passed. */
    synchronized long nanosToLook(long nowNanos) {
        return closed || finishing || overrun == null
                ? Long.MAX_VALUE
                : overrun.nanosToLook(limits, pressure, queuedMessages, nowNanos);
    }

    /**
     * What was lost and is to be noticed of, before the next message; null if nothing was. By the drainer; see
     * {@link Overrun}.
     */
    @Nullable
    synchronized DueNotice takeNotice() {
        noticeDue = false;
        Overrun ours = overrun;
        GapNotice factory = ours == null ? null : ours.notice();
        return ours == null || factory == null || !ours.isNoticeDue() ? null : new DueNotice(factory, ours.takeGap());
    }

    /** A notice that is to be made. */
    record DueNotice(GapNotice factory, Gap gap) {
        @Nullable
        SendBuffer make() {
            return factory.noticeOf(gap);
        }
    }

    boolean isNoticeDueVolatile() {
        return noticeDue;
    }

    /** A notice is to go into the drainer's window, whatever the limits. False if the queue ended meanwhile. */
    synchronized boolean countNotice(int length) {
        if (!closed) {
            queuedBytes += length;
            queuedMessages++;
            overrunOfOurs().noticed();
            measure();
        }
        return !closed;
    }

    synchronized long droppedMessages() {
        return overrun == null ? 0 : overrun.droppedMessages();
    }

    synchronized long droppedBytes() {
        return overrun == null ? 0 : overrun.droppedBytes();
    }

    // ---- conflation

    synchronized Conflation conflation() {
        return overrun == null ? Conflation.inPlace() : overrun.conflater.conflation();
    }

    synchronized void conflation(Conflation changed) {
        if (changed != conflation()) {
            overrunOfOurs().conflation(changed);
            measure();
        }
    }

    /** For tests. */
    synchronized boolean hasTableOfKeys() {
        return overrun != null && overrun.conflater.hasTable();
    }

    synchronized long conflatedMessages() {
        return overrun == null ? 0 : overrun.conflatedMessages;
    }

    synchronized long expiredMessages() {
        return overrun == null ? 0 : overrun.expiredMessages();
    }

    // ---- the limits

    synchronized QueueLimits limits() {
        return limits;
    }

    /** What is queued already stays, though it may be more. */
    synchronized void limits(QueueLimits changed) {
        limits = changed;
        maxQueuedMessages = changed.maxQueuedMessages();
        timed = changed.isTimed();
        if (timed || overrun != null) {
            overrunOfOurs().limits(changed);
        }
        refuse(null); // the clock looks again
        if (!closed && !finishing) {
            if (pressure == null) {
                bytesToMeasure = Pressure.leastBytesToMeasure(changed);
                messagesToMeasure = Pressure.leastMessagesToMeasure(changed);
                lookBeyond();
                measureIfBeyond();
            } else {
                pressure.limits(changed);
                measure();
            }
        }
    }

    synchronized PressureChange takePressureChange() {
        Pressure measured = pressure;
        if (measured == null) {
            return PressureChange.NONE;
        }
        PressureChange change = measured.take();
        pressureIsDue = measured.isDue();
        return change;
    }

    boolean isHighVolatile() {
        return high;
    }

    boolean isPressureDueVolatile() {
        return pressureIsDue;
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
        return oldest;
    }

    // ---- what is said of it

    synchronized long queuedBytes() {
        return queuedBytes;
    }

    synchronized int queuedMessages() {
        return queuedMessages;
    }

    /** All that is counted here. */
    synchronized QueueStats stats(long bytesBehind, long stalledNanos, long writtenBytes) {
        return new QueueStats(
                queuedBytes,
                queuedMessages,
                closed ? 0 : bytesBehind,
                closed ? 0 : stalledNanos,
                writtenBytes,
                writtenMessages,
                refusedMessages,
                droppedMessages(),
                droppedBytes(),
                conflatedMessages(),
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
