/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * The losses of a queue for which no notice has been made yet: each run of losses with no message in between, and where
 * it is among the messages that wait. A bounded number of runs: what is lost at one more place counts to the run before
 * it, or to the first one, which then begins there, so that a notice never comes later than the loss. Guarded by the
 * queue's lock.
 *
 * <p>A run that is found for a loss stays where it is until the loss is counted, which is two stores and no call.
 */
final class GapRuns {
    /** No more notices than these wait to be made, and each of them is a write. */
    static final int MAX_RUNS = 16;

    // The fields of each run. It is before the message with this number, or what comes there next.
    private static final int NUMBER = 0;

    /** No message waits between the number and this one. */
    private static final int END = 1;

    private static final int MESSAGES = 2;
    private static final int BYTES = 3;
    private static final int CONFLATED = 4;
    private static final int EXPIRED = 5;
    private static final int FIELDS = 6;

    /** In the order of their numbers. */
    private long[] runs = new long[FIELDS];

    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    /** Where the first of them is; larger than all numbers if there is none. */
    long firstNumber() {
        return count == 0 ? Long.MAX_VALUE : runs[NUMBER];
    }

    // ---- a loss

    /**
     * The run of a message that is about to be lost.
     *
     * @param leavesHole false if another message takes its turn
     */
    int runOf(MessageRing ring, long number, boolean leavesHole) {
        long end = leavesHole ? number + 1 : number;
        int before = lastUpTo(number);
        if (before >= 0 && reaches(before, number, ring)) {
            extend(before, end, ring);
            return before;
        }
        int next = before + 1;
        if (leavesHole && next < count && isNoneBetween(end, get(next, NUMBER), ring)) {
            set(next, NUMBER, number);
            return next;
        }
        if (count < MAX_RUNS && hasRoom(ring)) {
            insert(next, number, end);
            return next;
        }
        if (before < 0) {
            set(0, NUMBER, number);
            set(0, END, end);
        }
        return Math.max(0, before);
    }

    private int lastUpTo(long number) {
        int run = count - 1;
        while (run >= 0 && get(run, NUMBER) > number) {
            run--;
        }
        return run;
    }

    /** True if no message waits between a run and this number. Each place is passed once. */
    private boolean reaches(int run, long number, MessageRing ring) {
        long end = Math.max(get(run, END), ring.firstNumber());
        while (end < number && ring.at(end) == null) {
            end++;
        }
        set(run, END, Math.max(get(run, END), Math.min(end, number)));
        return end >= number;
    }

    /** False as well where that would take many looks: a run more is no fault. */
    private static boolean isNoneBetween(long from, long to, MessageRing ring) {
        if (to - from > Overrun.MAX_LOOKS) {
            return false;
        }
        long number = from;
        while (number < to && number < ring.nextNumber() && ring.at(number) == null) {
            number++;
        }
        return number >= to;
    }

    /** The next run may be without a message in between then. */
    private void extend(int run, long end, MessageRing ring) {
        set(run, END, Math.max(get(run, END), end));
        int next = run + 1;
        while (next < count && get(next, NUMBER) <= ring.nextNumber() && reaches(run, get(next, NUMBER), ring)) {
            join(run, next);
        }
    }

    private void join(int run, int next) {
        set(run, END, Math.max(get(run, END), get(next, END)));
        int to = run * FIELDS;
        int from = next * FIELDS;
        for (int field = MESSAGES; field < FIELDS; field++) { // no call: where the stack ends, nothing counts twice
            runs[to + field] += runs[from + field];
            runs[from + field] = 0;
        }
        remove(next, 1);
    }

    private void remove(int first, int removed) {
        int from = (first + removed) * FIELDS;
        System.arraycopy(runs, from, runs, first * FIELDS, count * FIELDS - from);
        count -= removed;
    }

    /** False if the heap has none for one more run: then that counts to another one. */
    private boolean hasRoom(MessageRing ring) {
        if ((count + 1) * FIELDS <= runs.length) {
            return true;
        }
        try {
            long[] more = ring.arrays().longs(2 * runs.length);
            System.arraycopy(runs, 0, more, 0, runs.length);
            runs = more;
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private void insert(int run, long number, long end) {
        int at = run * FIELDS;
        System.arraycopy(runs, at, runs, at + FIELDS, count * FIELDS - at);
        count++; // and no call from here on, likewise
        runs[at + NUMBER] = number;
        runs[at + END] = end;
        for (int field = MESSAGES; field < FIELDS; field++) {
            runs[at + field] = 0;
        }
    }

    void count(int run, long messages, long bytes) {
        int at = run * FIELDS;
        runs[at + MESSAGES] += messages;
        runs[at + BYTES] += bytes;
    }

    void countConflated(int run, long bytes) {
        int at = run * FIELDS;
        runs[at + MESSAGES]++;
        runs[at + BYTES] += bytes;
        runs[at + CONFLATED]++;
    }

    void countExpired(int run, long bytes) {
        int at = run * FIELDS;
        runs[at + MESSAGES]++;
        runs[at + BYTES] += bytes;
        runs[at + EXPIRED]++;
    }

    // ---- a notice

    /** Takes out what was lost up to a number: of several runs, if no notice was to be made of them before. */
    Gap take(long number) {
        int taken = lastUpTo(number) + 1;
        long messages = 0;
        long bytes = 0;
        long conflated = 0;
        long expired = 0;
        for (int run = 0; run < taken; run++) {
            messages += get(run, MESSAGES);
            bytes += get(run, BYTES);
            conflated += get(run, CONFLATED);
            expired += get(run, EXPIRED);
        }
        remove(0, taken);
        return Gap.ofQueue(messages, bytes, conflated, expired);
    }

    /**
     * No notice was made of this: it counts to the next run.
     *
     * @return true if there is none, and this is one at the number of the message that comes next
     */
    boolean putBack(Gap gap, long nextNumber) {
        boolean isOnly = count == 0;
        if (isOnly) {
            insert(0, nextNumber, nextNumber);
        }
        runs[MESSAGES] += gap.messages();
        runs[BYTES] += gap.bytes();
        runs[CONFLATED] += gap.conflated();
        runs[EXPIRED] += gap.expired();
        return isOnly;
    }

    /** The first run begins at this number, if that is before it. */
    void beginAt(long number) {
        if (number < get(0, NUMBER)) {
            set(0, NUMBER, number);
            set(0, END, number);
        }
    }

    // ---- holes

    /** The messages of the ring are about to get other numbers: larger by the holes behind them. One pass. */
    void forgetHoles(MessageRing ring) {
        long first = ring.firstNumber();
        long seen = ring.nextNumber();
        long holes = 0;
        for (int run = count - 1; run >= 0; run--) {
            for (int field = END; field >= NUMBER; field--) {
                long number = Math.max(get(run, field), first);
                if (number < seen) {
                    holes += ring.holesAmong((int) (number - first), (int) (seen - number));
                    seen = number;
                }
                if (number < ring.nextNumber()) {
                    set(run, field, number + holes);
                }
            }
        }
    }

    private long get(int run, int field) {
        return runs[run * FIELDS + field];
    }

    private void set(int run, int field, long value) {
        runs[run * FIELDS + field] = value;
    }
}
