/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Publishes in ticks through one design: as fast as the clients receive, or at a fixed rate. */
final class Publisher {
    /** No client may fall further behind: this measures sending, not a growing queue. */
    private static final long MAX_BACKLOG_BYTES = 256 << 10;

    private static final int TICKS_BETWEEN_BACKLOG_CHECKS = 8;
    private static final long BACKLOG_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long MAX_STALL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final BroadcastDesign design;
    private final WireMessage message;
    private final int tick;
    private final Progress progress;
    private long sequence;
    private long ticks;

    Publisher(BroadcastDesign design, int messageBytes, int tick, Progress progress) {
        this.design = design;
        this.message = new WireMessage(messageBytes, 42);
        this.tick = tick;
        this.progress = progress;
    }

    /**
     * Publishes for a time, as fast as the clients receive.
     *
     * @return how many messages
     */
    long publishFlatOut(int phase, long nanos) throws IOException {
        long first = sequence;
        long start = System.nanoTime();
        long now = start;
        while (now - start < nanos) {
            publishTick(phase, now, false);
            now = System.nanoTime();
            progress.show(sequence - first);
        }
        publishTick(phase, now, true);
        return sequence - first;
    }

    /**
     * Publishes a tick at fixed intervals. A message carries the time at which it was due, not the time at which the
     * sender got to it, so that a sender that falls behind does not look better.
     *
     * @param perSecond messages per second
     * @return how many messages
     */
    long publishAtRate(int phase, long nanos, double perSecond) throws IOException {
        long first = sequence;
        double tickNanos = TimeUnit.SECONDS.toNanos(1) * tick / perSecond;
        long count = Math.max(1, (long) (nanos / tickNanos));
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long due = start + (long) (i * tickNanos);
            while (System.nanoTime() - due < 0) {
                Thread.onSpinWait();
            }
            publishTick(phase, due, i == count - 1);
            progress.show(sequence - first);
        }
        return sequence - first;
    }

    private void publishTick(int phase, long sentAt, boolean last) throws IOException {
        for (int i = 0; i < tick; i++) {
            message.encode(phase, last && i == tick - 1, sequence++, sentAt);
            design.publish(message.bytes());
        }
        design.endTick();
        if (last) {
            awaitBacklogBelow(1);
        } else if (++ticks % TICKS_BETWEEN_BACKLOG_CHECKS == 0) {
            awaitBacklogBelow(MAX_BACKLOG_BYTES);
        }
    }

    private void awaitBacklogBelow(long bytes) throws IOException {
        long start = System.nanoTime();
        while (design.backlogBytes() >= bytes) {
            if (System.nanoTime() - start > MAX_STALL_NANOS) {
                throw new IOException("the clients stopped reading");
            }
            LockSupport.parkNanos(BACKLOG_PAUSE_NANOS);
        }
    }
}
