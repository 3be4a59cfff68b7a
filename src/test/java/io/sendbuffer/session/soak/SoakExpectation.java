/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The messages that one session still has to deliver. There is a list for each sender: the sender adds a number before
 * it offers, and removes it again if it learns that the message was not accepted; what arrives has to come in the order
 * of the list. The sender does not learn which sessions refused a broadcast. So messages may be missing, but no more
 * than the groups report as missed, and no fewer.
 *
 * <p>When a broadcast goes to a session that closes, nothing reports whether it was accepted. So when a session is to
 * be closed, {@link #beforeClose} remembers which offers had returned: at the end, none of those may be left.
 */
final class SoakExpectation {
    /** Nothing was offered yet. */
    static final long NONE = -1;

    private final List<Deque<Long>> pending = new ArrayList<>();
    private final AtomicLong[] returned;
    private long @Nullable [] returnedBeforeClose;
    private final LongAdder skipped = new LongAdder();
    private final LongAdder missed = new LongAdder();

    /** Gets, for each sender, the number of the last message that it offered to any session and knows the result of. */
    SoakExpectation(AtomicLong[] returned) {
        this.returned = returned;
        for (int i = 0; i < returned.length; i++) {
            pending.add(new ConcurrentLinkedDeque<>());
        }
    }

    /** Called before the offer, by the sender. */
    void add(int sender, long sequence) {
        pending.get(sender).addLast(sequence);
    }

    /** Called after an offer that was not accepted, by the sender. */
    void takeBack(int sender, long sequence) {
        requireSame(sender, sequence, pending.get(sender).pollLast(), "was the last that was offered");
    }

    /** Called by the thread that reads the stream. */
    void arrived(int sender, long sequence) {
        Long first = pending.get(sender).pollFirst();
        while (first != null && first < sequence) {
            skipped.increment();
            first = pending.get(sender).pollFirst();
        }
        requireSame(sender, sequence, first, "was due");
    }

    /**
     * This many messages of broadcasts were refused, as a group reports. Called before the session is notified of its
     * end.
     */
    void missed(long messages) {
        missed.add(messages);
    }

    /** Called by each thread that closes in order; the first call counts. */
    synchronized void beforeClose() {
        if (returnedBeforeClose == null) {
            returnedBeforeClose = snapshot();
        }
    }

    /**
     * Called after the end of a session that was closed in order: all that was accepted has arrived. What did not
     * arrive was refused.
     */
    synchronized void requireNothingLeft() {
        long[] due = returnedBeforeClose == null ? snapshot() : returnedBeforeClose;
        long missingForSure = skipped.sum();
        long missing = skipped.sum();
        for (int sender = 0; sender < due.length; sender++) {
            for (long sequence : pending.get(sender)) {
                missing++;
                if (sequence <= due[sender]) {
                    missingForSure++;
                }
            }
        }
        if (missingForSure > missed.sum() || missing < missed.sum()) {
            throw new AssertionError(missingForSure + " messages that were offered before the close never arrived, "
                    + missing + " in all, and " + missed + " were reported as refused");
        }
    }

    private long[] snapshot() {
        long[] numbers = new long[returned.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = returned[i].get();
        }
        return numbers;
    }

    private static void requireSame(int sender, long sequence, @Nullable Long expected, String what) {
        if (expected == null || expected != sequence) {
            throw new AssertionError(
                    "message " + sequence + " of sender " + sender + " where " + expected + " " + what);
        }
    }
}
