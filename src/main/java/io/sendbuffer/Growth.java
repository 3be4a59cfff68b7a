/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Takes memory from the JVM, outside of every lock. What the JVM would refuse is not tried, see {@link DirectMemory};
 * where it refuses all the same, which takes it half a second, nothing more is tried for a while.
 */
final class Growth {
    static final long MIN_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long MAX_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final MemorySource source;
    private final DirectMemory jvm;
    private final NanoClock clock;

    /** 0 unless the last attempt was refused. */
    private volatile long backOffNanos;

    /** Meaningful only while there is a back-off; its write happens-before that of the back-off. */
    private volatile long retryAtNanos;

    /**
     * Set while one thread tries after a back-off: the others are refused meanwhile, rather than wait for the JVM as
     * well.
     */
    private final AtomicBoolean retrying = new AtomicBoolean();

    Growth(MemorySource source, DirectMemory jvm, NanoClock clock) {
        this.source = source;
        this.jvm = jvm;
        this.clock = clock;
    }

    /** Allocates; null if the JVM refuses, has just refused, or would refuse. */
    @Nullable
    ByteBuffer allocate(int bytes) {
        long backOff = backOffNanos;
        if (backOff == 0) {
            return allocateIfAllowed(bytes, 0);
        }
        if (isBackingOff() || !retrying.compareAndSet(false, true)) {
            return null;
        }
        try {
            return isBackingOff() ? null : allocateIfAllowed(bytes, backOffNanos); // another may just have tried
        } finally {
            retrying.set(false);
        }
    }

    private @Nullable ByteBuffer allocateIfAllowed(int bytes, long backOff) {
        if (!jvm.mayAllocate(bytes)) {
            return null;
        }
        try {
            ByteBuffer memory = source.allocate(bytes);
            if (backOff != 0) {
                backOffNanos = 0;
            }
            return memory;
        } catch (OutOfMemoryError e) {
            if (backOffNanos == backOff) { // of several that are refused together, the first one counts
                backOffAfter(backOff);
            }
            return null;
        } finally {
            jvm.allocated(bytes);
        }
    }

    /** True if the JVM would refuse memory that the cap allows, or refused the last attempt. */
    boolean isRefusing(long bytes) {
        return backOffNanos != 0 || !jvm.hasRoomFor(bytes);
    }

    DirectMemory jvm() {
        return jvm;
    }

    private boolean isBackingOff() {
        return clock.nanoTime() - retryAtNanos < 0;
    }

    private void backOffAfter(long lastBackOff) {
        long next = Math.min(MAX_BACK_OFF_NANOS, Math.max(MIN_BACK_OFF_NANOS, 2 * lastBackOff));
        retryAtNanos = clock.nanoTime() + next;
        backOffNanos = next;
    }
}
