/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Does what the {@link OverrunPolicy} of a queue says: ends it, drops its oldest messages, and has notices of them
 * made. Under no lock, as it calls the user's code. Off the path of a message that has room.
 */
final class OverrunHandler {
    private OverrunHandler() {}

    /** A message was refused for a limit. True if it is to be offered once more. By the thread that offers. */
    static boolean makeRoom(SendQueue queue, OfferResult refusal) {
        Backlog backlog = queue.backlog();
        OverrunPolicy.Kind kind = backlog.overrunPolicy().kind;
        if (kind == OverrunPolicy.Kind.HOLD || !hasStackRoom()) {
            return false;
        }
        if (kind == OverrunPolicy.Kind.END) {
            end(queue, refusal);
            return backlog.isClosed(); // then that is the result; an owner may end it later
        }
        return drop(queue, backlog.dropOldest());
    }

    /** Near the end of the stack nothing is taken out of a queue: it could not be given back. */
    private static boolean hasStackRoom() {
        try {
            StackRoom.require();
            return true;
        } catch (StackOverflowError e) {
            return false;
        }
    }

    /** A limit with a time may be passed. Any thread. */
    static void overrun(SendQueue queue, long nowNanos) {
        StackRoom.require();
        Backlog backlog = queue.backlog();
        OfferResult passed = backlog.overdue(nowNanos);
        if (passed == null) {
            return;
        }
        if (backlog.overrunPolicy().kind == OverrunPolicy.Kind.END) {
            end(queue, passed);
            return;
        }
        while (drop(queue, backlog.dropOverdue(nowNanos))) {}
    }

    /** A message that was released too often elsewhere ends this queue, as it would when it is written. */
    private static boolean drop(SendQueue queue, @Nullable SendBuffer oldest) {
        if (oldest == null) {
            return false;
        }
        try {
            oldest.releaseUnwritten();
        } catch (Throwable e) {
            queue.close(e);
        }
        return true;
    }

    private static void end(SendQueue queue, OfferResult passed) {
        if (queue.backlog().isShed()) {
            return; // its owner is about to
        }
        SlowConsumerException cause = SlowConsumerException.passed(passed, queue.limits());
        Throwable thrown = queue.holder.end(cause);
        if (thrown != null) {
            cause.addSuppressed(thrown);
        }
    }

    /**
     * Has the notice made of what was dropped, and puts it where that is missing: into the window, which is empty,
     * before the next message. By the drainer; what the user throws ends its drain.
     */
    static void insertNotice(SendQueue queue) {
        StackRoom.require();
        Backlog.DueNotice due = queue.backlog().takeNotice();
        SendBuffer notice = due == null ? null : due.make();
        if (notice == null) {
            return;
        }
        boolean taken = false;
        try {
            int length = notice.checkedSealedLength();
            queue.holder.makeKnownTo(notice.chunk().store); // without memory for that, the notice is sent unknown
            if (length > 0 && queue.window().hasRoom() && queue.backlog().countNotice(length)) {
                taken = true; // before it is: at the end of the stack it is better lost than released twice
                queue.window().add(notice);
            }
        } finally {
            if (!taken) {
                notice.release();
            }
        }
    }
}
