/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Writes from a log to the subscribers of one reader, within the drain of their queues. Plans a write once for all
 * cursors that stand at one position. Owned by the thread that serves the reader; the ranges of the plans are guarded
 * by the log's lock.
 */
final class LogWriter {
    /** Larger messages are written alone. */
    private static final int MAX_BYTES_PER_WRITE = 256 << 10;

    /** The rest of a message up to this size is copied, so that it does not keep a whole chunk. */
    private static final int MAX_COPIED_REST = 16 << 10;

    private static final int RELEASED_AT_ONCE = 64;

    private final LogReader reader;
    private final LogRing ring;
    private final SendBufferPool pool;

    /** One for those that keep up, and one for those that do not. */
    private final LogPlan[] plans;

    private final @Nullable SendBuffer[] out = new SendBuffer[RELEASED_AT_ONCE];
    private long bytesOfWrite;

    LogWriter(LogReader reader, BroadcastLog log, int maxEntriesPerWrite) {
        this.reader = reader;
        this.ring = log.ring();
        this.pool = log.pool();
        this.plans = new LogPlan[] {
            new LogPlan(MAX_BYTES_PER_WRITE, maxEntriesPerWrite), new LogPlan(MAX_BYTES_PER_WRITE, maxEntriesPerWrite)
        };
    }

    /** How many of the plans have a message at this position. Under the log's lock. */
    int plansWith(long position) {
        int found = 0;
        for (LogPlan plan : plans) {
            if (plan.from() <= position && position < plan.to()) {
                found++;
            }
        }
        return found;
    }

    /** Nothing is written from the plans any more: what the log has given up meanwhile is released. */
    void endPlans() {
        for (LogPlan plan : plans) {
            end(plan);
        }
    }

    private void end(LogPlan plan) {
        if (plan.isEmpty()) {
            return;
        }
        plan.putViewsBack();
        int count;
        do {
            count = ring.endPlan(plan, out);
            LogRing.releaseAll(out, count);
        } while (count == out.length);
        plan.forgetMessages();
    }

    /** What {@link #write} did. */
    enum Written {
        NOTHING,
        ALL,
        CUT,
        SKIPPED
    }

    /** How many bytes the last {@link #write}, or {@link #writeRest}, has written. */
    long bytesOfWrite() {
        return bytesOfWrite;
    }

    /** True if the log has more for a cursor that may not pass the limit, as far as the reader has looked. */
    boolean isBehind(Subscription cursor, long limit) {
        return cursor.index >= 0
                && cursor.positionPlain() < Math.min(limit, reader.seenTail())
                && !cursor.isClosingVolatile();
    }

    /** Writes once from the log, up to a position at most. */
    Written write(Subscription cursor, GatheringByteChannel channel, long limit) throws IOException {
        long from = cursor.positionPlain();
        long to = Math.min(limit, reader.seenTail());
        if (from >= to || cursor.index < 0 || cursor.isClosingVolatile()) {
            return Written.NOTHING;
        }
        LogPlan plan = planned(from, to);
        if (plan == null) {
            overrun(cursor);
            return Written.SKIPPED;
        }
        bytesOfWrite = plan.write(channel);
        reader.moved();
        reader.lookWhetherOver(cursor);
        if (bytesOfWrite == plan.bytes()) {
            cursor.moveTo(plan.end(), cursor.bytesBeforePlain() + bytesOfWrite);
            return Written.ALL;
        }
        moveWithin(cursor, plan, bytesOfWrite);
        return Written.CUT;
    }

    /** The write from one position, planned now or before; null if the position is not retained. */
    private @Nullable LogPlan planned(long from, long to) {
        for (LogPlan plan : plans) {
            if (plan.isAt(from, to)) {
                return plan;
            }
        }
        // Those far behind come one by one, those that keep up stand together: the plan farther ahead is worth more.
        LogPlan plan = plans[0].end() <= plans[1].end() ? plans[0] : plans[1];
        end(plan);
        if (!ring.plan(plan, from, to)) {
            return null;
        }
        plan.gather();
        return plan;
    }

