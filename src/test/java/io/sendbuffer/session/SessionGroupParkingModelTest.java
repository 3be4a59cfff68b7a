/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.FlushResult;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Members of several blocks that come, go, fall behind and catch up: each gets a message, or has it counted. */
@Timeout(60)
class SessionGroupParkingModelTest {
    private static final int SESSIONS = 150;
    private static final int STEPS = 4_000;
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedMessages(6);

    private final long seed = TestSeed.next();
    private final Random random = new Random(seed);
    private final SendBufferPool pool = Pools.create();
    private final Map<Session, Account> accounts = new HashMap<>();
    private final SessionGroup group = new SessionGroup(new RefusalListener() {
        @Override
        public void onRefused(Session session) {
            assertTrue(accounts.get(session) != null);
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            account(session).missed += missedMessages;
            account(session).missedBytes += missedBytes;
        }
    });
    private final HandDrivenLoop loop;
    private int skipped;

    SessionGroupParkingModelTest() throws IOException {
        loop = new HandDrivenLoop(WriteMode.LOOP, LIMITS);
    }

    private static final class Account {
        private boolean isMember;
        private long sent;
        private long sentBytes;
        private long missed;
        private long missedBytes;
    }

    private Account account(Session session) {
        return accounts.computeIfAbsent(session, any -> new Account());
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void shouldDeliverOrCountEachMessageOfEachMember() throws IOException {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            Session session = loop.open(loop.connect(), new RecordingListener());
            account(session);
            sessions.add(session);
        }
        for (int i = 0; i < STEPS; i++) {
            Session session = sessions.get(random.nextInt(SESSIONS));
            switch (random.nextInt(12)) {
                case 0, 1 -> change(session);
                case 2, 3 -> flushSome(sessions);
                case 4 -> broadcastSome(sessions);
                case 5 -> broadcastBatch();
                default -> broadcast();
            }
        }
        assertTrue(skipped > 1_000, "few were parked: " + skipped + TestSeed.hint(seed));
        for (Session session : sessions) {
            flush(session);
            group.remove(session);
        }
        loop.dutyCycle();
        sessions.forEach(this::requireAllAccountedFor);
    }

    private void change(Session session) {
        account(session).isMember = !account(session).isMember;
        if (account(session).isMember) {
            assertTrue(group.add(session));
        } else {
            assertTrue(group.remove(session));
        }
    }

    private void flushSome(List<Session> sessions) {
        int first = random.nextInt(SESSIONS);
        for (int i = 0; i < SESSIONS / 8; i++) {
            flush(sessions.get((first + i) % SESSIONS));
        }
    }

    private static void flush(Session session) {
        assertEquals(FlushResult.DRAINED, session.queue.flush((GatheringByteChannel) session.channel()));
    }

    private void broadcast() {
        int length = 1 + random.nextInt(8);
        countParked();
        try (SendBuffer message = message(length)) {
            group.queue(message);
        }
        accounts.values().forEach(account -> sent(account, 1, length));
    }

    private void broadcastSome(List<Session> sessions) {
        Session left = sessions.get(random.nextInt(SESSIONS));
        int length = 1 + random.nextInt(8);
        try (SendBuffer message = message(length)) {
            group.queue(message, session -> session != left);
        }
        accounts.forEach((session, account) -> {
            if (session != left) {
                sent(account, 1, length);
            }
        });
    }

    private void broadcastBatch() {
        try (SendBuffer message = message(3);
                SendBatch batch = new SendBatch().add(message).add(message).seal()) {
            group.broadcast(batch);
        }
        accounts.values().forEach(account -> sent(account, 2, 6));
    }

    private void countParked() {
        for (int i = 0; i < group.size(); i++) {
            skipped += group.isParkedOpaque(i) ? 1 : 0;
        }
    }

    private static void sent(Account account, int messages, int bytes) {
        if (account.isMember) {
            account.sent += messages;
            account.sentBytes += bytes;
        }
    }

    private SendBuffer message(int length) {
        SendBuffer message = pool.acquire(length);
        for (int i = 0; i < length; i++) {
            message.putByte((byte) 'x');
        }
        return message.seal();
    }

    private void requireAllAccountedFor(Session session) {
        Account account = account(session);
        String hint = account.sent + " sent" + TestSeed.hint(seed);
        assertEquals(0, session.queuedMessages());
        assertEquals(account.sentBytes, session.queue.bytesWritten() + account.missedBytes, hint);
        assertEquals(account.sent, session.stats().writtenMessages() + account.missed, hint);
    }
}
