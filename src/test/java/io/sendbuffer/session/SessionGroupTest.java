/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The members of a group, and what a broadcast does with its references. The loop writes, so that messages stay queued.
 */
@Timeout(30)
class SessionGroupTest {
    private static final int LENGTH = 100;

    private final SessionGroup group = new SessionGroup();
    private final List<Loopback> connections = new ArrayList<>();
    private SendBufferPool pool;
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        pool = Pools.create();
        long max = QueueLimits.DEFAULT.maxQueuedBytes(); // the loop is not to write because a watermark is passed
        QueueLimits two = QueueLimits.DEFAULT.withMaxQueuedMessages(2).withWatermarks(max, max);
        loop = new HandDrivenLoop(WriteMode.LOOP, two);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    // ---- members

    @Test
    void shouldCountItsMembersAndTakeEachOnce() throws Exception {
        Session first = newSession();
        Session second = newSession();

        assertTrue(group.add(first));
        assertFalse(group.add(first));
        assertTrue(group.add(second));
        assertEquals(2, group.size());
        List<Session> seen = new ArrayList<>();
        group.forEach(seen::add);
        assertEquals(List.of(first, second), seen);

        assertTrue(group.remove(first));
        assertFalse(group.remove(first));
        assertEquals(1, group.size());
        assertTrue(group.add(first), "a session that left may come back");
    }

    @Test
    void shouldLoseAMemberThatEnds() throws Exception {
        List<Session> members = newMembers(3);
        SessionGroup another = new SessionGroup();
        assertTrue(another.add(members.get(1)));

        members.get(1).abort();
        loop.dutyCycle();

        assertEquals(2, group.size());
        assertEquals(0, another.size());
        assertFalse(group.remove(members.get(1)));
        assertFalse(group.add(members.get(1)), "a session that ended does not come back");
    }

    @Test
    void shouldHaveLostAMemberBeforeItsListenerIsNotified() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        Session session = loop.open(loop.connect(), new RecordingListener() {
            @Override
            public void onClosed(Session ended, @Nullable Throwable cause) {
                sizes.add(group.size());
            }
        });
        group.add(session);

        session.abort();
        loop.dutyCycle();

        assertEquals(List.of(0), sizes);
    }

    @Test
    void shouldLoseAllItsMembersWhenTheLoopCloses() throws Exception {
        newMembers(5);
        loop.end();
        assertEquals(0, group.size());
    }

    // ---- broadcasts

    @Test
    void shouldReachEveryMemberWithOneMessage() throws Exception {
        newMembers(4);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(4, group.broadcast(message));
            assertEquals(5, message.referenceCount(), "one for each member, one for the caller");
            loop.dutyCycle();
            assertEquals(1, message.referenceCount());
        }
        for (Loopback connection : connections) {
            NumberedMessages.requireMessages(connection.readFully(LENGTH), 1, LENGTH);
        }
    }

    @Test
    void shouldReleaseWhatWasRefusedOrCameTooLate() throws Exception {
        List<Session> members = newMembers(5);
        fill(members.get(0));
        fill(members.get(3));
        members.get(4).close(); // still a member: the loop had no turn yet

        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(2, group.broadcast(message));
            assertEquals(3, message.referenceCount());
            loop.dutyCycle();
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldGiveEverythingBackWhenNoMemberAccepts() throws Exception {
        for (Session member : newMembers(3)) {
            fill(member);
        }
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(0, group.broadcast(message));
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldReachOnlyMembersThatPassTheFilter() throws Exception {
        List<Session> members = newMembers(4);
        Set<Session> chosen = Set.of(members.get(1), members.get(2));
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(2, group.broadcast(message, chosen::contains));
            assertEquals(3, message.referenceCount());
            assertEquals(0, group.broadcast(message, member -> false));
            assertEquals(3, message.referenceCount());
        }
        assertEquals(
                List.of(0, 1, 1, 0),
                members.stream().map(Session::queuedMessages).toList());
        loop.dutyCycle();
    }

    @Test
    void shouldReleaseTheRestAndThrowWhatTheFilterThrew() throws Exception {
        List<Session> members = newMembers(4);
        IllegalStateException thrown = new IllegalStateException("the filter");
        Predicate<Session> filter = member -> {
            if (member == members.get(2)) {
                throw thrown;
            }
            return true;
        };
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertSame(thrown, assertThrows(IllegalStateException.class, () -> group.broadcast(message, filter)));
            assertEquals(3, message.referenceCount(), "two members had it already");
            assertSame(thrown, assertThrows(IllegalStateException.class, () -> group.queue(message, filter)));
            assertEquals(5, message.referenceCount());
            loop.dutyCycle();
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldWriteQueuedMessagesAtTheFlush() throws Exception {
        newMembers(3);
        for (int number = 0; number < 2; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                assertEquals(3, group.queue(message));
            }
        }
        assertEquals(0, loop.dutyCycle(), "queued messages wait for the flush");

        group.flush();
        assertEquals(3, loop.dutyCycle());
        for (Loopback connection : connections) {
            NumberedMessages.requireMessages(connection.readFully(2 * LENGTH), 2, LENGTH);
        }
    }

    @Test
    void shouldSendEmptyMessagesWithoutKeepingThem() throws Exception {
        newMembers(2);
        try (SendBuffer empty = pool.acquire(0).seal()) {
            assertEquals(2, group.broadcast(empty));
            assertEquals(1, empty.referenceCount());
        }
        loop.dutyCycle();
        for (Loopback connection : connections) {
            assertEquals(0, connection.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void shouldDoNothingWithoutMembers() {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(0, group.broadcast(message));
            assertEquals(0, group.queue(message, member -> true));
            group.flush();
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldRejectAMessageThatIsNotSealed() throws Exception {
        newMembers(2);
        try (SendBuffer unsealed = pool.acquire(8).putLong(1)) {
            assertThrows(IllegalStateException.class, () -> group.broadcast(unsealed));
            assertThrows(IllegalStateException.class, () -> group.queue(unsealed));
            assertThrows(IllegalStateException.class, () -> group.broadcast(unsealed, member -> true));
            assertEquals(1, unsealed.referenceCount());
        }
        SendBuffer released = NumberedMessages.sealed(pool, 0, LENGTH);
        released.release();
        assertThrows(IllegalStateException.class, () -> group.broadcast(released));
        assertEquals(0, loop.dutyCycle());
    }

    @Test
    void shouldRejectAMessageThatIsNotSealedEvenWithoutMembers() {
        try (SendBuffer unsealed = pool.acquire(8).putLong(1)) {
            assertThrows(IllegalStateException.class, () -> group.broadcast(unsealed));
        }
    }

    // ---- what the tests share

    private Session newSession() throws IOException {
        Loopback connection = loop.connect();
        connections.add(connection);
        return loop.open(connection, new RecordingListener());
    }

    private List<Session> newMembers(int count) throws IOException {
        List<Session> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Session member = newSession();
            assertTrue(group.add(member));
            members.add(member);
        }
        return members;
    }

    /** Queues as much as the limit allows. */
    private void fill(Session session) {
        for (int number = 0; number < 2; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                session.queue(message);
            }
        }
    }
}
