/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Subscription;
import io.sendbuffer.session.Session;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Idle sessions join the log one after the other, at an even rate; each leaves when the next one has joined, so that
 * the loop has seen it, and writes it hardly more than a message.
 */
final class Churn {
    private final BroadcastLog log;
    private final List<Session> sessions;
    private final OverrunPolicy policy;
    private final Run run;

    Churn(BroadcastLog log, List<Session> sessions, OverrunPolicy policy, Run run) {
        this.log = log;
        this.sessions = sessions;
        this.policy = policy;
        this.run = run;
    }

    /** Returns how often one has joined and left when the run's time was up, or it had its number of joins. */
    int run() {
        long nanos = TimeUnit.MILLISECONDS.toNanos(run.millis());
        double interval = (double) nanos / run.joins();
        long start = System.nanoTime();
        Subscription last = null;
        int joined = 0;
        try {
            while (joined < run.joins() && System.nanoTime() - start < nanos) {
                long early = start + (long) (joined * interval) - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(early);
                    continue;
                }
                Subscription next = join(sessions.get(joined % sessions.size()));
                leave(last);
                last = next;
                joined++;
            }
        } finally {
            leave(last);
        }
        return joined;
    }

    private Subscription join(Session session) {
        Subscription subscription = session.subscribe(log, policy);
        if (subscription == null) {
            throw new IllegalStateException("an idle session has ended");
        }
        return subscription;
    }

    private static void leave(@Nullable Subscription subscription) {
        if (subscription != null) {
            subscription.close();
        }
    }
}
