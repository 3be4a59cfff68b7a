/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The JVM's own limit on direct buffers, checked before it is reached: a refused {@code allocateDirect} collects
 * garbage and sleeps for half a second before it throws, so an allocation that is predicted to fail is not tried.
 *
 * <p>The figure that the JVM limits is shared with all other code that allocates direct buffers, so a prediction may
 * still be wrong. Pools of this library never mislead each other: what one of them is about to allocate counts for all.
 */
final class DirectMemory {
    /** If the JVM cannot be asked: everything is tried. */
    static final DirectMemory UNKNOWN = new DirectMemory(Long.MAX_VALUE, () -> 0, CollectionRequests.NONE);

    private final long limit;
    private final LongSupplier used;
    private final CollectionRequests collectionRequests;
    private final AtomicLong beingAllocated = new AtomicLong();

    DirectMemory(long limit, LongSupplier used, CollectionRequests collectionRequests) {
        this.limit = limit;
        this.used = used;
        this.collectionRequests = collectionRequests;
    }

    /** Bytes; {@link Long#MAX_VALUE} if it is not known. */
    long limit() {
        return limit;
    }

    /** Bytes of all direct buffers of the JVM. */
    long used() {
        return used.getAsLong();
    }

    /** Frees memory that counts toward the limit although nothing uses it. */
    CollectionRequests collectionRequests() {
        return collectionRequests;
    }

    boolean isKnown() {
        return limit != Long.MAX_VALUE;
    }

    boolean hasRoomFor(long bytes) {
        return bytes <= limit - used();
    }

    /** Announces an allocation. If this returns true, {@link #allocated} must follow. */
    boolean mayAllocate(long bytes) {
        if (!isKnown()) {
            return true;
        }
        long announced = beingAllocated.addAndGet(bytes);
        if (announced <= limit - used()) {
            return true;
        }
        beingAllocated.addAndGet(-bytes);
        return false;
    }

    /** The allocation is over: the JVM counts it, or refused it. */
    void allocated(long bytes) {
        if (isKnown()) {
            beingAllocated.addAndGet(-bytes);
        }
    }
}
