/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Does what the {@link OverrunPolicy} and the {@link Conflation} of a queue say: ends it, releases what it loses, and
 * has notices of that made. Under no lock, as it calls the user's code. Off the path of a message that has room and no
 * attributes.
 */
final class OverrunHandler {
    private OverrunHandler() {}

    /** Offers a message that has attributes, with the reference that came with it, and releases what it replaces. */
    static OfferResult offer(SendQueue queue, SendBuffer message, int length) {
        Object result = queue.backlog().offerAttributed(message, length);
        if (result instanceof OfferResult refusalOrQueued) {
            return refusalOrQueued;
        }
        drop(queue, (SendBuffer) result);
        return OfferResult.QUEUED;
    }

    /** Likewise a batch. */
    static OfferResult offer(SendQueue queue, SendBatch batch, BatchAttributes attributes) {
        release(queue, attributes.replaced); // of a call that this one is within, where a release listener sends
        OfferResult result = queue.backlog().offerAttributed(batch, attributes);
        release(queue, attributes.replaced);
        return result;
    }

    private static void release(SendQueue queue, BatchAttributes.Pieces replaced) {
        while (drop(queue, replaced.poll())) {}
    }

    /** A message was refused for a limit. True if it is to be offered once more. By the thread that offers. */
    static boolean makeRoom(SendQueue queue, OfferResult refusal) {
        Backlog backlog = queue.backlog();
        if (backlog.mayExpireVolatile() && hasStackRoom() && dropExpired(queue)) {
            return true;
        }
        ChunkStore pool = backlog.storePlain();
        if (refusal == OfferResult.REFUSED_BUDGET && pool != null && pool.measureShareAgain()) {
            return true;
        }
        OverrunPolicy.Kind kind = backlog.overrunPolicy().kind;
        if (kind == OverrunPolicy.Kind.HOLD || !hasStackRoom()) {
            return false;
        }
        if (kind == OverrunPolicy.Kind.END) {
            end(queue, refusal);
            return backlog.isClosed(); // then that is the result; an owner may end it later
        }
        seekExpendable(backlog);
        return drop(queue, backlog.dropOldest(refusal));
    }

    /** True if there may be room now: the first message has expired, or others were looked for behind it. */
    private static boolean dropExpired(SendQueue queue) {
        Backlog backlog = queue.backlog();
        if (drop(queue, backlog.takeExpired())) {
            return true;
        }
        backlog.noteNoRoom();
        return dropExpiredBehind(queue);
    }

    private static boolean dropExpiredBehind(SendQueue queue) {
        Backlog backlog = queue.backlog();
        boolean sought = false;
        while (backlog.seeksExpired()) {
            drop(queue, backlog.takeExpiredBehind());
            sought = true;
        }
        return sought;
    }

    private static void seekExpendable(Backlog backlog) {
        while (backlog.seekExpendable()) {} // each call is a step further
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
        if (backlog.mayExpireVolatile()) {
            dropExpiredBehind(queue);
        }
        seekExpendable(backlog);
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
     * Drops what has expired, has the notice made of what was lost, and puts it into the window, which is empty, before
     * the next message. By the drainer; what the user throws ends its drain.
     */
    static void insertNotice(SendQueue queue) {
        StackRoom.require();
        while (drop(queue, queue.backlog().takeExpired())) {}
        LossyRing.DueNotice due = queue.backlog().takeNotice();
        if (due == null) {
            return;
        }
        SendBuffer notice = due.make();
        if (notice == null) {
            queue.backlog().putBack(due);
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
