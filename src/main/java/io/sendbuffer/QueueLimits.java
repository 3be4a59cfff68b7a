/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import java.time.Duration;
import java.util.Locale;
import org.agrona.SystemUtil;

/**
 * How much a {@link SendQueue} may hold, from when on it counts as full, and how much of it goes into one write.
 * Immutable; share one among all queues.
 *
 * <p>The hard limits are strict, whatever the number of senders: a message is taken whole or not at all. The watermarks
 * refuse nothing. They are where a sender is to pause and to continue: see {@link SendQueue#isWritable}. Messages count
 * for them in proportion: a queue with half of the messages that it may hold is as full as one with half of the bytes;
 * but the marks are a quarter and a sixteenth of the messages at least.
 *
 * <p>What happens when a hard limit would be passed, or a limit with a time is, is the queue's {@link OverrunPolicy}.
 * Limits with a time are looked at by the clock of the session's loop or set, or by {@link SendQueue#isOverdue}.
 *
 * @param maxQueuedBytes hard limit on the bytes that wait or are being written, 1 or more. A message that would pass it
 *     is refused whole, so this is also the largest message that the queue ever takes: a larger one is
 *     {@link OfferResult#TOO_LARGE}
 * @param maxQueuedMessages hard limit on the messages that wait or are being written, 1 to 2<sup>30</sup>
 * @param maxBytesPerWrite most bytes handed to one write, 1 or more
 * @param maxEntriesPerWrite most separate pieces of memory handed to one gathering write, 1 to 1,024; neighboring
 *     messages are one piece
 * @param highWatermark bytes: a queue that holds more is no longer writable; 1 to {@code maxQueuedBytes}
 * @param lowWatermark bytes: a queue that was not writable is so again when it holds no more than this; 0 to
 *     {@code highWatermark}
 * @param softLimit bytes that a queue may hold for a while only, 1 to {@code maxQueuedBytes}: when it has held more for
 *     all of {@code softTime}, it is overrun
 * @param softTime 10 milliseconds to 1 day; zero for no soft limit
 * @param maxAge how long a message may wait, 10 milliseconds to 1 day, before the queue is overrun; zero for no limit.
 *     A message that replaced an older one of its key counts as that one
 * @param controlReserveBytes bytes beyond {@code maxQueuedBytes} that only {@link MessageClass#CONTROL} messages may
 *     take, 0 to 2<sup>30</sup>; as strict
 * @param controlReserveMessages messages beyond {@code maxQueuedMessages} likewise, 0 to 2<sup>20</sup>
 */
