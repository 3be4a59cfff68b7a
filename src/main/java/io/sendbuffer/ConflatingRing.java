/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * A ring that accepts messages that have attributes. An offer of one looks at its class first, then whether a message
 * of its key waits that it replaces, then at the limits.
 */
abstract class ConflatingRing extends LossyRing {
    ConflatingRing(QueueLimits limits, OverrunPolicy policy, QueueArrays arrays) {
        super(limits, policy, arrays);
    }

    // ---- one message

    /**
     * Adds a message that has attributes, with the reference that came with it, or has it replace an older one of its
     * key.
     *
     * @return the older {@link SendBuffer}, with the queue's reference to it, which the caller releases under no lock:
     *     then the message is queued; or the {@link OfferResult} where it replaced none
     */
    synchronized Object offerAttributed(SendBuffer message, int length) {
        if (acceptsNothing()) {
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
            OfferResult result = addAttributed(message, length, ours);
            measureIfBeyond();
            return result;
        }
        if (ours.conflater.kind() == Conflation.Kind.IN_PLACE) {
            return putInPlace(message, length, number, ours);
        }
        OfferResult result = addAttributed(message, length, ours); // not measured while both are there
        return result == OfferResult.QUEUED ? removeConflated(number, ours) : result;
    }

    /** Null if it is to be queued: in the place of an older one, it needs room for the difference in length alone. */
    private @Nullable OfferResult refusalOf(SendBuffer message, int length, @Nullable SendBuffer older) {
        long bytes = older == null ? length : (long) length - older.sealedLength();
        if (older != null && bytes <= 0) {
            return null;
        }
        if (older == null && message.isExpendable() && high) {
            return OfferResult.REFUSED_EXPENDABLE;
        }
        int messages = older == null ? 1 : 0;
        if (message.isControl()) {
            return hasRoomForControl(bytes, messages) ? null : refusalOfControl(length, messages);
        }
        return hasRoomFor(bytes, messages) ? null : refusal(length, messages, message.isExpendable());
    }

    /** What is expendable makes no room for itself. */
    private OfferResult refusal(long bytes, int messages, boolean isExpendable) {
        OfferResult refusal = refusal(bytes, messages);
        return isExpendable && refusal.isFull() ? OfferResult.REFUSED_EXPENDABLE : refusal;
    }

    private OfferResult addAttributed(SendBuffer message, int length, @Nullable Overrun ours) {
        if (ours != null && message.expires()) {
            noteExpiring(message.deadlineMillis(), ours); // first: nothing has to be taken back if that throws
        }
        if (hasSubscriptions() && !noteOrder(1)) {
            return OfferResult.REFUSED_HEAP;
        }
        if (!addIfPossible(message)) {
            takeOrderBack(1);
            return OfferResult.REFUSED_HEAP;
        }
        queuedBytes += length;
        queuedMessages++;
        if (ours != null) {
            noteIfExpendable(message, nextNumber() - 1, ours);
            ours.conflater.added(this, message, nextNumber() - 1);
            attentive |= ours.conflater.hasTable();
        }
        return OfferResult.QUEUED;
    }

    /** For the policy that drops such messages first. */
    private static void noteIfExpendable(SendBuffer message, long number, Overrun ours) {
        if (message.isExpendable()) {
            ours.mayBeExpendable(number, number + 1);
        }
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
        int run = ours.runOf(this, number, false);
        int olderLength = waitingAt(number).sealedLength();
        noteIfExpendable(message, number, ours);
        if (message.expires()) {
            noteExpiring(message.deadlineMillis(), ours);
        }
        SendBuffer older = replace(number, message);
        // Up to here nothing has changed if the stack ends; from here on nothing is called until all is counted.
        queuedBytes += length - olderLength;
        countConflated(olderLength, run, ours);
        measureAnyway();
        return there(older);
    }

    /** The newer message is behind it in the ring, and counted. */
    private SendBuffer removeConflated(long number, Overrun ours) {
        int run = ours.runOf(this, number, true);
        int olderLength = waitingAt(number).sealedLength();
        noteTakenOut(number, ours);
        SendBuffer older = remove(number);
        queuedBytes -= olderLength;
        queuedMessages--;
        countConflated(olderLength, run, ours);
        compactIfSparse(ours);
        measureAnyway();
        return there(older);
    }

