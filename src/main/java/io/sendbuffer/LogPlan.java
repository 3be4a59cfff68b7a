/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One gathering write from a {@link BroadcastLog}, for every cursor that stands at its beginning: the messages from one
 * position to another, neighbors merged, gathered once and written to each of those channels. Owned by the reader's
 * thread; {@link LogRing} fills it, and reads its range, under the log's lock.
 */
final class LogPlan {
    private static final int MAX_MESSAGES = 1024;
    private static final int INITIAL_MESSAGES = 16;
    private static final int INITIAL_ENTRIES = 2;

    private final int maxBytes;
    private final int maxEntries;
    private @Nullable SendBuffer[] messages = new SendBuffer[INITIAL_MESSAGES];
    private @Nullable ByteBuffer[] views = new ByteBuffer[INITIAL_ENTRIES];

    /** What the channel gets, and may do anything to. */
    private @Nullable ByteBuffer[] entries = new ByteBuffer[INITIAL_ENTRIES];

    private @Nullable ViewCache[] lenders = new ViewCache[INITIAL_ENTRIES];
    private int[] starts = new int[INITIAL_ENTRIES];
    private int[] stops = new int[INITIAL_ENTRIES];
    private int entryCount;

    // Written under the log's lock.
    private long from;
    private long to;

    /** Of the messages: the one at {@link #from} is the first. */
    private int first;

    private int count;

    private long firstPosition;
    private long gatheredTo;
    private long gatheredBytes;

    LogPlan(int maxBytes, int maxEntries) {
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
    }

    // ---- under the log's lock

    void begin(long position) {
        from = position;
        to = position;
        first = 0;
        count = 0;
        firstPosition = position;
        gatheredTo = position;
    }

    /** True if there is room for messages up to this many bytes in all; always for one. */
    boolean hasRoomFor(long bytesOfAll) {
        return count == 0 || (count < messages.length && bytesOfAll <= maxBytes);
    }

    void add(@Nullable SendBuffer message) {
        messages[count++] = message;
        to++;
    }

    long from() {
        return from;
    }

    long to() {
        return to;
    }

    /** Takes out the first message, which the log no longer has. */
    @Nullable
    SendBuffer takeFirst() {
        from++;
        return messages[first++];
    }

    /** The log may give back what was planned. */
    void endRange() {
        from = to;
    }

    // ---- the reader's thread

    boolean isEmpty() {
        return count == 0;
    }

    boolean isAt(long position, long limit) {
        return entryCount > 0 && firstPosition == position && gatheredTo <= limit;
    }

    /** Makes entries of the messages that were planned. Fewer when memory is short, but at least one, or an Error. */
    void gather() {
        int next = 0;
        gatheredBytes = 0;
        while (next < count && entryCount < maxEntries) {
            SendBuffer message = message(next);
            int start = message.offset();
            int stop = start + message.sealedLength();
            Chunk chunk = message.chunk();
            for (next++; next < count && isAt(next, chunk, stop); next++) {
                stop += message(next).sealedLength();
            }
            if (start < stop && !addEntry(chunk.views, start, stop)) {
                return;
            }
            gatheredBytes += stop - start;
            gatheredTo = firstPosition + next;
        }
    }

    private boolean isAt(int index, Chunk chunk, int offset) {
        SendBuffer message = message(index);
        return message.chunk() == chunk && message.offset() == offset;
    }

    private boolean addEntry(ViewCache lender, int start, int stop) {
        ByteBuffer view;
        try {
            if (entryCount == entries.length) {
                growEntries();
            }
            view = lender.take(entryCount, start, stop);
        } catch (OutOfMemoryError e) {
            if (entryCount == 0) {
                throw e;
            }
            return false;
        }
        views[entryCount] = view;
        lenders[entryCount] = lender;
        starts[entryCount] = start;
        stops[entryCount] = stop;
        entryCount++;
        return true;
    }

    private void growEntries() {
        int larger = Math.min(maxEntries, 2 * entryCount);
        @Nullable ByteBuffer[] moreViews = Arrays.copyOf(views, larger);
        @Nullable ViewCache[] moreLenders = Arrays.copyOf(lenders, larger);
        int[] moreStarts = Arrays.copyOf(starts, larger);
        int[] moreStops = Arrays.copyOf(stops, larger);
        entries = new ByteBuffer[larger];
        views = moreViews;
        lenders = moreLenders;
        starts = moreStarts;
        stops = moreStops;
    }

    /** Writes once; returns how many bytes the channel took. */
    long write(GatheringByteChannel channel) throws IOException {
        for (int i = 0; i < entryCount; i++) {
            entries[i] = there(views[i]).clear().limit(stops[i]).position(starts[i]);
        }
        if (entryCount == 0) {
            return 0; // empty messages alone
        }
        long written = entryCount == 1 ? channel.write(entries[0]) : channel.write(entries, 0, entryCount);
        if (written < 0 || written > gatheredBytes) {
            throw new IOException("the channel says that it wrote " + written + " of " + gatheredBytes + " bytes");
        }
        return written;
    }

    /** Of all messages that {@link #write} is given. */
    long bytes() {
        return gatheredBytes;
    }

    /** The position after the last message that {@link #write} is given. */
    long end() {
        return gatheredTo;
    }

    /** The message at a position of the plan. */
    SendBuffer messageAt(long position) {
        return message((int) (position - firstPosition));
    }

    /** Nothing is written from this plan any more: its views go back, and its messages are forgotten. */
    void putViewsBack() {
        for (int i = 0; i < entryCount; i++) {
            there(lenders[i]).put(i, there(views[i]));
            lenders[i] = null;
            views[i] = null;
            entries[i] = null;
        }
        entryCount = 0;
    }

    /** After {@link #endRange}: a plan that is not in use keeps no chunk reachable. */
    void forgetMessages() {
        boolean wasFull = count == messages.length && count < MAX_MESSAGES;
        Arrays.fill(messages, 0, count, null);
        count = 0;
        if (wasFull) {
            grow();
        }
    }

    /** The next write may be larger; or, if there is no memory for it, as large as this one. */
    private void grow() {
        try {
            messages = new SendBuffer[2 * messages.length];
        } catch (OutOfMemoryError e) {
            return;
        }
    }

    private SendBuffer message(int index) {
        SendBuffer message = messages[index];
        if (message == null) {
            throw new AssertionError("no message in the plan at " + index);
        }
        return message;
    }

    private static <T> T there(@Nullable T entry) {
        if (entry == null) {
            throw new AssertionError("no such entry in the plan");
        }
        return entry;
    }
}
