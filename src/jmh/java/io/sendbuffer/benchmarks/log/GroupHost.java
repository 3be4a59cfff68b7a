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
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Publishes to the queues of a group, and the loop writes them: what the log is compared with. A queue that refuses or
 * drops a message fails the run, unless it is that of a session that was to stall.
 */
final class GroupHost extends SessionHost {
    private final Setup setup;
    private final Set<Session> behind = ConcurrentHashMap.newKeySet();
    private final SessionGroup group = new SessionGroup(behind::add);
    private final Set<Session> reading = ConcurrentHashMap.newKeySet();

    GroupHost(Setup setup) throws IOException {
        super(setup, setup.contender().equals(Setup.DEFAULTS) ? SendLoop.builder() : settings(setup));
        this.setup = setup;
    }

    private static SendLoop.Builder settings(Setup setup) {
        return SendLoop.builder()
                .queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(setup.retentionBytes()))
                .overrunPolicy(setup.overrunPolicy())
                .writeTimeout(Duration.ZERO) // those that stall are to stay
                .writeMode(WriteMode.LOOP);
    }

    @Override
    void join(Session session) {
        if (reading.size() < setup.readers()) {
            reading.add(session); // they come first
        }
        group.add(session);
    }

    @Override
    void send(SendBuffer message) {
        int accepted = group.broadcast(message);
        if (accepted < setup.readers()) {
            throw new IllegalStateException("only " + accepted + " of " + group.size() + " sessions took a message");
        }
    }

    @Override
    void renewStalled() throws IOException {
        super.renewStalled();
        behind.retainAll(reading); // those that left
    }

    @Override
    Churn churn(Run run) {
        throw new UnsupportedOperationException("sessions subscribe to logs alone");
    }

    @Override
    void describe(Line answer) {
        group.forEach(
                session -> { // under a policy that refuses nothing
                    if (session.droppedMessages() > 0) {
                        behind.add(session);
                    }
                });
        if (behind.stream().anyMatch(reading::contains)) {
            throw new IllegalStateException("the queue of a session that reads was full");
        }
        answer.with("behind", behind.size());
    }
}