    private void countConflated(int olderLength, int run, Overrun ours) {
        ours.conflatedMessages++;
        GapRuns gaps = ours.gaps;
        if (run != Overrun.NO_RUN && gaps != null) {
            gaps.countConflated(run, olderLength);
            ours.putBack = false;
            attentive = true; // for the drainer, that comes to the place
        }
    }

    // ---- batches

    /**
     * Adds what the conflation of this queue leaves of a batch whose messages have attributes, with the references that
     * came with it, or none. What is replaced is in {@link BatchAttributes#replaced} then, for the caller to release
     * under no lock.
     */
    synchronized OfferResult offerAttributed(SendBatch batch, BatchAttributes attributes) {
        if (acceptsNothing()) {
            return OfferResult.CLOSED;
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
        OfferResult refusal = refusalOf(batch, attributes, pieces, pieces.bytes - foundBytes, pieces.count - found);
        if (refusal != null) {
            return refusal;
        }
        if (found > 0 || (conflates && attributes.repeated.count > 0)) {
            StackRoom.require();
        }
        if (ours != null && attributes.anyExpires()) {
            noteExpiring(attributes.earliestDeadlineMillis(), ours);
        }
        boolean isInPlace = kind == Conflation.Kind.IN_PLACE && found > 0;
        if (!addAttributed(pieces, isInPlace ? attributes.numbers : null, attributes.added, ours)) {
            return OfferResult.REFUSED_HEAP;
        }
        if (ours != null && found > 0) {
            replaceAll(pieces, attributes, isInPlace, ours);
        }
        if (conflates && ours != null) {
            giveRepeatedBack(pieces, attributes, isInPlace, ours);
        }
        if (ours != null && found > 0) {
            compactIfSparse(ours);
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
            SendBatch batch, BatchAttributes attributes, BatchAttributes.Pieces pieces, long bytes, int messages) {
        boolean isControl = attributes.areControl();
        int most = isControl ? limits.maxMessagesWithControl() : limits.maxQueuedMessages();
        if (batch.size() > most) {
            return OfferResult.TOO_LARGE;
        }
        if (bytes <= 0 && messages <= 0) {
            return null;
        }
        if (messages > 0 && attributes.areExpendable() && high) {
            return OfferResult.REFUSED_EXPENDABLE;
        }
        if (isControl) {
            return hasRoomForControl(bytes, messages) ? null : refusalOfControl(pieces.bytes, pieces.count);
        }
        return hasRoomFor(bytes, messages) ? null : refusal(pieces.bytes, pieces.count, attributes.areExpendable());
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
            noteIfExpendable(there(added.messages[i]), number + i, ours);
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
        for (int i = 0; i < pieces.count; i++) {
            long number = attributes.numbers[i];
            if (number != KeyPlaces.NONE) {
                SendBuffer piece = there(pieces.messages[i]);
                int run = ours.runOf(this, number, !isInPlace);
                if (isInPlace) {
                    noteIfExpendable(piece, number, ours);
                } else {
                    noteTakenOut(number, ours);
                }
                SendBuffer older = there(isInPlace ? replace(number, piece) : remove(number));
                int olderLength = older.sealedLength();
                queuedBytes += (isInPlace ? piece.sealedLength() : 0) - olderLength;
                queuedMessages -= isInPlace ? 0 : 1;
                attributes.replaced.add(older, olderLength);
                countConflated(olderLength, run, ours);
            }
        }
    }

    private void giveRepeatedBack(
            BatchAttributes.Pieces pieces, BatchAttributes attributes, boolean isInPlace, Overrun ours) {
        if (attributes.repeated.count == 0) {
            return;
        }
        long number = nextNumber() - attributes.added.count;
        for (int i = 0; isInPlace && i < pieces.count; i++) {
            long replaced = attributes.numbers[i];
            number = replaced == KeyPlaces.NONE ? number : Math.min(number, replaced);
        }
        int run = ours.runOf(this, number, false); // before all messages of the batch
        for (int i = 0; i < attributes.repeated.count; i++) {
            SendBuffer repeated = there(attributes.repeated.messages[i]);
            attributes.replaced.add(repeated, repeated.sealedLength());
            countConflated(repeated.sealedLength(), run, ours);
        }
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

    private SendBuffer waitingAt(long number) {
        return there(at(number));
    }

    private void measureAnyway() {
        if (attentive) {
            measure();
        } else {
            measureIfBeyond();
        }
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
}