    /** The channel took a part: the cursor stands behind the last message that it took any of. */
    private void moveWithin(Subscription cursor, LogPlan plan, long written) {
        long position = cursor.positionPlain();
        long bytes = cursor.bytesBeforePlain();
        long left = written;
        while (left >= plan.messageAt(position).sealedLength()) {
            int length = plan.messageAt(position).sealedLength();
            left -= length;
            bytes += length;
            position++;
        }
        if (left > 0) {
            SendBuffer message = plan.messageAt(position);
            insertRest(cursor, message, (int) left);
            bytes += message.sealedLength();
            position++;
        }
        cursor.moveTo(position, bytes);
    }

    private void insertRest(Subscription cursor, SendBuffer message, int written) {
        Inserts inserts = cursor.receiver().queue().insertsOf(cursor);
        SendBuffer copy = copyOfRest(message, written);
        if (copy == null) {
            message.retain();
        }
        inserts.rest = copy == null ? message : copy;
        inserts.restOffset = copy == null ? written : 0;
        inserts.isCut = true;
    }

    /** Null if the rest is large, or there is no memory for the copy. */
    private @Nullable SendBuffer copyOfRest(SendBuffer message, int written) {
        int length = message.sealedLength() - written;
        if (length > MAX_COPIED_REST) {
            return null;
        }
        SendBuffer copy = null;
        try {
            copy = pool.tryAcquire(length);
            return copy == null ? null : copy.putBytes(message, written, length).seal();
        } catch (Throwable e) { // the pool is closed, for instance
            if (copy != null) {
                LogRing.release(copy);
            }
            return null;
        }
    }

    /** True if the receiver has a part of a message, whose rest has to be written next. */
    static boolean isCut(Subscription cursor) {
        Inserts inserts = cursor.inserts();
        return cursor.index >= 0 && inserts != null && inserts.isCut;
    }

    static boolean hasRest(Subscription cursor) {
        Inserts inserts = cursor.inserts();
        return cursor.index >= 0 && inserts != null && inserts.rest != null;
    }

    /** Writes once from what is inserted before all else. True if it is all out. */
    boolean writeRest(Subscription cursor, GatheringByteChannel channel) throws IOException {
        Inserts inserts = cursor.receiver().queue().insertsOf(cursor);
        SendBuffer rest = restOf(inserts);
        ViewCache views = rest.chunk().views;
        int start = rest.offset() + inserts.restOffset;
        int stop = rest.offset() + rest.sealedLength();
        ByteBuffer view = views.take(0, start, stop);
        long written;
        try {
            written = channel.write(view);
        } finally {
            views.put(0, view);
        }
        if (written < 0 || written > stop - start) {
            throw new IOException("the channel says that it wrote " + written + " of " + (stop - start) + " bytes");
        }
        bytesOfWrite = written;
        if (written < stop - start) {
            inserts.restOffset += (int) written;
            inserts.isCut |= written > 0;
            return false;
        }
        inserts.rest = null;
        inserts.restOffset = 0;
        inserts.isCut = false;
        reader.lookWhetherOver(cursor);
        LogRing.release(rest);
        return true;
    }

    private void overrun(Subscription cursor) throws LogOverrunException {
        long first = cursor.positionPlain();
        long bytesBefore = cursor.bytesBeforePlain();
        if (cursor.policy().kind == OverrunPolicy.Kind.END) {
            LogOverrunException cause = new LogOverrunException(ring.gapOf(cursor));
            ring.countEnd();
            cursor.close(); // or else the reader would find it overrun once more
            reader.moved();
            throw cause;
        }
        reader.moved();
        long next = ring.afterOverrun(cursor);
        reader.lookWhetherOver(cursor);
        GapNotice notice = cursor.policy().notice;
        if (notice != null) {
            insertNotice(cursor, notice, Gap.ofLog(first, next - 1, cursor.bytesBeforePlain() - bytesBefore));
        }
    }

    private static void insertNotice(Subscription cursor, GapNotice notice, Gap gap) {
        Inserts inserts = cursor.receiver().queue().insertsOf(cursor);
        SendBuffer message = notice.noticeOf(gap);
        if (message == null) {
            return;
        }
        boolean taken = false;
        try {
            if (message.checkedSealedLength() > 0) {
                inserts.rest = message;
                inserts.restOffset = 0;
                taken = true;
            }
        } finally {
            if (!taken) {
                LogRing.release(message);
            }
        }
    }

    private static SendBuffer restOf(Inserts inserts) {
        SendBuffer rest = inserts.rest;
        if (rest == null) {
            throw new AssertionError("nothing is inserted");
        }
        return rest;
    }
}
