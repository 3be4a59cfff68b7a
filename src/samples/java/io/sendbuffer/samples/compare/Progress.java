/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.util.concurrent.TimeUnit;

/** One line for each phase, with a figure added every half second, so that the user sees progress. */
final class Progress {
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private long shownAt = System.nanoTime();

    void begin(String what) {
        System.out.printf("  %-34s", what);
        System.out.flush();
        shownAt = System.nanoTime();
    }

    void show(long messages) {
        long now = System.nanoTime();
        if (now - shownAt >= INTERVAL_NANOS) {
            shownAt = now;
            System.out.printf(" %,d", messages);
            System.out.flush();
        }
    }

    void end(String result) {
        System.out.println("  " + result);
    }
}
