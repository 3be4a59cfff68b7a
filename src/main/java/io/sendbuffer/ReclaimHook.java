/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** Calls the {@link Reclaimer} of a pool, one thread at a time and never within itself. */
final class ReclaimHook {
    private static final VarHandle BUSY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "busy", VarHandle.class, ReclaimHook.class, boolean.class);

    /** After a call that released nothing: refusals may come by the million in a second. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final @Nullable Reclaimer reclaimer;
    private final ChunkStore store;
    private final NanoClock clock;

    /** A thread is in the call. */
    private volatile boolean busy;

    private volatile long quietUntilNanos;

    ReclaimHook(@Nullable Reclaimer reclaimer, ChunkStore store, NanoClock clock) {
        this.reclaimer = reclaimer;
        this.store = store;
        this.clock = clock;
        this.quietUntilNanos = clock.nanoTime();
    }

    /** True if the acquire that found no room is to be tried again. Under no lock. */
    boolean run(int capacity) {
        Reclaimer called = reclaimer;
        if (called == null || busy || quietUntilNanos - clock.nanoTime() > 0) {
            return false;
        }
        try {
            return runIfFree(called, capacity);
        } catch (StackOverflowError e) {
            return false; // there was no room to begin, or to report
        }
    }

    private boolean runIfFree(Reclaimer called, int capacity) {
        StackRoom.require();
        if (!BUSY.compareAndSet(this, false, true)) {
            return false;
        }
        boolean released = false;
        try {
            released = called.reclaim(capacity);
        } catch (Throwable e) {
            store.report(e);
        } finally {
            busy = false; // first: by a store, which needs no stack
            if (!released) {
                quietUntilNanos = clock.nanoTime() + QUIET_NANOS;
            }
        }
        return released;
    }
}
