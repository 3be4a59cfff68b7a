/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import org.jspecify.annotations.Nullable;

/**
 * Errors that a thread met which must not call the user's error handler, as that may block: a delivery reports them.
 * Nothing is allocated to remember one, as it may well say that there is no memory. Any thread.
 */
final class DeferredErrors extends Delivery.Task {
    private static final int MAX_KEPT = 32;

    private final SessionSettings settings;
    private final Delivery delivery;

    // Guarded by this.
    private final @Nullable Throwable[] kept = new Throwable[MAX_KEPT];
    private int count;
    private int lost;

    DeferredErrors(SessionSettings settings, Delivery delivery) {
        this.settings = settings;
        this.delivery = delivery;
    }

    /** Has an error reported soon. Never throws. */
    void reportSoon(Throwable error) {
        synchronized (this) {
            if (count < MAX_KEPT) {
                kept[count++] = error;
            } else {
                lost++; // the handler is slower than what fails
            }
        }
        delivery.deliver(this);
    }

    @Override
    void run() {
        Throwable error;
        while ((error = take()) != null) {
            settings.report(error);
        }
        int more = takeLost();
        if (more > 0) {
            settings.report(new IllegalStateException(
                    more + " more errors came while the error handler was busy with those before"));
        }
    }

    private synchronized @Nullable Throwable take() {
        if (count == 0) {
            return null;
        }
        Throwable first = kept[0];
        System.arraycopy(kept, 1, kept, 0, --count);
        kept[count] = null;
        return first;
    }

    private synchronized int takeLost() {
        int more = lost;
        lost = 0;
        return more;
    }
}