public record QueueLimits(
        long maxQueuedBytes,
        int maxQueuedMessages,
        int maxBytesPerWrite,
        int maxEntriesPerWrite,
        long highWatermark,
        long lowWatermark,
        long softLimit,
        Duration softTime,
        Duration maxAge,
        int controlReserveBytes,
        int controlReserveMessages) {
    private static final int MAX_MESSAGES = 1 << 30;

    /** Linux takes 1,024 entries in one call, and so does the JDK's wrapper. */
    private static final int MAX_ENTRIES = 1024;

    /** Windows takes 16; more would be split. */
    private static final int WINDOWS_ENTRIES = 16;

    private static final Duration MIN_TIME = Duration.ofMillis(10);
    private static final Duration MAX_TIME = Duration.ofDays(1);

    private static final int MAX_RESERVE_BYTES = 1 << 30;
    private static final int MAX_RESERVE_MESSAGES = 1 << 20;
    private static final int USUAL_RESERVE_BYTES = 64 << 10;
    private static final int USUAL_RESERVE_MESSAGES = 64;

    /** The usual watermarks are these parts of the hard limits. */
    static final int HIGH_PART = 4;

    static final int LOW_PART = 16;

    /**
     * 4 MiB and 16,384 messages queued, 64 KiB and 64 messages more for control; 1 MiB and 256 KiB watermarks; 512 KiB
     * and 64 entries (16 on Windows) per write.
     */
    public static final QueueLimits DEFAULT =
            new QueueLimits(4 << 20, 16_384, 512 << 10, SystemUtil.isWindows() ? WINDOWS_ENTRIES : 64);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if a limit is out of its range; the message names it and the range
     */
    public QueueLimits {
        Checks.inRange("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
        Checks.inRange("maxQueuedMessages", maxQueuedMessages, 1, MAX_MESSAGES);
        Checks.inRange("maxBytesPerWrite", maxBytesPerWrite, 1, Integer.MAX_VALUE);
        Checks.inRange("maxEntriesPerWrite", maxEntriesPerWrite, 1, MAX_ENTRIES);
        requireWithin("highWatermark", highWatermark, maxQueuedBytes);
        Checks.inRange("lowWatermark", lowWatermark, 0, highWatermark);
        requireWithin("softLimit", softLimit, maxQueuedBytes);
        requireTime("softTime", softTime);
        requireTime("maxAge", maxAge);
        Checks.inRange("controlReserveBytes", controlReserveBytes, 0, MAX_RESERVE_BYTES);
        Checks.inRange("controlReserveMessages", controlReserveMessages, 0, MAX_RESERVE_MESSAGES);
    }

    private static void requireWithin(String name, long bytes, long maxQueuedBytes) {
        if (bytes > maxQueuedBytes) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s must be between 1 and %,d, was %,d: raise maxQueuedBytes first, by withMaxQueuedBytes",
                    name,
                    maxQueuedBytes,
                    bytes));
        }
        Checks.inRange(name, bytes, 1, maxQueuedBytes);
    }

    private static void requireTime(String name, Duration time) {
        boolean isInRange = time.compareTo(MIN_TIME) >= 0 && time.compareTo(MAX_TIME) <= 0;
        if (!isInRange && !time.isZero()) {
            throw new IllegalArgumentException(name + " must be zero, or between 10 ms and 1 day, was " + time);
        }
    }

    /** True if a limit has a time. */
    boolean isTimed() {
        return !softTime.isZero() || !maxAge.isZero();
    }

    /** The most bytes that wait, control messages included. */
    long maxBytesWithControl() {
        return Long.MAX_VALUE - controlReserveBytes < maxQueuedBytes
                ? Long.MAX_VALUE
                : maxQueuedBytes + controlReserveBytes;
    }

    /** The most messages likewise. */
    int maxMessagesWithControl() {
        return maxQueuedMessages + controlReserveMessages;
    }

    /**
     * Creates limits with watermarks of a quarter and a sixteenth of {@code maxQueuedBytes}, none with a time, and a
     * control reserve of 64 KiB and 64 messages.
     */
    public QueueLimits(long maxQueuedBytes, int maxQueuedMessages, int maxBytesPerWrite, int maxEntriesPerWrite) {
        this(
                maxQueuedBytes,
                maxQueuedMessages,
                maxBytesPerWrite,
                maxEntriesPerWrite,
                usualHighWatermark(maxQueuedBytes),
                maxQueuedBytes / LOW_PART,
                Math.max(1, maxQueuedBytes),
                Duration.ZERO,
                Duration.ZERO,
                USUAL_RESERVE_BYTES,
                USUAL_RESERVE_MESSAGES);
    }

    /**
     * {@link #DEFAULT} with a hard limit in bytes alone, whatever the number of messages that these are, up to
     * 2<sup>30</sup>: what a message costs beside its bytes is some 10 bytes in the queue. With {@link #withSoftLimit},
     * and {@link OverrunPolicy#end()}, the limits of an output buffer as message brokers have them.
     *
     * @param maxQueuedBytes as the component of that name
     */
    public static QueueLimits ofBytes(long maxQueuedBytes) {
        return new QueueLimits(maxQueuedBytes, MAX_MESSAGES, DEFAULT.maxBytesPerWrite, DEFAULT.maxEntriesPerWrite);
    }

    private static long usualHighWatermark(long maxQueuedBytes) {
        return Math.max(1, maxQueuedBytes / HIGH_PART);
    }

    /**
     * These limits with another {@link #maxQueuedBytes}. Watermarks that are a quarter and a sixteenth of it, as they
     * are unless {@link #withWatermarks} sets others, are so of the new one. Others stay, if they fit: if the limit is
     * below the high watermark, they become a quarter and a sixteenth of it. A soft limit with a time stays, or becomes
     * the same if that is less; give it again after the limit was lower than that for a while.
     */
    public QueueLimits withMaxQueuedBytes(long bytes) {
        boolean areUsual =
                highWatermark == usualHighWatermark(maxQueuedBytes) && lowWatermark == maxQueuedBytes / LOW_PART;
        boolean stay = bytes >= highWatermark && !areUsual;
        return new QueueLimits(
                bytes,
                maxQueuedMessages,
                maxBytesPerWrite,
                maxEntriesPerWrite,
                stay ? highWatermark : usualHighWatermark(bytes),
                stay ? lowWatermark : bytes / LOW_PART,
                softTime.isZero() ? Math.max(1, bytes) : Math.max(1, Math.min(softLimit, bytes)),
                softTime,
                maxAge,
                controlReserveBytes,
                controlReserveMessages);
    }

    /** These limits with another {@link #maxQueuedMessages}. */
    public QueueLimits withMaxQueuedMessages(int messages) {
        return with(messages, maxBytesPerWrite, maxEntriesPerWrite, highWatermark, lowWatermark);
    }

    /** These limits with another {@link #maxBytesPerWrite}. */
    public QueueLimits withMaxBytesPerWrite(int bytes) {
        return with(maxQueuedMessages, bytes, maxEntriesPerWrite, highWatermark, lowWatermark);
    }

    /** These limits with another {@link #maxEntriesPerWrite}. */
    public QueueLimits withMaxEntriesPerWrite(int entries) {
        return with(maxQueuedMessages, maxBytesPerWrite, entries, highWatermark, lowWatermark);
    }

    /** These limits with other watermarks: {@link #highWatermark} and {@link #lowWatermark}. */
    public QueueLimits withWatermarks(long high, long low) {
        return with(maxQueuedMessages, maxBytesPerWrite, maxEntriesPerWrite, high, low);
    }

    private QueueLimits with(int messages, int bytesPerWrite, int entriesPerWrite, long high, long low) {
        return new QueueLimits(
                maxQueuedBytes,
                messages,
                bytesPerWrite,
                entriesPerWrite,
                high,
                low,
                softLimit,
                softTime,
                maxAge,
                controlReserveBytes,
                controlReserveMessages);
    }

    /** These limits with another soft limit: more than {@link #softLimit} bytes for {@link #softTime} are too many. */
    public QueueLimits withSoftLimit(long bytes, Duration time) {
        return withTimes(bytes, time, maxAge);
    }

    /** These limits with another {@link #maxAge}. */
    public QueueLimits withMaxAge(Duration age) {
        return withTimes(softLimit, softTime, age);
    }

    private QueueLimits withTimes(long soft, Duration time, Duration age) {
        return new QueueLimits(
                maxQueuedBytes,
                maxQueuedMessages,
                maxBytesPerWrite,
                maxEntriesPerWrite,
                highWatermark,
                lowWatermark,
                soft,
                time,
                age,
                controlReserveBytes,
                controlReserveMessages);
    }

    /** These limits with another control reserve: {@link #controlReserveBytes} and {@link #controlReserveMessages}. */
    public QueueLimits withControlReserve(int bytes, int messages) {
        return new QueueLimits(
                maxQueuedBytes,
                maxQueuedMessages,
                maxBytesPerWrite,
                maxEntriesPerWrite,
                highWatermark,
                lowWatermark,
                softLimit,
                softTime,
                maxAge,
                bytes,
                messages);
    }
}
