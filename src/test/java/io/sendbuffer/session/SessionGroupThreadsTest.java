/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A group whose members come and go while other threads broadcast. */
@Timeout(60)
class SessionGroupThreadsTest {
    private static final int STAYING = 5;
    private static final int CHANGING = 5;
    private static final int BROADCASTERS = 2;
    private static final int BROADCASTS = 2000;
    private static final int LENGTH = 8;

    private final SessionGroup group = new SessionGroup();
    private SendBufferPool pool;
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        pool = Pools.create();
        loop = new HandDrivenLoop(WriteMode.LOOP);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    /** Nothing is written meanwhile, so what each session was given can be counted. */
    @Test
    void shouldReachEveryMemberThatStaysWithEveryBroadcast() throws Exception {
        List<Session> staying = newSessions(STAYING);
        staying.forEach(group::add);
        List<Session> changing = newSessions(CHANGING);
        AtomicInteger broadcasting = new AtomicInteger(BROADCASTERS);
        AtomicInteger accepted = new AtomicInteger();

        Threads.runTogether(BROADCASTERS + 1, index -> {
            if (index == BROADCASTERS) {
                comeAndGo(changing, broadcasting);
            } else {
                broadcast(accepted);
                broadcasting.decrementAndGet();
            }
        });

        assertEquals(STAYING, group.size());
        int ofStaying = sumOfQueued(staying);
        assertEquals(STAYING * BROADCASTERS * BROADCASTS, ofStaying);
        assertEquals(accepted.get(), ofStaying + sumOfQueued(changing), "what was accepted is in the queues");
    }

    /** A session that ends leaves its groups: a thread that adds it at that moment must not bring it back. */
    @Test
    void shouldNotKeepASessionThatEndsWhileItIsAdded() throws Exception {
        for (int round = 0; round < 1000; round++) {
            try (Loopback connection = Loopback.open()) {
                Session session = loop.open(connection, new RecordingListener());
                session.abort();
                Threads.runTogether(2, index -> {
                    if (index == 0) {
                        loop.dutyCycle();
                    } else {
                        group.add(session);
                    }
                });
                assertEquals(0, group.size(), "round " + round);
            }
        }
    }

    private void broadcast(AtomicInteger accepted) {
        for (int i = 0; i < BROADCASTS; i++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, i, LENGTH)) {
                int count = group.broadcast(message);
                assertTrue(count >= STAYING && count <= STAYING + CHANGING, "accepted by " + count);
                accepted.addAndGet(count);
            }
        }
    }

    private void comeAndGo(List<Session> sessions, AtomicInteger broadcasting) {
        while (broadcasting.get() > 0) {
            for (Session session : sessions) {
                assertTrue(group.add(session));
            }
            for (Session session : sessions) {
                assertTrue(group.remove(session));
            }
        }
    }

    private static int sumOfQueued(List<Session> sessions) {
        return sessions.stream().mapToInt(Session::queuedMessages).sum();
    }

    private List<Session> newSessions(int count) throws IOException {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sessions.add(loop.open(loop.connect(), new RecordingListener()));
        }
        return sessions;
    }
}
