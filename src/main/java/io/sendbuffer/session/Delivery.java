/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import org.jspecify.annotations.Nullable;

/**
 * Runs callbacks of sessions that have no loop: soon, and not on the thread that asks for it, unless all is closed and
 * the JVM has no thread left.
 */
@FunctionalInterface
interface Delivery {
    /** Has a task run soon, unless it waits to be run already. Any thread; never throws. */
    void deliver(Task task);

    /** Called from time to time: sees to it that callbacks that block do not keep others waiting. May throw. */
    default void help() {}

    /** What waits is still run; then the threads leave. */
    default void close() {}

    /** Something to run. Linked into the list of those that wait, so that nothing is allocated for a delivery. */
    abstract class Task {
        /** Guarded by the lock of the delivery: the next one that waits. */
        @Nullable
        Task next;

        /** Guarded likewise: waits to be run. */
        boolean waiting;

        /** Guarded by the clock that delivers it later: the next one that is to be delivered later. */
        @Nullable
        Task nextPaused;

        /** Guarded likewise: when it is to be delivered. */
        long dueNanos;

        /** Must not throw. */
        abstract void run();
    }
}
