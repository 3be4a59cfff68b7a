/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.LoopThreads;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The queues that one search chose to end, and whether their memory has come back: where another thread is in a write
 * of a queue, it comes back when that write returns.
 *
 * <p>Holds them by weak references, since the last of these objects stays until the next search.
 */
final class Shed {
    /**
     * How long acquires wait for memory that is to come back, since the last of the queues was ended: long enough for a
     * thread that was preempted in its write, and short enough where the write will never return, or is completed by
     * the thread that waits.
     */
    static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    static final Shed NONE = new Shed();

    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    /** Time for another loop's write to return, if its thread runs. */
    private static final long MAX_SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final List<Slow> queues;
    private final long maxWaitNanos;
    private volatile long deadlineNanos;

    /** The thread that is ending them; null when it is done. */
    private volatile @Nullable Thread ender;

    /** All queues before this one have given all back; any thread advances it. */
    private volatile int returned;

    /** One of the queues that are to end. */
    static final class Slow {
        private final WeakReference<Holder> holder;
        private final long age;
        private final boolean takesNothing;
        private volatile boolean ended;
        private volatile boolean spared;

        Slow(WeakReference<Holder> holder, long age, boolean takesNothing) {
            this.holder = holder;
            this.age = age;
            this.takesNothing = takesNothing;
        }

        @Nullable
        Holder holder() {
            return holder.get();
        }

        /** What the pool had handed out when its oldest message's chunk was full, in bytes. */
        long age() {
            return age;
        }

        /** Its channel has taken nothing for long. */
        boolean takesNothing() {
            return takesNothing;
        }

        /** The thread that searched has done everything to end it. */
        void endedVolatile() {
            ended = true;
        }

        /** It does not end after all. */
        void sparedVolatile() {
            spared = true;
        }

        boolean hasReturned() {
            Holder ending = holder.get();
            return spared || ending == null || (ended && ending.hasReleasedAll());
        }
    }

    private Shed() {
        this.queues = List.of();
        this.maxWaitNanos = 0;
        this.deadlineNanos = System.nanoTime();
    }

    /** Creates it for the calling thread to end them. */
    Shed(List<Slow> slowest, long maxWaitNanos) {
        this.queues = slowest;
        this.maxWaitNanos = maxWaitNanos;
        this.ender = Thread.currentThread();
        moveDeadlineVolatile();
    }

    /** Those to end. */
    List<Slow> queues() {
        return queues;
    }

    /** One more was ended: a thread that makes progress is worth waiting for. */
    void moveDeadlineVolatile() {
        deadlineNanos = System.nanoTime() + maxWaitNanos;
    }

    /** All were ended; what is still to come back comes by itself. */
    void allEndedVolatile() {
        ender = null;
    }

    /** True while memory is to come back that is worth waiting for. */
    boolean isPending() {
        return !isOver() && !hasAllReturned();
    }

    /** True if a wait did not help: some have not given all back in time. */
    boolean isLate() {
        return isOver() && !hasAllReturned();
    }

    private boolean isOver() {
        return System.nanoTime() - deadlineNanos >= 0;
    }

    private boolean hasAllReturned() {
        int next = returned;
        while (next < queues.size() && queues.get(next).hasReturned()) {
            returned = ++next;
        }
        return next == queues.size();
    }

    /**
     * True if the caller may wait for memory to come back, and then has to try its acquire again. A hook that acquires
     * would wait for itself.
     */
    boolean isWorthWaiting() {
        return ender != Thread.currentThread() && isPending();
    }

    /**
     * Waits for a moment, interrupted or not; an interrupt is left for the user to see. Called under no lock. The
     * thread of an event loop does not park, and soon has something better to do.
     *
     * @param startNanos when the caller began to wait
     * @return false if this was long ago for a loop's thread
     */
    static boolean pause(long startNanos) {
        if (LoopThreads.isCaller()) {
            Thread.onSpinWait();
            return System.nanoTime() - startNanos < MAX_SPIN_NANOS;
        }
        boolean interrupted = Thread.interrupted(); // no park waits while it is set
        LockSupport.parkNanos(PAUSE_NANOS);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
