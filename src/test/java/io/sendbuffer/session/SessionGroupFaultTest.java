/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.HostileChannel;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error that one member causes, whatever and wherever it is, affects that member alone. */
@Timeout(60)
class SessionGroupFaultTest {
    private static final int MEMBERS = 5;
    private static final int SLOW = 2;
    private static final int LENGTH = 10;
    private static final int MAX_CALLS = 200;

    private final SendBufferPool pool = Pools.create();
    private final List<Throwable> reported = new CopyOnWriteArrayList<>();
    private final BlockingSessions sessions = BlockingSessions.builder()
            .writeMode(WriteMode.INLINE)
            .queueLimits(QueueLimits.DEFAULT.withMaxQueuedMessages(3))
            .errorHandler(reported::add)
            .build();

    @AfterEach
    void close() {
        sessions.close();
    }

    /** How a message is sent to a group. */
    private interface Way {
        int send(SessionGroup group);
    }

    /** Five members, one of which is slow, and the n-th call of one kind into user code throws. */
    private final class Run implements RefusalListener {
        final Error thrown = new Error("on purpose");
        final List<HostileChannel> channels = new ArrayList<>();
        final List<RecordingListener> listeners = new ArrayList<>();
        final List<Session> members = new ArrayList<>();
        final AtomicInteger calls = new AtomicInteger();
        final AtomicInteger beginnings = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        final SessionGroup group = new SessionGroup(this);
        final String place;
        final int throwing;

        /** Where the error was thrown; null if it was not. */
        volatile @Nullable String where;

        Run(String place, int throwing) throws IOException {
            this.place = place;
            this.throwing = throwing;
            for (int i = 0; i < MEMBERS; i++) {
                HostileChannel channel = HostileChannel.takingAll();
                channel.duringWrite(() -> call("write"));
                RecordingListener listener = new RecordingListener();
                channels.add(channel);
                listeners.add(listener);
                members.add(sessions.addOutput(channel, listener));
            }
            members.forEach(group::add);
        }

        private void call(String here) {
            if (here.equals(place) && calls.incrementAndGet() == throwing) {
                where = here;
                throw thrown;
            }
        }

        private boolean filter(Session member) {
            call("filter");
            return members.contains(member);
        }

        @Override
        public void onRefused(Session session) {
            beginnings.incrementAndGet();
            call("onRefused");
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            ends.incrementAndGet();
            call("onRefusalsEnded");
        }

        /** Returns false if the filter threw, which ends a broadcast. */
        private boolean broadcast(Way how) {
            try {
                how.send(group);
                return true;
            } catch (Error e) {
                assertSame(thrown, e);
                assertEquals("filter", where);
                return false;
            }
        }

        /** Returns whether something was thrown. */
        boolean run() throws Exception {
            List<SendBuffer> messages = new ArrayList<>();
            for (int number = 0; number < 6; number++) {
                messages.add(NumberedMessages.sealed(pool, number, LENGTH));
                pool.acquire(1).release(); // so that the batch merges none
            }
            SendBatch batch =
                    new SendBatch().add(messages.get(2)).add(messages.get(3)).seal();
            messages.subList(0, 2).forEach(members.get(SLOW)::queue);

            broadcast(all -> all.queue(messages.get(0), this::filter)); // the slow one takes its third message
            boolean second = broadcast(all -> all.broadcast(messages.get(1), this::filter)); // its first refusal
            boolean third = broadcast(all -> all.broadcast(batch, this::filter));
            Session slow = members.get(SLOW);
            Await.until("onRefused was called", () -> beginnings.get() == 1 || !slow.refusingOpaque());
            group.flush();
            boolean fourth = broadcast(all -> all.broadcast(messages.get(4), this::filter));
            broadcast(all -> all.broadcast(messages.get(5), this::filter));
            Await.until("the episode ended", () -> ends.get() == beginnings.get());
            Await.until("all was delivered", () -> members.stream().noneMatch(Session::isDue));
            requireOthersServed(second && third && fourth);
            group.forEach(Session::abort);
            Await.until("each was notified", () -> listeners.stream().allMatch(RecordingListener::isClosed));
            assertEquals(0, group.size());
            batch.clear();
            messages.forEach(message -> assertEquals(1, message.referenceCount(), place + " " + throwing));
            messages.forEach(SendBuffer::release);
            return where != null;
        }

