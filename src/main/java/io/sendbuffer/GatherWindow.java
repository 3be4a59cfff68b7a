package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.agrona.BitUtil;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one write, and how much of them was written. Owned by whoever claimed the {@link DrainWord}; reused
 * for every write of its queue.
 *
 * <p>Messages that are neighbors in memory become one entry, and one entry is a plain write. Progress inside a message
 * is a number here, not the position of a view: views are taken for one write and put back.
 */
final class GatherWindow {
    private static final int FIRST_MESSAGES = 8;
    private static final int MOST_MESSAGES = 512;
    private static final int FIRST_ENTRIES = 2;

    private final int maxBytes;
    private final int maxEntries;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_MESSAGES];
    private int first;
    private int end;
    private int writtenOfFirst;

    private @Nullable ByteBuffer[] entries = new ByteBuffer[FIRST_ENTRIES];
    private @Nullable ViewCache[] lenders = new ViewCache[FIRST_ENTRIES];
    private int entryCount;
    private long entryBytes;

    private long completedBytes;
    private int completedMessages;

    GatherWindow(QueueLimits limits) {
        this.maxBytes = limits.maxBytesPerWrite();
        this.maxEntries = limits.maxEntriesPerWrite();
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Takes messages in, the oldest first and as many as fit, with the queue's references to them. */
    void takeFrom(MessageRing ring) {
        int most = Math.min(ring.size(), MOST_MESSAGES - (end - first));
        if (most > messages.length - end) {
            makeRoom(most);
        }
        end += ring.moveTo(messages, end, most);
    }

    /**
     * Writes once, and releases every message that is out.
     *
     * @return true if the channel took everything that was handed to it
     */
    boolean write(GatheringByteChannel channel) throws IOException {
        gather();
        long written;
        try {
            written = entryCount == 1 ? channel.write(entries[0]) : channel.write(entries, 0, entryCount);
        } finally {
            putViewsBack();
        }
        return advance(written);
    }

    /** How much the last write was given. */
    long bytesOfWrite() {
        return entryBytes;
    }

    /** The entries that {@link #gather} made, for a write that is told of later; not to be touched until then. */
    ByteBuffer[] entries() {
        return entries;
    }

    /** That write ended, having taken so many bytes. */
    void completeWrite(long written) throws IOException {
        putViewsBack();
        advance(written);
    }

    /** That write ended in failure; how much of it went out nobody knows. */
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
     * Makes one entry of each run of neighbors, up to the limits of a write.
     *
     * @return how many entries
     */
    int gather() {
        entryCount = 0;
        entryBytes = 0;
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
            addEntry(chunk, start, (int) Math.min(stop, start + (maxBytes - entryBytes)));
        }
        return entryCount;
    }

    private void addEntry(Chunk chunk, int start, int stop) {
        if (entryCount == entries.length) {
            int larger = Math.min(maxEntries, entryCount * 2);
            entries = Arrays.copyOf(entries, larger);
            lenders = Arrays.copyOf(lenders, larger);
        }
        entries[entryCount] = chunk.views.take(entryCount, start, stop);
        lenders[entryCount] = chunk.views;
        entryCount++;
        entryBytes += stop - start;
    }

    private void putViewsBack() {
        for (int i = 0; i < entryCount; i++) {
            lenders[i].put(i, entries[i]);
            entries[i] = null;
            lenders[i] = null;
        }
        entryCount = 0;
    }

    /** Releases what is out; returns true if that is everything that was handed to the channel. */
    private boolean advance(long written) throws IOException {
        if (written < 0 || written > entryBytes) {
            throw new IOException("the channel says that it wrote " + written + " of " + entryBytes + " bytes");
        }
        completedBytes += written;
        long left = written;
        while (left > 0) {
            SendBuffer message = messages[first];
            int rest = message.sealedLength() - writtenOfFirst;
            if (left < rest) {
                writtenOfFirst += (int) left;
                break;
            }
            left -= rest;
            completedMessages++;
            removeFirst();
            message.release(); // out of the window first: a release that throws is not tried again
        }
        return written == entryBytes;
    }

    /** At the end of the array, so that what is in the window stays in one piece. */
    private void makeRoom(int more) {
        int count = end - first;
        SendBuffer[] target = messages;
        if (count + more > messages.length) {
            target = new SendBuffer[BitUtil.findNextPositivePowerOfTwo(count + more)];
        }
        System.arraycopy(messages, first, target, 0, count);
        if (target == messages) {
            Arrays.fill(messages, count, end, null);
        }
        messages = target;
        first = 0;
        end = count;
    }
}
