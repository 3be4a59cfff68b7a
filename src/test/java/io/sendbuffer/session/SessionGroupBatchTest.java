/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a broadcast of a batch does with its references, turn by turn of a loop. */
@Timeout(30)
class SessionGroupBatchTest {
    private static final int LENGTH = 100;

    private final SendBufferPool pool = Pools.create();
    private final List<Session> refused = new ArrayList<>();
    private final SessionGroup group = new SessionGroup(refused::add);
    private final SendBatch batch = new SendBatch();
    private final List<SendBuffer> messages = new ArrayList<>();
    private final List<Session> members = new ArrayList<>();
    private final List<RecordingListener> listeners = new ArrayList<>();
    private final List<Loopback> connections = new ArrayList<>();
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.LOOP);
    }

    private void start(WriteMode mode, int memberCount) throws IOException {
        loop.close();
        loop = new HandDrivenLoop(mode, QueueLimits.DEFAULT.withMaxQueuedMessages(5));
        for (int i = 0; i < memberCount; i++) {
            Loopback connection = loop.connect();
            connections.add(connection);
            RecordingListener listener = new RecordingListener();
            Session member = loop.open(connection, listener);
            listeners.add(listener);
            group.add(member);
            members.add(member);
        }
        for (int number = 0; number < 3; number++) {
            SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH);
            messages.add(message);
            batch.add(message);
            pool.acquire(1).release(); // so that they are no neighbors: each is sent with its own references
        }
        batch.seal();
    }

    @AfterEach
    void close() {
        batch.clear();
        loop.close();
        messages.forEach(message -> assertEquals(1, message.referenceCount()));
        messages.forEach(SendBuffer::release);
        assertEquals(List.of(), loop.errors);
    }

    /** Checks the references in addition to the batch's and the test's. */
    private void assertHeld(int references) {
        messages.forEach(message -> assertEquals(2 + references, message.referenceCount()));
    }

    @Test
    void shouldHaveWrittenAndReleasedEverythingWhenItReturnsInline() throws Exception {
        start(WriteMode.INLINE, 4);
        assertEquals(4, group.broadcast(batch));
        assertHeld(0);
        for (Loopback connection : connections) {
            NumberedMessages.requireMessages(connection.readFully(3 * LENGTH), 3, LENGTH);
        }
    }

    @Test
    void shouldReleaseEverythingInTheTurnThatWritesIt() throws Exception {
        start(WriteMode.LOOP, 4);
        assertEquals(4, group.broadcast(batch));
        assertHeld(4);
        assertEquals(4, loop.dutyCycle());
        assertHeld(0);
        for (Loopback connection : connections) {
            NumberedMessages.requireMessages(connection.readFully(3 * LENGTH), 3, LENGTH);
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldReleaseWhatWasRefusedOrCameTooLate(WriteMode mode) throws Exception {
        start(mode, 4);
        members.get(1).queue(messages.get(0));
        members.get(1).queue(messages.get(1));
        members.get(1).queue(messages.get(2)); // no room for three more
        members.get(3).close(); // still a member: the loop had no turn yet
        assertEquals(2, group.broadcast(batch));
        assertEquals(List.of(), refused, "not within the broadcast");
        assertEquals(3, members.get(1).queuedMessages());
        assertHeld(mode == WriteMode.LOOP ? 3 : 1);
        loop.dutyCycle();
        assertEquals(List.of(members.get(1)), refused);
        members.get(1).flush();
        loop.dutyCycle();
        assertHeld(0);
    }

    @Test
    void shouldGiveEverythingBackWhenNoMemberPassesTheFilter() throws Exception {
        start(WriteMode.LOOP, 3);
        assertEquals(0, group.broadcast(batch, member -> false));
        assertHeld(0);
        assertEquals(List.of(), refused);
        assertEquals(0, loop.dutyCycle());
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldReleaseTheRestAndThrowWhatTheFilterThrew(WriteMode mode) throws Exception {
        start(mode, 4);
        IllegalStateException thrown = new IllegalStateException("the filter");
        Predicate<Session> filter = member -> {
            if (member == members.get(2)) {
                throw thrown;
            }
            return true;
        };
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> group.broadcast(batch, filter)));
        assertHeld(mode == WriteMode.LOOP ? 2 : 0);
        loop.dutyCycle();
        assertHeld(0);
    }

    @Test
    void shouldEndTheSessionWithWhatTheListenerOfRefusalsThrewAndServeTheOthers() throws Exception {
        start(WriteMode.INLINE, 3);
        IllegalArgumentException thrown = new IllegalArgumentException("on purpose");
        SessionGroup strict = new SessionGroup(session -> {
            throw thrown;
        });
        members.forEach(strict::add);
        messages.forEach(members.get(1)::queue);
        assertEquals(2, strict.broadcast(batch));
        assertHeld(1);
        assertFalse(members.get(1).isClosed(), "not within the broadcast");
        loop.dutyCyclesUntil("the session ended", listeners.get(1)::isClosed);
        assertSame(thrown, listeners.get(1).cause);
        assertHeld(0);
        NumberedMessages.requireMessages(connections.get(0).readFully(3 * LENGTH), 3, LENGTH);
        NumberedMessages.requireMessages(connections.get(2).readFully(3 * LENGTH), 3, LENGTH);
    }

    @Test
    void shouldTakeABroadcastOfTheSameBatchFromWithinOne() throws Exception {
        start(WriteMode.INLINE, 3);
        SessionGroup others = new SessionGroup();
        others.add(members.get(0));
        assertEquals(3, group.broadcast(batch, member -> member != members.get(1) || others.broadcast(batch) == 1));
        assertHeld(0);
        NumberedMessages.requireMessages(connections.get(1).readFully(3 * LENGTH), 3, LENGTH);
    }

    @Test
    void shouldDoNothingWithoutMembersOrMessages() throws Exception {
        start(WriteMode.INLINE, 2);
        assertEquals(0, new SessionGroup().broadcast(batch));
        assertHeld(0);
        assertEquals(2, group.broadcast(new SendBatch().seal()));
        assertHeld(0);
    }

    @Test
    void shouldTakeNothingWhenAMessageHasNoRoomForAReferenceForEach() throws Exception {
        start(WriteMode.INLINE, 3);
        messages.get(1).retain(Integer.MAX_VALUE - 3);
        assertThrows(IllegalStateException.class, () -> group.broadcast(batch));
        messages.get(1).release(Integer.MAX_VALUE - 3);
        assertHeld(0);
        members.forEach(member -> assertEquals(0, member.queuedMessages()));
    }
}
