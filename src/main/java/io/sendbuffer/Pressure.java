/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * How full a queue is, by its watermarks and its soft limit, and which changes of that its owner has not taken. Guarded
 * by the queue's lock. Touched only when a mark is passed: what to compare with until then, the backlog has at hand.
 *
 * <p>Of changes that nobody took in time, the last ones of each kind are kept: a sender that saw the queue full waits
 * for the fall that follows, though the rise was never taken. What is taken alternates, and ends with what is.
 */
final class Pressure {
    private long highBytes;
    private long lowBytes;
    private int highMessages;
    private int lowMessages;

    /** The low watermark, or less after a refusal. */
    private long bytesToFall;

    private int messagesToFall;

    /** {@link Long#MAX_VALUE}: there is no soft limit. */
    private long softBytes;

    private boolean aboveSoft;

    /** Of meaning while {@link #aboveSoft}. */
    private long aboveSoftSinceNanos;

    private boolean high;

    private boolean takenAsHigh;
    private boolean changed;

    /** The queue rose, and has not been empty since. */
    private boolean filled;

    private boolean drained;

    Pressure(QueueLimits limits) {
        limits(limits);
    }

    /** Other limits, before the caller measures what is queued by them. */
    void limits(QueueLimits limits) {
        highBytes = limits.highWatermark();
        lowBytes = limits.lowWatermark();
        highMessages = highMessages(limits);
        lowMessages = Math.min(
                highMessages - 1,
                atLeast(QueueLimits.LOW_PART, Math.ceil(share(limits) * lowBytes), limits.maxQueuedMessages()));
        softBytes = softBytes(limits);
        bytesToFall = lowBytes;
        messagesToFall = lowMessages;
    }

    private static double share(QueueLimits limits) {
        return limits.maxQueuedMessages() / (double) limits.maxQueuedBytes();
    }

    private static int highMessages(QueueLimits limits) {
        double messages = Math.ceil(share(limits) * limits.highWatermark());
        return Math.max(1, atLeast(QueueLimits.HIGH_PART, messages, limits.maxQueuedMessages()));
    }

    /** In proportion to the bytes, but not less than usual because there may be many more bytes. */
    private static int atLeast(int part, double messages, int maxMessages) {
        return Math.max(maxMessages / part, (int) messages);
    }

    private static long softBytes(QueueLimits limits) {
        return limits.softTime().isZero() ? Long.MAX_VALUE : limits.softLimit();
    }

    /** What {@link #bytesToMeasure} is at first. */
    static long leastBytesToMeasure(QueueLimits limits) {
        return Math.min(limits.highWatermark(), softBytes(limits));
    }

    /** What {@link #messagesToMeasure} is at first. */
    static int leastMessagesToMeasure(QueueLimits limits) {
        return highMessages(limits);
    }

    /** What is queued is to be measured when it has more bytes than this. */
    long bytesToMeasure() {
        return Math.min(high ? Long.MAX_VALUE : highBytes, aboveSoft ? Long.MAX_VALUE : softBytes);
    }

    /** Or more messages than this. */
    int messagesToMeasure() {
        return high ? Integer.MAX_VALUE : highMessages;
    }

    /** Or fewer than before. */
    boolean isFallOfInterest() {
        return filled || aboveSoft;
    }

    /**
     * Measures what is queued. After a refusal there is no fall before there is room for what was refused: a sender
     * that was notified would be refused again, at once and forever.
     *
     * @param refuses whether all that is offered is refused
     * @return true if the owner is to be notified: a mark was passed
     */
    boolean measure(long bytes, int messages, boolean refuses) {
        boolean isNews = measureSoft(bytes);
        if (!high && (bytes > highBytes || messages > highMessages)) {
            isNews |= rise();
        } else if (high && !refuses && bytes <= bytesToFall && messages <= messagesToFall) {
            fall();
            isNews = true;
        }
        if (messages == 0 && filled) {
            filled = false;
            drained = true;
            isNews = true;
        }
        return isNews;
    }

    /** Returns true if it was passed upwards: a clock is to run. */
    private boolean measureSoft(long bytes) {
        if (aboveSoft == (bytes > softBytes)) {
            return false;
        }
        aboveSoft = !aboveSoft;
        aboveSoftSinceNanos = aboveSoft ? System.nanoTime() : 0;
        return aboveSoft;
    }

    /** How long the queue has held more than its soft limit, in nanoseconds; -1 if it does not. */
    long nanosAboveSoft(long nowNanos) {
        return aboveSoft ? Math.max(0, nowNanos - aboveSoftSinceNanos) : -1;
    }

    private void fall() {
        high = false;
        changed = true;
        bytesToFall = lowBytes;
        messagesToFall = lowMessages;
    }

    /**
     * A message was refused, and others wait: the sender is to be notified when there is room. Returns as above.
     *
     * @param bytesLeft what may wait at most for the message to have room, and likewise messages
     */
    boolean refused(long bytesLeft, int messagesLeft) {
        bytesToFall = Math.min(bytesToFall, Math.max(0, bytesLeft));
        messagesToFall = Math.min(messagesToFall, Math.max(0, messagesLeft));
        return !high && rise();
    }

    private boolean rise() {
        high = true;
        changed = true;
        filled = true;
        drained = false; // not any more
        return true;
    }

    /** True if there is a change to take. */
    boolean isDue() {
        return changed || takenAsHigh != high || drained;
    }

    /** The next change that the owner is to be notified of. */
    PressureChange take() {
        if (changed || takenAsHigh != high) {
            takenAsHigh = !takenAsHigh; // after two changes, the first of them: the second one follows
            changed = false;
            return takenAsHigh ? PressureChange.ROSE : PressureChange.FELL;
        }
        boolean isDrained = drained;
        drained = false;
        return isDrained ? PressureChange.DRAINED : PressureChange.NONE;
    }

    boolean isHigh() {
        return high;
    }
}
