/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Sessions whose virtual threads wait, for their peers and for work, pin no carrier thread. */
@EnabledForJreRange(min = JRE.JAVA_21)
@Timeout(60)
class PinningIT {
    private static final int SESSIONS = 200;
    private static final int MESSAGES = 300;
    private static final int LENGTH = 1_000;

    private final SendBufferPool pool = Pools.create();

    @Test
    void shouldPinNoCarrierThreadWhileItsSessionsWait() throws Exception {
        List<RecordedEvent> pinned = new CopyOnWriteArrayList<>();
        CountDownLatch sawTheEnd = new CountDownLatch(1);
        try (RecordingStream events = new RecordingStream()) {
            events.enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            events.enable("jdk.ThreadEnd");
            events.onEvent("jdk.VirtualThreadPinned", pinned::add);
            events.onEvent("jdk.ThreadEnd", event -> {
                if (event.getThread("thread") != null
                        && "the last one".equals(event.getThread("thread").getJavaName())) {
                    sawTheEnd.countDown();
                }
            });
            fanOutToPeersThatStallFirst(1); // on first use, the JDK's own classes wait for one another
            events.startAsync();
            fanOutToPeersThatStallFirst(SESSIONS);
            Thread last = new Thread(() -> {}, "the last one");
            last.start();
            last.join();
            Threads.await(sawTheEnd); // and so every event before it
        }
        assertEquals(List.of(), pinned);
    }

    private void fanOutToPeersThatStallFirst(int count) throws Exception {
        List<Loopback> connections = new ArrayList<>();
        SessionGroup group = new SessionGroup();
        BlockingSessions sessions = BlockingSessions.builder()
                .virtualThreads()
                .writeMode(WriteMode.LOOP)
                .build();
        try (sessions) {
            for (int i = 0; i < count; i++) {
                Loopback connection = Loopback.withSmallBuffers();
                connections.add(connection);
                group.add(sessions.add(connection.ours, new RecordingListener()));
            }
            Future<?> sending = Threads.start(() -> {
                for (int number = 0; number < MESSAGES; number++) {
                    try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                        assertEquals(count, group.broadcast(message));
                    }
                }
                return true;
            });
            Threads.join(sending); // no peer has read, so every writer waits for its peer
            for (Loopback connection : connections) {
                NumberedMessages.requireMessages(connection.readFully(MESSAGES * LENGTH), MESSAGES, LENGTH);
            }
        } finally {
            CloseHelper.closeAll(connections);
        }
    }
}
