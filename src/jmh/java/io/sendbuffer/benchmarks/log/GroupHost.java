/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;

/** Publishes to the queues of a group, and the loop writes them: what the log is compared with. */
final class GroupHost extends Host {
    private final SessionGroup group = new SessionGroup();

    GroupHost(Setup setup) throws IOException {
        super(
                setup,
                SendLoop.builder()
                        .queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(setup.retentionBytes()))
                        .writeMode(WriteMode.LOOP));
    }

    @Override
    void join(Session session) {
        group.add(session);
    }

    @Override
    void send(SendBuffer message) {
        int accepted = group.broadcast(message);
        if (accepted < group.size()) {
            throw new IllegalStateException("only " + accepted + " of " + group.size() + " sessions took a message");
        }
    }

    @Override
    Churn churn(Run run) {
        throw new UnsupportedOperationException("sessions subscribe to logs alone");
    }

    @Override
    void describe(Line answer) {
        // a queue that is full fails the run at once
    }
}