        private void requireOthersServed(boolean uncut) throws Exception {
            String hint = "call " + throwing + " of " + place;
            boolean fatal = where != null && !"filter".equals(where);
            Await.until("the affected member ended, " + hint, () -> ended() == (fatal ? 1 : 0));
            for (int i = 0; i < MEMBERS; i++) {
                if (members.get(i).isClosed()) {
                    assertTrue(fatal, hint);
                    RecordingListener listener = listeners.get(i);
                    Await.until("onClosed was called", listener::isClosed);
                    assertSame(thrown, listener.cause, hint);
                } else if (uncut && i != SLOW && !"filter".equals(where)) {
                    NumberedMessages.requireMessages(channels.get(i).bytes(), 6, LENGTH);
                }
            }
        }

        private long ended() {
            return members.stream().filter(Session::isClosed).count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"filter", "write", "onRefused", "onRefusalsEnded"})
    void shouldKeepAnErrorOfAnyCallToTheMemberThatMeetsIt(String place) throws Exception {
        int thrown = 0;
        while (new Run(place, thrown + 1).run()) {
            thrown++;
            assertTrue(thrown < MAX_CALLS);
        }
        System.out.println(place + ": an error in each of " + thrown + " calls");
        assertTrue(thrown > 0, "never called");
        assertEquals(List.of(), reported);
    }

    // ---- the member's own queue fails, as it does when it cannot grow for lack of memory

    @Test
    void shouldServeTheOthersWhenTheQueueOfAMemberFails() throws Exception {
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            SendBatch batch = new SendBatch().add(message).seal();
            List<Way> ways =
                    List.of(all -> all.broadcast(message), all -> all.queue(message), all -> all.broadcast(batch));
            for (Way way : ways) {
                for (int broken = 0; broken < MEMBERS; broken++) {
                    Run run = new Run("nowhere", 1);
                    breakQueue(run.members.get(broken));
                    assertEquals(MEMBERS - 1, way.send(run.group));
                    run.group.flush();
                    assertTrue(run.members.get(broken).isClosed());
                    Await.until("onClosed was called", run.listeners.get(broken)::isClosed);
                    assertInstanceOf(NullPointerException.class, run.listeners.get(broken).cause);
                    for (int i = 0; i < MEMBERS; i++) {
                        assertEquals(
                                i == broken ? 0 : LENGTH, run.channels.get(i).byteCount());
                    }
                    assertEquals(MEMBERS - 1, run.group.size());
                }
            }
            batch.clear();
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldFlushTheOthersWhenAFlushFails() throws Exception {
        for (int broken = 0; broken < MEMBERS; broken++) {
            Run run = new Run("nowhere", 1);
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
                assertEquals(MEMBERS, run.group.queue(message));
            }
            run.channels.get(broken).throwNext(run.thrown);
            run.group.flush();
            assertEquals(1, run.ended());
            Await.until("onClosed was called", run.listeners.get(broken)::isClosed);
            assertSame(run.thrown, run.listeners.get(broken).cause);
            for (int i = 0; i < MEMBERS; i++) {
                assertEquals(i == broken ? 0 : LENGTH, run.channels.get(i).byteCount());
            }
        }
    }

    /** Leaves the session without a queue. */
    private static void breakQueue(Session session) throws ReflectiveOperationException {
        Field queue = Session.class.getDeclaredField("queue");
        queue.setAccessible(true);
        queue.set(session, null);
    }
}
