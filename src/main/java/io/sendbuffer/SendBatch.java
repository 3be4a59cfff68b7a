/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Failures;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages that are sent together, such as those of one tick.
 *
 * <p>Each receiver takes a batch whole, or refuses it whole, and its messages stay in their order, with no other in
 * between. They remain separate messages all the same: each has its own reference count and its own
 * {@link ReleaseListener}, and may also be sent to some receivers alone.
 *
 * <pre>{@code
 * private final SendBatch tick = new SendBatch(); // one for each thread that sends, used again and again
 *
 * void endOfTick() {
 *     try (tick) { // cleared at the end: what was sent is alive until it is written
 *         for (Event event : events) {
 *             try (SendBuffer message = pool.acquire(64)) {
 *                 tick.add(event.encode(message).seal()); // the batch takes a reference of its own
 *             }
 *         }
 *         players.broadcast(tick.seal());
 *     }
 * }
 * }</pre>
 *
 * <p>Why it is fast: messages that a platform thread acquired and sealed one after the other are neighbors in memory.
 * Sealed by the thread that acquired them, a batch makes one message of each run of neighbors without attributes, so a
 * receiver's queue takes, writes and releases a tick as if it were one message, and touches none of the others. Then
 * the run counts as one message in a queue and in {@link PoolStats}, and the release listener of each message in it is
 * notified when the whole run was written, with the number of queues that ended before that. Where the pool moved to
 * its next chunk within the batch, the messages in the chunk before stay single; so a limit on messages has to leave
 * room for an unmerged batch, and otherwise always refuses it.
 *
 * <p>Of messages with the same {@linkplain SendBuffer#conflate key} in a batch, a queue that conflates takes the last.
 * A batch counts as {@linkplain MessageClass#CONTROL control}, or as expendable, if all its messages are.
 *
 * <p>Used by one thread at a time. Allocates nothing once it has grown to the size that it needs, while no more than
 * 4,096 runs of it wait to be written, or fewer if they are of more than 32 messages; it keeps that many of them for
 * reuse.
 */
public final class SendBatch implements AutoCloseable {
    private static final int INITIAL_CAPACITY = 8;
    private static final @Nullable SendBuffer[] NONE = {};

    static {
        BatchAttributes.load();
    }

    private @Nullable SendBuffer[] messages = new SendBuffer[INITIAL_CAPACITY];
    private int size;
    private long bytes;

    /** What is sent: messages, and one for each run of neighbors. The references of {@link #messages} move here. */
    private @Nullable SendBuffer[] pieces = new SendBuffer[INITIAL_CAPACITY];

    private int pieceCount;

    /** How many messages are in the pieces already: all of them, once sealed. */
    private int moved;

    private boolean sealed;

    /** Known once sealed: the pieces are not all from one pool. */
    private boolean mixesPools;

    /** Known once sealed: null if no message has any. */
    private @Nullable BatchAttributes attributes;

    /** To be used again. */
    private @Nullable BatchAttributes lastAttributes;

    /** To be used again when what they hold was written. */
    private final CoalescedRun.FreeList freeRuns = new CoalescedRun.FreeList();

    /** Creates an empty batch. */
    public SendBatch() {}

    /**
     * Adds a message at the end, with a reference of the batch's own, which {@link #clear()} releases. A message of no
     * bytes is left out: there is nothing of it to send.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time; or if the batch is
     *     sealed
     */
    public SendBatch add(SendBuffer message) {
        if (sealed) {
            throw new IllegalStateException("the batch is sealed; clear it before adding to it");
        }
        int length = message.checkedSealedLength();
        if (length == 0) {
            return this;
        }
        if (size == messages.length) {
            messages = Arrays.copyOf(messages, Math.max(INITIAL_CAPACITY, size * 2));
        }
        message.retain();
        messages[size++] = message;
        bytes += length;
        return this;
    }

    /** How many messages were added. */
    public int size() {
        return size;
    }

    /** The bytes of all messages. */
    public long bytes() {
        return bytes;
    }

    /** True if there is nothing to send. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** True from {@link #seal()} to {@link #clear()}. */
    public boolean isSealed() {
        return sealed;
    }

    /** True if the batch is sealed, and any of its messages has a key, a class or a time of its own. */
    public boolean hasAttributes() {
        return attributes != null;
    }

    /** Ends the adding, and makes the batch ready to be sent. Has no effect if it is sealed already. */
    public SendBatch seal() {
        if (!sealed) {
            merge();
            mixesPools = lookForPools();
            attributes = lookForAttributes();
            sealed = true;
        }
        return this;
    }

    private @Nullable BatchAttributes lookForAttributes() {
        int first = 0;
        while (first < pieceCount && !piece(first).hasAttributes()) {
            first++;
        }
        if (first == pieceCount) {
            return null;
        }
        BatchAttributes found = lastAttributes;
        if (found == null) {
            found = new BatchAttributes();
            lastAttributes = found;
        }
        found.lookAt(this, pieceCount);
        return found;
    }

    private boolean lookForPools() {
        for (int i = 1; i < pieceCount; i++) {
            if (piece(i).chunk().store != piece(0).chunk().store) {
                return true;
            }
        }
        return false;
    }

    private void merge() {
        if (pieces.length < messages.length) {
            pieces = Arrays.copyOf(pieces, messages.length); // some are there if an Error ended the last seal
        }
        while (moved < size) {
            SendBuffer first = message(moved);
            int stop = first.offset() + first.sealedLength();
            int end = moved + 1;
            boolean mayMerge = !first.hasAttributes(); // else it is a matter of its own
            for (; mayMerge && end < size && isAt(end, first.chunk(), stop); end++) {
                stop += message(end).sealedLength();
            }
            move(end, stop);
        }
    }

    private boolean isAt(int index, Chunk chunk, int offset) {
        SendBuffer message = message(index);
        return message.chunk() == chunk && message.offset() == offset && !message.hasAttributes();
    }

    /** Moves messages to the pieces, up to an index: as one that ends there in their chunk, or each as it is. */
    private void move(int end, int stop) {
        SendBuffer first = message(moved);
        int count = end - moved;
        if (count == 1 || !moveAsOne(first, count, stop - first.offset())) {
            System.arraycopy(messages, moved, pieces, pieceCount, count);
            pieceCount += count;
        }
        Arrays.fill(messages, moved, end, null);
        moved = end;
    }

    /** An Error is thrown before anything is moved. False: there is no room for one message over them all. */
    private boolean moveAsOne(SendBuffer first, int count, int bytesOfAll) {
        CoalescedRun run = freeRuns.take(count);
        SendBuffer whole = null;
        try {
            whole = first.chunk().allocateOver(first.offset(), bytesOfAll);
        } finally {
            if (whole == null) {
                freeRuns.putBack(run);
            }
        }
        if (whole == null) {
            return false;
        }
        run.hold(messages, moved, count);
        whole.standsFor(count);
        pieces[pieceCount++] = whole.onRelease(run);
        return true;
    }

    /**
     * Takes this many references: one for each receiver, before the first of them gets the batch by
     * {@link SendQueue#offerRetained(SendBatch)}.
     *
     * @param references 1 or more
     * @throws IllegalStateException if the batch is not sealed, or a count would pass its limit; then nothing is taken
     */
    public void retain(int references) {
        checkedPieceCount();
        int taken = 0;
        try {
            for (; taken < pieceCount; taken++) {
                piece(taken).retain(references);
            }
        } finally {
            if (taken < pieceCount) {
                release(references, taken);
            }
        }
    }

    /**
     * Releases this many references: those of receivers that did not take the batch.
     *
     * @param references 1 or more
     * @throws IllegalStateException if the batch is not sealed, or a message was released too often elsewhere; all
     *     others are released
     */
    public void release(int references) {
        checkedPieceCount();
        release(references, pieceCount);
    }

    private void release(int references, int count) {
        Throwable thrown = null;
        for (int i = 0; i < count; i++) {
            try {
                piece(i).release(references);
            } catch (Throwable e) {
                thrown = Failures.first(thrown, e);
            }
        }
        Failures.rethrow(thrown);
    }

    /**
     * Empties the batch, which releases the references that {@link #add} took, and can be used again, even by a release
     * listener that this calls. Not to be called from within a broadcast of this batch.
     *
     * @throws IllegalStateException if a message was released too often elsewhere; all others are released. (For one
     *     that was merged with its neighbors, this is reported to the error handler of its pool)
     */
    public void clear() {
        SendBuffer[] heldPieces = pieces;
        SendBuffer[] heldMessages = messages;
        int pieceEnd = pieceCount;
        int messageStart = moved;
        int messageEnd = size;
        takeOut();
        Throwable thrown = releaseAll(heldPieces, 0, pieceEnd, null);
        thrown = releaseAll(heldMessages, messageStart, messageEnd, thrown);
        pieces = pieces == NONE ? heldPieces : pieces; // unless a listener has used the batch meanwhile
        messages = messages == NONE ? heldMessages : messages;
        Failures.rethrow(thrown);
    }

    /** Leaves the batch empty, and does not touch the arrays that it used. */
    private void takeOut() {
        pieces = NONE;
        messages = NONE;
        size = 0;
        bytes = 0;
        pieceCount = 0;
        moved = 0;
        sealed = false;
        if (lastAttributes != null) {
            lastAttributes.clear();
        }
        attributes = null;
    }

    private static @Nullable Throwable releaseAll(
            @Nullable SendBuffer[] held, int start, int end, @Nullable Throwable before) {
        Throwable thrown = before;
        for (int i = start; i < end; i++) {
            SendBuffer message = held[i];
            held[i] = null;
            try {
                there(message).release();
            } catch (Throwable e) {
                thrown = Failures.first(thrown, e);
            }
        }
        return thrown;
    }

    /** Clears the batch, for try-with-resources; it can be used again. */
    @Override
    public void close() {
        clear();
    }

    /** Names the size. */
    @Override
    public String toString() {
        return "SendBatch[" + size + " messages, " + bytes + " bytes" + (sealed ? ", sealed" : "") + "]";
    }

    // ---- for the queue

    /** Returns how many {@link #pieces()} there are, or throws if the batch is not ready to be sent. */
    int checkedPieceCount() {
        if (!sealed) {
            throw new IllegalStateException("seal the batch before sending it");
        }
        return pieceCount;
    }

    /** How many of the first {@link #pieces()} name all the pools that the messages came from. */
    int piecesThatNameThePools() {
        return mixesPools ? pieceCount : Math.min(1, pieceCount);
    }

    /** What the messages say of themselves to the queues; null if they say nothing. */
    @Nullable
    BatchAttributes attributes() {
        return attributes;
    }

    /** What a queue takes. */
    @Nullable
    SendBuffer[] pieces() {
        return pieces;
    }

    private SendBuffer message(int index) {
        return there(messages[index]);
    }

    SendBuffer piece(int index) {
        return there(pieces[index]);
    }

    private static SendBuffer there(@Nullable SendBuffer message) {
        if (message == null) {
            throw new AssertionError("no message where one was added");
        }
        return message;
    }
}
