/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Finds messages of a full queue that have expired behind others, in passes over the ring: one begins when the earliest
 * time of those that wait may be over. Made when the first message with a time comes. Guarded by the queue's lock,
 * which is held for some looks at a time.
 *
 * <p>The earliest time may be that of a message that has left, so a pass may find nothing. So that many such passes do
 * not cost more than the offers that they are for, each of these, and each millisecond, pays for some looks of the last
 * one before the next begins.
 */
final class ExpirySearch {
    /** How many places are looked at under one hold of the lock. */
    static final int MAX_LOOKS = 512;

    private static final int LOOKS_PER_OFFER = 256;
    private static final int LOOKS_PER_MILLI = 256;

    /** False if no message with a time is known to wait. */
    private boolean isAnyTimed;

    /** No such message expires before, but for those that came before this was made. */
    private int earliest;

    /** Likewise, of those that the pass has passed, or that came since it began. */
    private boolean isAnyPassed;

    private int earliestPassed;

    private boolean isRunning;

    /** The next place of the pass. */
    private long next;

    private long looks;
    private long unpaidLooks;
    private int lastBegin;

    /** How many passes there were. For tests. */
    int passes;

    /** A message with a time comes, to whatever place of the ring. */
    void added(int deadline, MessageRing ring) {
        if (!isRunning && ring.isEmpty()) { // what was known is of messages that have left
            isAnyTimed = false;
            isAnyPassed = false;
        }
        added(deadline);
    }

    /** Likewise, of whatever ring. */
    void added(int deadline) {
        earliest = isAnyTimed ? earlier(earliest, deadline) : deadline;
        isAnyTimed = true;
        earliestPassed = isAnyPassed ? earlier(earliestPassed, deadline) : deadline;
        isAnyPassed = true;
    }

    private static int earlier(int one, int other) {
        return one - other < 0 ? one : other;
    }

    /** An offer finds no room. */
    void noteNoRoom() {
        unpaidLooks -= LOOKS_PER_OFFER;
    }

    /** True if a pass is not over, or one is to begin and begins. */
    boolean isToContinue(MessageRing ring, int nowMillis) {
        if (!isRunning && isAnyTimed && nowMillis - earliest >= 0 && isPaid(nowMillis)) {
            isRunning = true;
            isAnyPassed = false;
            next = ring.firstNumber();
            looks = 0;
            lastBegin = nowMillis;
            passes++;
        }
        return isRunning;
    }

    private boolean isPaid(int nowMillis) {
        return unpaidLooks <= 0 || nowMillis - lastBegin >= unpaidLooks / LOOKS_PER_MILLI;
    }

    /** Looks on. Returns the number of a message that has expired, or -1: not yet, or the pass is over. */
    long find(MessageRing ring, int nowMillis) {
        if (!isRunning) {
            return -1;
        }
        long number = Math.max(next, ring.firstNumber());
        long stop = Math.min(ring.nextNumber(), number + MAX_LOOKS);
        long begin = number;
        long found = -1;
        for (; number < stop && found < 0; number++) {
            SendBuffer message = ring.at(number);
            if (message != null && message.isExpired(nowMillis)) {
                found = number;
            } else if (message != null && message.expires()) {
                passed(message);
            }
        }
        looks += number - begin;
        next = number;
        if (number >= ring.nextNumber()) {
            endPass();
        }
        return found;
    }

    private void passed(SendBuffer message) {
        earliestPassed = isAnyPassed ? earlier(earliestPassed, message.deadlineMillis()) : message.deadlineMillis();
        isAnyPassed = true;
    }

    private void endPass() {
        isRunning = false;
        isAnyTimed = isAnyPassed;
        earliest = earliestPassed;
        unpaidLooks = looks;
    }

    /** The messages of the ring are about to get other numbers. */
    void forgetHoles(long nextAfter) {
        next = nextAfter;
    }

    /** The next place of a pass. */
    long next() {
        return next;
    }

    /**
     * Makes one; null if the heap has no room for it.
     *
     * @param othersWait others with a time may wait already: the first pass is to begin at once
     */
    static @Nullable ExpirySearch createIfPossible(boolean othersWait) {
        try {
            ExpirySearch search = new ExpirySearch();
            if (othersWait) {
                search.added(AttributedSlice.nowMillis());
            }
            return search;
        } catch (OutOfMemoryError e) {
            return null;
        }
    }
}
