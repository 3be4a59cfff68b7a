/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts how often onClosed was called, and keeps the last cause. */
class Witness implements SessionListener {
    /** Atomic, or two concurrent calls would count as one. It comes after the race, so it does not hide one. */
    private final AtomicInteger notified = new AtomicInteger();

    private @Nullable Throwable cause;

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        this.cause = cause;
        notified.incrementAndGet();
    }

    /** For the arbiter. */
    final int notified() {
        return notified.get();
    }

    /** For the arbiter. */
    final @Nullable Throwable cause() {
        return cause;
    }
}
