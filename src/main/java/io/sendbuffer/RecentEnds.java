/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.TimeUnit;

/**
 * Counts what happened in the last one to two seconds: in the present period of a second, and in the one before. Not
 * thread-safe.
 */
final class RecentEnds {
    static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private long startNanos;
    private int inThisPeriod;
    private int inTheLast;

    RecentEnds(long nowNanos) {
        this.startNanos = nowNanos;
    }

    void add(long nowNanos) {
        moveTo(nowNanos);
        inThisPeriod++;
    }

    int count(long nowNanos) {
        moveTo(nowNanos);
        return inThisPeriod + inTheLast;
    }

    private void moveTo(long nowNanos) {
        long periods = (nowNanos - startNanos) / PERIOD_NANOS;
        if (periods > 0) {
            inTheLast = periods == 1 ? inThisPeriod : 0;
            inThisPeriod = 0;
            startNanos += periods * PERIOD_NANOS;
        }
    }
}
