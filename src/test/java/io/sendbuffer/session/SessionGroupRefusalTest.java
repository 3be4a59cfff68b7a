/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sendbuffer.MessageClass;
import io.sendbuffer.Pools;
import io.sendbuffer.PressureChange;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Episodes of a member that cannot keep up: when they begin and end, and what the listener is notified of. The loop
 * writes, turn by turn, so that a queue of four messages stays as full as the test fills it.
 */
@Timeout(30)
class SessionGroupRefusalTest {
    private static final int LENGTH = 100;
    private static final int CAPACITY = 4;

    private final SendBufferPool pool = Pools.create();
    private final List<String> events = new ArrayList<>();
    private final SessionGroup group = new SessionGroup(new Recorder(""));
    private HandDrivenLoop loop;
    private Session session;

    /** Records the calls for the group that it is named after. */
    private final class Recorder implements RefusalListener {
        private final String name;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public void onRefused(Session refusing) {
            events.add(name + "refused");
        }

        @Override
        public void onRefusalsEnded(Session refusing, long missedMessages, long missedBytes) {
            events.add(name + "missed " + missedMessages + ", " + missedBytes + " bytes");
        }
    }

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.LOOP, QueueLimits.DEFAULT.withMaxQueuedMessages(CAPACITY));
        session = loop.open(loop.connect(), new RecordingListener() {
            @Override
            public void onClosed(Session ended, @Nullable Throwable cause) {
                super.onClosed(ended, cause);
                events.add("closed");
            }
        });
        group.add(session);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void queue(SessionGroup to, int messages) {
        for (int number = 0; number < messages; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                to.queue(message);
            }
        }
    }

    private void drain() throws IOException {
        session.flush();
        loop.dutyCycle();
        assertEquals(0, session.queuedMessages());
    }

    private void requireEvents(String... expected) {
        assertEquals(List.of(expected), events);
        events.clear();
    }

    /** Whether a call is due, other than that the queue passed a watermark. */
    private boolean isDue() {
        PressureChange change;
        do {
            change = session.queue.takePressureChange();
        } while (change != PressureChange.NONE);
        return session.isDue();
    }

    /** Delivers what is due, without writing. */
    private void deliver() {
        session.deliverDue();
    }

    @Test
    void shouldNotNotifyOfAMessageThatTheMemberDoesWithout() {
        queue(group, CAPACITY);
        assertFalse(isDue());
        try (SendBuffer message =
                pool.acquire(1).putByte(1).messageClass(MessageClass.EXPENDABLE).seal()) {
            assertEquals(0, group.queue(message), "it is not accepted");
        }
        assertFalse(isDue());
        requireEvents();
    }

    // ---- the beginning

    @Test
    void shouldNotifyOnceOfTenThousandRefusalsAndOnceOfTheirEnd() throws Exception {
        queue(group, CAPACITY);
        assertFalse(isDue());
        queue(group, 1);
        requireEvents();
        assertTrue(isDue(), "not within the broadcast, but soon");
        deliver();
        requireEvents("refused");

        queue(group, 9_999);
        assertFalse(isDue());
        drain();
        queue(group, 1);
        requireEvents();
        deliver();
        requireEvents("missed 10000, " + 10_000 * LENGTH + " bytes");

        queue(group, 1);
        assertFalse(isDue());
    }

    @Test
    void shouldBeginAgainAfterTheEnd() throws Exception {
        for (int episode = 1; episode <= 3; episode++) {
            queue(group, CAPACITY + episode);
            deliver();
            requireEvents("refused");
            drain();
            queue(group, 1);
            deliver();
            requireEvents("missed " + episode + ", " + episode * LENGTH + " bytes");
            drain();
        }
    }

    /** If delivered late, the two calls come together, and in order. */
    @Test
    void shouldNotifyOfTheBeginningBeforeTheEnd() throws Exception {
        queue(group, CAPACITY + 1);
        emptyWithoutDelivery();
        queue(group, 1);
        deliver();
        requireEvents("refused", "missed 1, 100 bytes");
    }

    /** However late the delivery is, what waits for it does not grow. */
    @Test
    void shouldContinueWithAnEpisodeWhoseEndWasNotDeliveredYet() throws Exception {
        for (int i = 0; i < 100; i++) {
            queue(group, CAPACITY + 1 - session.queuedMessages());
            emptyWithoutDelivery();
            queue(group, 1);
        }
        deliver();
        requireEvents("refused", "missed 100, 10000 bytes");
        assertFalse(isDue());
    }

    @Test
    void shouldCountEachMessageOfABatch() throws Exception {
        queue(group, CAPACITY);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            SendBatch batch =
                    new SendBatch().add(message).add(message).add(message).seal();
            assertEquals(0, group.broadcast(batch));
            assertEquals(0, group.broadcast(batch));
            batch.clear();
        }
        drain();
        queue(group, 1);
        deliver();
        requireEvents("refused", "missed 6, 600 bytes");
    }

    @Test
    void shouldNotCountWhatDidNotPassTheFilter() throws Exception {
        queue(group, CAPACITY);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(0, group.broadcast(message, member -> false));
        }
        assertFalse(isDue());
    }

    /** Such a message does not make its receiver slow. */
    @Test
    void shouldNotCallARefusalWhatNoQueueCouldEverTake() throws Exception {
        loop.close();
        events.clear();
        loop = new HandDrivenLoop(WriteMode.LOOP, QueueLimits.DEFAULT.withMaxQueuedBytes(LENGTH - 1));
        session = loop.open(loop.connect(), new RecordingListener());
        group.add(session);
        queue(group, 3);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(0, group.broadcast(message));
            SendBatch batch = new SendBatch().add(message).seal();
            assertEquals(0, group.broadcast(batch));
            batch.clear();
            assertEquals(1, message.referenceCount());
        }
        assertFalse(isDue());
        assertFalse(session.refusingOpaque());
    }

    // ---- the end

    @Test
    void shouldNotEndWhileTheQueueIsMoreThanHalfFull() throws Exception {
        queue(group, CAPACITY + 1);
        deliver();
        requireEvents("refused");
        for (int left = CAPACITY - 1; left > CAPACITY / 2; left--) {
            leave(left);
            queue(group, 1);
            assertFalse(isDue(), left + " of " + CAPACITY);
        }
        leave(CAPACITY / 2);
        queue(group, 1);
        deliver();
        requireEvents("missed 1, 100 bytes");
    }

    /** The byte limit has its own half. */
    @Test
    void shouldNotEndWhileTheBytesAreMoreThanHalfOfTheLimit() throws Exception {
        loop.close();
        events.clear();
        loop = new HandDrivenLoop(WriteMode.LOOP, QueueLimits.DEFAULT.withMaxQueuedBytes(CAPACITY * LENGTH));
        session = loop.open(loop.connect(), new RecordingListener());
        group.add(session);
        queue(group, CAPACITY + 1);
        deliver();
        requireEvents("refused");
        leave(CAPACITY / 2 + 1);
        queue(group, 1);
        assertFalse(isDue());
        leave(CAPACITY / 2);
        queue(group, 1);
        deliver();
        requireEvents("missed 1, 100 bytes");
    }

    @Test
    void shouldEndWithABatchToo() throws Exception {
        queue(group, CAPACITY + 1);
        drain();
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            SendBatch batch = new SendBatch().add(message).seal();
            assertEquals(1, group.broadcast(batch));
            batch.clear();
        }
        deliver();
        requireEvents("refused", "missed 1, 100 bytes");
    }

    @Test
    void shouldEndBeforeTheSessionIsNotifiedOfItsOwnEnd() throws Exception {
        queue(group, CAPACITY + 2);
        deliver();
        session.abort();
        loop.dutyCycle();
        requireEvents("refused", "missed 2, 200 bytes", "closed");
        queue(group, 1);
        assertFalse(isDue());
    }

    @Test
    void shouldNotifyOfWhatIsDueBeforeTheEndOfTheSession() throws Exception {
        queue(group, CAPACITY + 2);
        session.abort();
        loop.dutyCycle();
        requireEvents("refused", "missed 2, 200 bytes", "closed");
    }

    @Test
    void shouldEndWhenTheSessionLeavesTheGroup() throws Exception {
        queue(group, CAPACITY + 2);
        deliver();
        requireEvents("refused");
        group.remove(session);
        requireEvents();
        deliver();
        requireEvents("missed 2, 200 bytes");

        group.add(session);
        queue(group, 1);
        group.remove(session);
        deliver();
        requireEvents("refused", "missed 1, 100 bytes");
    }

    // ---- several groups

    @Test
    void shouldNotifyEachGroupOfItsOwnMessages() throws Exception {
        SessionGroup other = new SessionGroup(new Recorder("other "));
        SessionGroup indifferent = new SessionGroup();
        other.add(session);
        indifferent.add(session);
        queue(group, CAPACITY + 3);
        queue(other, 2);
        queue(indifferent, 5);
        queue(group, 1);
        deliver();
        requireEvents("refused", "other refused");
        drain();
        queue(indifferent, 1);
        deliver();
        assertEquals(2, events.size(), "it has caught up, whichever group sent the message: " + events);
        assertTrue(events.contains("missed 4, 400 bytes"), events.toString());
        assertTrue(events.contains("other missed 2, 200 bytes"), events.toString());
    }

    @Test
    void shouldMakeNoCallWithoutAListener() throws Exception {
        SessionGroup indifferent = new SessionGroup();
        indifferent.add(session);
        queue(indifferent, CAPACITY + 3);
        assertFalse(isDue());
    }

    @Test
    void shouldNotKeepAGroupThatWasDroppedDuringAnEpisode() throws Exception {
        List<WeakReference<SessionGroup>> dropped = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            SessionGroup[] own = new SessionGroup[1];
            own[0] = new SessionGroup(refusing -> events.add("of " + own[0].size()));
            own[0].add(session);
            queue(own[0], CAPACITY + 1);
            dropped.add(new WeakReference<>(own[0]));
        }
        System.gc();
        deliver();
        assertEquals(20, events.size(), "what happened is delivered, though the groups are dropped");
        events.clear();
        Await.until("the groups are collected", () -> {
            System.gc();
            return dropped.stream().allMatch(reference -> reference.get() == null);
        });
        drain();
        queue(group, 1);
        deliver();
        requireEvents();
    }

    /**
     * A reader that is always too slow never catches up: what it missed of groups that are gone must not accumulate.
     */
    @Test
    void shouldForgetTheEpisodesOfDroppedGroupsThoughNoneEnds() throws Exception {
        Refusals refusals = new Refusals(session, session.memberships);
        RefusalEpisode kept = new RefusalEpisode(group, new Membership(session));
        refuse(refusals, kept);
        List<WeakReference<RefusalEpisode>> left = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            left.add(new WeakReference<>(openForADroppedGroup(refusals)));
        }
        Await.until("the episodes are collected", () -> {
            System.gc();
            for (int i = 0; i < 10; i++) {
                openForADroppedGroup(refusals);
            }
            return left.stream().allMatch(reference -> reference.get() == null);
        });
        assertTrue(kept.isOpen());
        events.clear();
        synchronized (session.memberships) {
            refusals.endAll();
        }
        refusals.run();
        assertFalse(kept.isOpen());
        assertTrue(events.contains("missed 1, 100 bytes"), "the group that is still there is notified");
    }

    private RefusalEpisode openForADroppedGroup(Refusals refusals) {
        RefusalEpisode episode = new RefusalEpisode(new SessionGroup(), new Membership(session));
        refuse(refusals, episode);
        return episode;
    }

    private void refuse(Refusals refusals, RefusalEpisode episode) {
        synchronized (session.memberships) {
            refusals.refused(episode, refusing -> events.add("refused"), 1, LENGTH);
        }
        refusals.run();
    }

    // ---- what the listener does

    @Test
    void shouldLetTheListenerAbortTheSession() throws Exception {
        SessionGroup strict = new SessionGroup(Session::abort);
        Session other = loop.open(loop.connect(), new RecordingListener());
        strict.add(session);
        strict.add(other);
        queue(group, CAPACITY);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            assertEquals(1, strict.broadcast(message));
        }
        assertFalse(session.isClosed());
        deliver();
        assertTrue(session.isClosed());
        loop.dutyCycle();
        assertEquals(1, strict.size());
        assertEquals(0, group.size());
    }

    @Test
    void shouldLetTheListenerBroadcastToTheSameGroup() throws Exception {
        SessionGroup[] own = new SessionGroup[1];
        own[0] = new SessionGroup(refusing -> {
            events.add("refused");
            queue(own[0], 3);
        });
        own[0].add(session);
        queue(own[0], CAPACITY + 1);
        deliver();
        requireEvents("refused");
        assertFalse(isDue());
    }

    @Test
    void shouldReportWhatTheListenerThrewWhenTheSessionHasEnded() throws Exception {
        Error thrown = new AssertionError("on purpose");
        SessionGroup throwing = new SessionGroup(new RefusalListener() {
            @Override
            public void onRefused(Session refusing) {
                throw thrown;
            }

            @Override
            public void onRefusalsEnded(Session refusing, long missedMessages, long missedBytes) {
                events.add("ended");
                throw new IllegalStateException("another one");
            }
        });
        throwing.add(session);
        queue(throwing, CAPACITY + 1);
        deliver();
        assertTrue(session.isClosed());
        loop.dutyCycle();
        requireEvents("ended", "closed");
        assertEquals(1, loop.errors.size());
        assertSame(IllegalStateException.class, loop.errors.get(0).getClass());
    }

    // ---- cost

    @Test
    void shouldAllocateNothingForARefusedMessageOfAnOpenEpisode() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        queue(group, CAPACITY);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, LENGTH)) {
            for (int i = 0; i < 20_000; i++) {
                group.queue(message);
            }
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 10_000; i++) {
                group.queue(message);
            }
            long allocated =
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            assertTrue(allocated <= 1024, allocated + " bytes for 10,000 refused messages");
        }
        drain();
        events.clear();
    }

    // ---- what the tests share

    /** Writes all that is queued, on this thread, and runs no callback. */
    private void emptyWithoutDelivery() throws IOException {
        session.queue.flush((GatheringByteChannel) session.channel());
        assertEquals(0, session.queuedMessages());
    }

    /** Leaves this many messages waiting. */
    private void leave(int messages) throws IOException {
        emptyWithoutDelivery();
        for (int number = 0; number < messages; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                session.queue(message);
            }
        }
        assertEquals(messages, session.queuedMessages());
    }
}
