/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Failures;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one write, and how much of them was written. Owned by the thread that claimed the {@link DrainState};
 * reused for every write of its queue.
 *
 * <p>Messages that are neighbors in memory become one entry, and one entry is a plain write. Progress inside a message
 * is a number here, not the position of a view: views are taken for one write and put back.
 *
 * <p>When memory is short, it does not grow, and writes less at a time.
 */
final class InFlightWindow {
    private static final VarHandle WRITTEN = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "written", VarHandle.class, InFlightWindow.class, long.class);

    private static final VarHandle WRITTEN_OF_LOGS = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "writtenOfLogs", VarHandle.class, InFlightWindow.class, long.class);

    private static final VarHandle OLDEST = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "oldest", VarHandle.class, InFlightWindow.class, Chunk.class);

    private static final VarHandle NEXT_OLDEST = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "nextOldest", VarHandle.class, InFlightWindow.class, Chunk.class);

    private static final VarHandle WAITS_SINCE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "waitsSince", VarHandle.class, InFlightWindow.class, long.class);

    private static final VarHandle STALLED_SINCE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "stalledSince", VarHandle.class, InFlightWindow.class, long.class);

    private static final int INITIAL_MESSAGES = 8;
    private static final int MAX_MESSAGES = 512;
    private static final int INITIAL_ENTRIES = 2;

    private final int maxBytes;
    private final int maxEntries;

    private final QueueArrays arrays;

    private @Nullable SendBuffer[] messages;
    private int first;
    private int end;
    private int writtenOfFirst;
    private long bytes;

    /** What the channel gets, and may do anything to: so {@link #lent} keeps what is to be put back. */
    private @Nullable ByteBuffer[] entries;

    private @Nullable ByteBuffer[] lent;
    private @Nullable ViewCache[] lenders;
    private int entryCount;
    private long entryBytes;

    private long completedBytes;
    private int completedMessages;

    /** Set for each write, not for each message; read by any thread. */
    private @Nullable Chunk oldest;

    /** Set for each write that has several chunks; read by any thread. */
    private @Nullable Chunk nextOldest;

    @SuppressWarnings("unused")
    private long waitsSince;

    /** When the channel last took something and not all, or first took nothing; 0: it took all. Read by any thread. */
    private long stalledSince;

    /** All bytes of the queue that the channel took; read by any thread. */
    private long written;

    /** All bytes that it took of logs, which never are in the window; read by any thread. */
    private long writtenOfLogs;

    InFlightWindow(QueueLimits limits, QueueArrays arrays) {
        this.maxBytes = limits.maxBytesPerWrite();
        this.maxEntries = limits.maxEntriesPerWrite();
        this.arrays = arrays;
        this.messages = arrays.messages(INITIAL_MESSAGES);
        this.entries = arrays.views(INITIAL_ENTRIES);
        this.lent = arrays.views(INITIAL_ENTRIES);
        this.lenders = arrays.caches(INITIAL_ENTRIES);
    }

    /**
     * The chunk of the message that waits first since a write; null if there is none. Never that of a message that the
     * last write took: it may be in use again, and look young.
     */
    @Nullable
    Chunk oldestOpaque() {
        return (Chunk) OLDEST.getOpaque(this);
    }

    /**
     * The first chunk of the last write after {@link #oldestOpaque}; null if there is none, or the write took anything.
     * A thread that seldom acquires may keep the first one current for long, and that would hide how old this one is.
     */
    @Nullable
    Chunk nextOldestOpaque() {
        return (Chunk) NEXT_OLDEST.getOpaque(this);
    }

    private void nextWaitsOpaque(@Nullable Chunk chunk) {
        if (nextOldest != chunk) {
            NEXT_OLDEST.setOpaque(this, chunk);
        }
    }

    /**
     * How many bytes of chunks the pool of that message had handed out when the channel last took something, or the
     * first message came to wait. Meaningless while nothing waits.
     */
    long waitsSinceOpaque() {
        return (long) WAITS_SINCE.getOpaque(this);
    }

    void nothingWaitsOpaque() {
        if (stalledSince != 0) {
            STALLED_SINCE.setOpaque(this, 0L);
        }
        if (oldest != null) {
            OLDEST.setOpaque(this, null);
        }
        nextWaitsOpaque(null);
    }

    /** The channel did not take all. The clock is read only then, so not by a receiver that keeps up. */
    private void stallsOpaque(boolean moved) {
        if (moved || stalledSince == 0) {
            STALLED_SINCE.setOpaque(this, System.nanoTime() | 1);
        }
    }

    /** For how long the channel has taken nothing though something waits; 0 if it took all. */
    long stalledNanos(long nowNanos) {
        long since = (long) STALLED_SINCE.getOpaque(this);
        return since == 0 ? 0 : Math.max(1, nowNanos - since);
    }

    /** The window must not be empty. */
    void firstWaitsOpaque() {
        waitsOpaque(messages[first].chunk());
    }

    /** The message that waits first is in this chunk. */
    void waitsOpaque(Chunk chunk) {
        Chunk before = oldest;
        if (before == null || before.store != chunk.store) {
            waitsSinceNowOpaque(chunk);
        }
        if (before != chunk) {
            OLDEST.setOpaque(this, chunk);
        }
    }

    private void movedOpaque(Chunk chunk) {
        waitsSinceNowOpaque(chunk);
        if (oldest != chunk) {
            OLDEST.setOpaque(this, chunk);
        }
        nextWaitsOpaque(null);
    }

    /** A write that takes nothing, and each attempt at one, leaves it as it is. */
    private void waitsSinceNowOpaque(Chunk chunk) {
        WAITS_SINCE.setOpaque(this, chunk.store.handedOutOpaque());
    }

    /** All bytes that the channel took: never fewer than the same thread has seen before. */
    long writtenOpaque() {
        return (long) WRITTEN.getOpaque(this) + writtenOfLogsOpaque();
    }

    long writtenOfLogsOpaque() {
        return (long) WRITTEN_OF_LOGS.getOpaque(this);
    }

    /** The channel took bytes of a log. */
    void tookOfLogs(long count) {
        WRITTEN_OF_LOGS.setOpaque(this, writtenOfLogs + count);
        Chunk waits = oldest;
        if (count > 0 && waits != null) {
            waitsSinceNowOpaque(waits);
        }
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Makes room for one more. False if the write is large enough, or memory is short; never if this is empty. */
    boolean hasRoom() {
        return bytes < maxBytes && end - first < MAX_MESSAGES && (end < messages.length || makeRoom());
    }

    /** Adds a message, for which there is room, with the queue's reference to it. */
    void add(SendBuffer message) {
        messages[end++] = message;
        bytes += message.sealedLength();
    }

    /**
     * Writes once, and releases every message that is fully written.
     *
     * @return true if the channel took everything that was handed to it
     */
    boolean write(GatheringByteChannel channel) throws IOException {
        long written;
        try {
            gather();
            written = entryCount == 1 ? channel.write(entries[0]) : channel.write(entries, 0, entryCount);
        } finally {
            putViewsBack();
        }
        return advance(written);
    }

    // ---- for a thread that looks at messages, or moves them, and has the window while no write is in hand

    /** Copies the chunks of the messages into an array that has room for the most that a window holds. */
    int chunksInto(@Nullable Chunk[] target) {
        int count = 0;
        for (int i = first; i < end; i++) {
            target[count++] = messages[i].chunk();
        }
        return count;
    }

    void forEach(Evacuees found) {
        for (int i = first; i < end; i++) {
            found.add(messages[i], i);
        }
    }

    /** Puts copies where their originals are. How much of the first one was written stays as it is. */
    void exchange(Evacuees originals, Evacuation copies) {
        for (int i = first; i < end; i++) {
            SendBuffer original = messages[i];
            SendBuffer copy = copies.copyOf(original);
            if (copy != null) {
                copy.retain();
                messages[i] = copy;
                originals.giveUp(original);
            }
        }
        if (first < end) {
            firstWaitsOpaque();
            nextWaitsOpaque(nextOldest == null ? null : firstAfterOldest());
        }
    }

    private @Nullable Chunk firstAfterOldest() {
        for (int i = first; i < end; i++) {
            Chunk chunk = messages[i].chunk();
            if (chunk != oldest && !chunk.forConstant) {
                return chunk;
            }
        }
        return null;
    }

    // ---- writing

    /** How many bytes the last write was given. */
    long bytesOfWrite() {
        return entryBytes;
    }

    /** The entries that {@link #gather} made, for a write that completes later; not to be touched until then. */
    ByteBuffer[] entries() {
        return entries;
    }

    /** That write completed, and took this many bytes. */
    void completeWrite(long written) throws IOException {
        putViewsBack();
        advance(written);
    }

    /** That write failed; how much of it was sent is not known. */
    void failWrite() {
        putViewsBack();
    }

    /** Bytes written since the last call, so that the queue can count them off. */
    long takeCompletedBytes() {
        long taken = completedBytes;
        completedBytes = 0;
        return taken;
    }

    /** Messages written to their end since the last call. */
    int takeCompletedMessages() {
        int taken = completedMessages;
        completedMessages = 0;
        return taken;
    }

    /** Takes out the oldest message, written or not, with the reference to it; null at the end. */
    @Nullable
    SendBuffer poll() {
        if (first == end) {
            return null;
        }
        SendBuffer message = messages[first];
        removeFirst();
        return message;
    }

    private void removeFirst() {
        messages[first++] = null;
        writtenOfFirst = 0;
        if (first == end) {
            first = 0;
            end = 0;
        }
    }

    /**
     * Makes one entry of each run of neighbors, up to the limits of a write. Fewer when memory is short, but at least
     * one, or an Error.
     *
     * @return how many entries
     */
    int gather() {
        entryCount = 0;
        entryBytes = 0;
        firstWaitsOpaque();
        Chunk next = null;
        int skip = writtenOfFirst;
        for (int i = first; i < end && entryCount < maxEntries && entryBytes < maxBytes; ) {
            SendBuffer message = messages[i];
            Chunk chunk = message.chunk();
            int start = message.offset() + skip;
            int stop = message.offset() + message.sealedLength();
            skip = 0;
            for (i++; i < end && messages[i].chunk() == chunk && messages[i].offset() == stop; i++) {
                stop += messages[i].sealedLength();
            }
            if (next == null && chunk != oldest && !chunk.forConstant) {
                next = chunk;
            }
            if (!addEntry(chunk, start, (int) Math.min(stop, start + (maxBytes - entryBytes)))) {
                break;
            }
        }
        nextWaitsOpaque(next);
        return entryCount;
    }

    private boolean addEntry(Chunk chunk, int start, int stop) {
        ByteBuffer view;
        try {
            if (entryCount == entries.length) {
                growEntries();
            }
            view = chunk.views.take(entryCount, start, stop);
        } catch (OutOfMemoryError e) {
            if (entryCount == 0) {
                throw e;
            }
            return false;
        }
        entries[entryCount] = view;
        lent[entryCount] = view;
        lenders[entryCount] = chunk.views;
        entryCount++;
        entryBytes += stop - start;
        return true;
    }

    private void growEntries() {
        int larger = Math.min(maxEntries, entryCount * 2);
        @Nullable ByteBuffer[] moreEntries = arrays.views(larger);
        @Nullable ByteBuffer[] moreLent = arrays.views(larger);
        @Nullable ViewCache[] moreLenders = arrays.caches(larger);
        System.arraycopy(entries, 0, moreEntries, 0, entryCount);
        System.arraycopy(lent, 0, moreLent, 0, entryCount);
        System.arraycopy(lenders, 0, moreLenders, 0, entryCount);
        entries = moreEntries;
        lent = moreLent;
        lenders = moreLenders;
    }

    private void putViewsBack() {
        for (int i = 0; i < entryCount; i++) {
            lenders[i].put(i, lent[i]);
            lent[i] = null;
            entries[i] = null;
            lenders[i] = null;
        }
        entryCount = 0;
    }

    /** Releases what is fully written; returns true if the channel took everything that was handed to it. */
    private boolean advance(long count) throws IOException {
        if (count < 0 || count > entryBytes) {
            throw new IOException("the channel says that it wrote " + count + " of " + entryBytes + " bytes");
        }
        WRITTEN.setOpaque(this, written + count);
        completedBytes += count;
        bytes -= count;
        Throwable failure = null;
        long left = count;
        while (left > 0) {
            SendBuffer message = messages[first];
            int rest = message.sealedLength() - writtenOfFirst;
            if (left < rest) {
                writtenOfFirst += (int) left;
                break;
            }
            left -= rest;
            completedMessages++;
            removeFirst(); // out of the window first: a release that throws is not tried again
            try {
                message.release();
            } catch (Throwable e) {
                failure = Failures.first(failure, e); // the others are written as well
            }
        }
        if (first == end) {
            nothingWaitsOpaque();
        } else if (count > 0) {
            movedOpaque(messages[first].chunk());
        }
        if (count < entryBytes) {
            stallsOpaque(count > 0);
        }
        Failures.rethrow(failure);
        return count == entryBytes;
    }

    private boolean makeRoom() {
        int count = end - first;
        @Nullable SendBuffer[] target = messages;
        if (count > messages.length / 2) {
            try {
                target = arrays.messages(messages.length * 2);
            } catch (OutOfMemoryError e) {
                if (first == 0) {
                    return false;
                }
            }
        }
        System.arraycopy(messages, first, target, 0, count);
        int endBefore = target == messages ? end : count;
        messages = target;
        first = 0;
        end = count;
        Arrays.fill(messages, count, endBefore, null); // last: it may meet the end of the stack
        return true;
    }
}
