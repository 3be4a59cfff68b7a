/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Drains a queue whose receiver also subscribes to logs, within the queue's drain: first what was written in part, then
 * the messages of the queue that come before the log's next one, then the log up to the next message of the queue.
 *
 * <p>What waits when a subscription begins goes before its snapshot and its log: it was sent before. The rest of a
 * message that the receiver has a part of goes before all else.
 *
 * <p>The order: a message that is offered notes the log's tail at that moment. It goes out when the cursor has come to
 * that position, and nothing that was appended later goes out before it. A cursor reads up to the tail that its reader
 * saw; what a thread did before it appended one of those messages happens-before that look, so the reader finds all of
 * that thread's notes, and may read without the lock whether there are any.
 */
final class LogDrain {
    private LogDrain() {}

    /** As the drain of {@link SendQueue}: CLOSED leaves the end to the caller. */
    static FlushResult drain(SendQueue queue, GatheringByteChannel channel, long maxBytes) throws IOException {
        Backlog backlog = queue.backlog();
        InFlightWindow window = queue.window();
        long left = maxBytes;
        boolean isTurnOfValues = true;
        while (true) {
            if (window.isEmpty()) {
                Subscription cut = firstWithRest(backlog);
                if (cut != null) {
                    if (left <= 0) {
                        return queue.stop(FlushResult.MORE);
                    }
                    boolean all = cut.reader().writer().writeRest(cut, channel);
                    window.tookOfLogs(cut.reader().writer().bytesOfWrite());
                    if (!all) {
                        return queue.stop(FlushResult.BLOCKED);
                    }
                    left -= cut.reader().writer().bytesOfWrite();
                    continue;
                }
                if (!backlog.fillInOrder(window)) {
                    return FlushResult.CLOSED;
                }
                if (window.isEmpty() && backlog.isNoticeDueVolatile()) {
                    OverrunHandler.insertNotice(queue);
                }
                if (window.isEmpty() && left <= 0 && backlog.hasMarks()) {
                    return queue.stop(FlushResult.MORE); // before values are asked for, which would grow old
                }
                if (window.isEmpty() && isTurnOfValues) {
                    isTurnOfValues = false; // then the logs have theirs
                    if (!MarkedKeys.insert(queue)) {
                        return FlushResult.CLOSED;
                    }
                }
            }
            if (!window.isEmpty()) {
                if (left <= 0) {
                    window.firstWaitsOpaque();
                    return queue.stop(FlushResult.MORE);
                }
                if (!window.write(channel)) {
                    return queue.stop(FlushResult.BLOCKED);
                }
                left -= window.bytesOfWrite();
                continue;
            }
            for (Subscription cursor = backlog.subscriptions(); cursor != null; cursor = backlog.after(cursor)) {
                if (left > 0) {
                    LogWriter.Written written =
                            cursor.reader().writer().write(cursor, channel, backlog.limitOf(cursor));
                    long bytes = written == LogWriter.Written.ALL || written == LogWriter.Written.CUT
                            ? cursor.reader().writer().bytesOfWrite()
                            : 0;
                    window.tookOfLogs(bytes);
                    if (written == LogWriter.Written.CUT) {
                        return queue.stop(FlushResult.BLOCKED);
                    }
                    left -= bytes;
                }
            }
            isTurnOfValues = true;
            if (firstWithRest(backlog) == null) { // or else a notice comes next
                if (isBehind(backlog)) {
                    return queue.stop(FlushResult.MORE); // after the others, which may stand at the same position
                }
                FlushResult end = backlog.leaveInOrder(window, queue.drainState());
                if (end != null) {
                    return end;
                }
            }
        }
    }

    /** The one that was written in part; or else the first one that something is inserted for. */
    private static @Nullable Subscription firstWithRest(Backlog backlog) {
        Subscription first = null;
        for (Subscription cursor = backlog.subscriptions(); cursor != null; cursor = backlog.after(cursor)) {
            if (LogWriter.isCut(cursor)) {
                return cursor;
            }
            if (first == null && LogWriter.hasRest(cursor) && backlog.mayInsert(cursor)) {
                first = cursor;
            }
        }
        return first;
    }

    private static boolean isBehind(Backlog backlog) {
        for (Subscription cursor = backlog.subscriptions(); cursor != null; cursor = backlog.after(cursor)) {
            if (cursor.reader().writer().isBehind(cursor, backlog.limitOf(cursor))) {
                return true;
            }
        }
        return false;
    }
}
