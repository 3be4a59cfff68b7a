/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * A ring of messages that knows the logs which its receiver subscribes to, and where each message belongs among those
 * of the logs. Takes no lock: its methods are called under that of the queue, but for {@link #subscriptions()} and
 * {@link #after}, which the thread calls that writes the logs.
 */
abstract class OrderedRing extends MessageRing {
    /** Where the cursor of a subscription stands that its reader has not adopted: a snapshot may have to go first. */
    private static final long NOWHERE = -1;

    private @Nullable Subscription firstSubscription;

    OrderedRing(QueueArrays arrays) {
        super(arrays);
    }

    // ---- the subscriptions

    /** What waits already goes first. In case of an Error nothing has changed. */
    final void addSubscription(Subscription cursor) {
        if (!isEmpty()) {
            cursor.needInserts().order = new QueueOrder(places());
        }
        if (firstSubscription != null) {
            cursor.needInserts().next = firstSubscription;
        }
        firstSubscription = cursor;
    }

    final void removeSubscription(Subscription cursor) {
        Subscription before = null;
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            if (each == cursor) {
                if (before == null) {
                    firstSubscription = after(cursor);
                } else {
                    before.needInserts().next = after(cursor);
                }
                return;
            }
            before = each;
        }
    }

    final boolean hasSubscriptions() {
        return firstSubscription != null;
    }

    /** The first one; null if there is none. */
    final @Nullable Subscription subscriptions() {
        return firstSubscription;
    }

    /** The one after another; null at the end. */
    final @Nullable Subscription after(Subscription cursor) {
        Inserts inserts = cursor.inserts();
        return inserts == null ? null : inserts.next;
    }

    // ---- the order

    /**
     * Notes that messages go behind all that their thread has appended before. Before they are added to the ring, after
     * which no call may fail.
     *
     * @return false if there is no memory for the note
     */
    final boolean noteOrder(int messages) {
        try {
            reserveOrder();
        } catch (OutOfMemoryError e) {
            return false;
        }
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            QueueOrder order = orderOf(each);
            if (order != null) {
                order.add(messages, each.log().tailPosition());
            }
        }
        return true;
    }

    private void reserveOrder() {
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            Inserts inserts = each.needInserts();
            if (inserts.order == null) {
                inserts.order = new QueueOrder(places());
            }
            inserts.order.reserve();
        }
    }

    /** The messages that were noted last are not added after all. */
    final void takeOrderBack(int messages) {
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            QueueOrder order = orderOf(each);
            if (order != null) {
                order.takeBack(messages);
            }
        }
    }

    /** Takes out the first message, for which the order of the logs has room. */
    @Nullable
    final SendBuffer pollInOrder() {
        return remove(firstNumber());
    }

    /** Takes out a message that waits, wherever it is. */
    @Nullable
    final SendBuffer remove(long number) {
        long before = firstNumber();
        SendBuffer removed = takeOut(number);
        if (firstSubscription != null) {
            notePassed((int) (firstNumber() - before));
        }
        return removed;
    }

    private void notePassed(int places) {
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            QueueOrder order = orderOf(each);
            if (order != null) {
                order.passed(places);
            }
        }
    }

    /** As {@link #compact}, for the order of the logs too. */
    final void compactInOrder() {
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            QueueOrder order = orderOf(each);
            if (order != null) {
                order.forgetHoles(this);
            }
        }
        compact();
    }

    /** True if the logs are written up to where the first message belongs. By the thread that writes them. */
    final boolean mayBeWritten() {
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            QueueOrder order = orderOf(each);
            if (order != null && !order.hasFree() && !mayBeWritten(each, order)) {
                return false;
            }
        }
        return true;
    }

    private static boolean mayBeWritten(Subscription each, QueueOrder order) {
        return !LogWriter.hasRest(each) && order.mayBeWritten(each.index < 0 ? NOWHERE : each.positionOpaque());
    }

    /** True if no message waits that goes before what is inserted for a subscription. */
    static boolean mayBeInserted(Subscription cursor) {
        QueueOrder order = orderOf(cursor);
        return order == null || !order.hasFree();
    }

    /** How far a cursor may read: up to where the first message belongs, and where a queue that finishes ends. */
    static long limitOf(Subscription cursor, boolean finishing) {
        QueueOrder order = orderOf(cursor);
        long limit = order == null ? Long.MAX_VALUE : order.limit();
        return finishing ? Math.min(limit, endOf(cursor)) : limit;
    }

    private static @Nullable QueueOrder orderOf(Subscription cursor) {
        Inserts inserts = cursor.inserts();
        return inserts == null ? null : inserts.order;
    }

    // ---- the end

    /**
     * The queue finishes: it ends where its logs end now; or where there is no memory to note that, where they end when
     * the reader looks.
     */
    final void noteEnds() {
        try {
            for (Subscription each = firstSubscription; each != null; each = after(each)) {
                endOf(each);
            }
        } catch (OutOfMemoryError e) {
            return;
        }
    }

    /**
     * True if the logs are written up to where the queue ends that finishes. What has joined is to be adopted first: a
     * snapshot may go before all else.
     */
    final boolean areLogsWritten() {
        boolean written = true;
        for (Subscription each = firstSubscription; each != null; each = after(each)) {
            written &= each.positionOpaque() >= endOf(each) && each.index >= 0 && !LogWriter.hasRest(each);
        }
        return written;
    }

    private static long endOf(Subscription each) {
        Inserts inserts = each.needInserts();
        if (inserts.end == Long.MAX_VALUE) {
            inserts.end = each.log().tailPosition();
        }
        return inserts.end;
    }
}
