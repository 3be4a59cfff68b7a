/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.LogStats;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import java.io.IOException;

/** Publishes to a log. */
final class LogHost extends SessionHost {
    /** So that the retention is one of bytes, however small the messages are. */
    private static final int MAX_MESSAGES = 1 << 20;

    private final Setup setup;
    private final BroadcastLog log;

    LogHost(Setup setup) throws IOException {
        super(setup, SendLoop.builder());
        this.setup = setup;
        this.log = BroadcastLog.builder(pool)
                .retention(LogRetention.DEFAULT
                        .withMaxBytes(setup.retentionBytes())
                        .withMaxMessages(MAX_MESSAGES))
                .build();
    }

    @Override
    void join(Session session) {
        if (session.subscribe(log, setup.overrunPolicy()) == null) {
            throw new IllegalStateException("a session ended before it subscribed");
        }
    }

    @Override
    void send(SendBuffer message) {
        long position = log.append(message);
        if (position < 0) {
            throw new IllegalStateException("the log did not take a message: " + position);
        }
    }

    @Override
    Churn churn(Run run) {
        return new Churn(log, idle(), setup.overrunPolicy(), run);
    }

    @Override
    void describe(Line answer) {
        LogStats stats = log.stats();
        answer.with("skips", stats.skips()).with("ends", stats.ends());
    }

    @Override
    public void close() {
        super.close();
        log.close();
    }
}
