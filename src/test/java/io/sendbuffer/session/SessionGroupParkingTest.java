/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.MessageClass;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A member whose full queue refused something is not visited until it is writable again. What shows it is a small
 * message: the queue has room for it, and the group does not offer it.
 */
@Timeout(30)
class SessionGroupParkingTest {
    private static final int LARGE = 100;
    private static final int SMALL = 10;
    private static final int CAPACITY = 4 * LARGE + 5 * SMALL;
    private static final QueueLimits LIMITS = QueueLimits.DEFAULT.withMaxQueuedBytes(CAPACITY);

    private final SendBufferPool pool = Pools.create();
    private final List<String> events = new ArrayList<>();
    private final RefusalListener recorder = new RefusalListener() {
        @Override
        public void onRefused(Session session) {
            events.add("refused");
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            events.add("missed " + missedMessages + ", " + missedBytes + " bytes");
        }
    };
    private final SessionGroup group = new SessionGroup(recorder);
    private HandDrivenLoop loop;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.LOOP, LIMITS);
        session = openSession();
        group.add(session);
    }

    private Session openSession() throws IOException {
        return loop.open(loop.connect(), new RecordingListener() {
            @Override
            public void onClosed(Session ended, @Nullable Throwable cause) {
                super.onClosed(ended, cause);
                events.add("closed");
            }
        });
    }

    @AfterEach
    void close() {
        loop.close();
    }

    // ---- what a parked member is

    @Test
    void shouldNotVisitAMemberThatHasRefusedUntilItIsWritable() throws Exception {
        park(group);
        assertEquals(0, queue(group, SMALL), "it is not asked");
        assertEquals(OfferResult.QUEUED, send(session, SMALL), "though it would take it");
        drain();
        assertTrue(session.isWritable());
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, LARGE + SMALL);
    }

    @Test
    void shouldVisitItAgainAsSoonAsItsQueueHasFallenThoughNoListenerWasCalled() throws Exception {
        park(group);
        assertTrue(group.isParkedOpaque(0));
        session.queue.flush((GatheringByteChannel) session.channel());
        assertFalse(group.isParkedOpaque(0), "though nothing was offered since");
        assertEquals(1, queue(group, SMALL));
    }

    /** The thread that has seen its queue fall unparks it a moment later. */
    @Test
    void shouldNotParkAMemberWhoseQueueHasFallenSinceItRefused() throws Exception {
        park(group);
        session.queue.flush((GatheringByteChannel) session.channel());
        session.memberships.refusedFully(group, recorder, 1, SMALL, session.unparksVolatile());
        assertFalse(group.isParkedOpaque(0));
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, LARGE + SMALL);
    }

    @Test
    void shouldParkAMemberOfAGroupWithoutAListener() throws Exception {
        SessionGroup indifferent = new SessionGroup();
        indifferent.add(session);
        park(indifferent);
        assertEquals(0, queue(indifferent, SMALL));
        assertEquals(0, broadcastBatch(indifferent, SMALL));
        drain();
        assertEquals(1, queue(indifferent, SMALL));
        drain();
        assertEquals(List.of(), events);
    }

    @Test
    void shouldParkAMemberThatRefusedABatch() throws Exception {
        fill();
        assertEquals(0, broadcastBatch(group, LARGE));
        assertEquals(0, broadcastBatch(group, SMALL));
        assertEquals(0, queue(group, SMALL));
        drain();
        assertEquals(1, broadcastBatch(group, SMALL));
        requireMissed(3, LARGE + 2 * SMALL);
    }

    @Test
    void shouldOfferAControlMessageToAParkedMember() throws Exception {
        park(group);
        try (SendBuffer message = pool.acquire(LARGE).messageClass(MessageClass.CONTROL)) {
            assertEquals(1, group.queue(message.seal(LARGE)), "there is a reserve for it");
        }
        assertEquals(0, queue(group, SMALL));
        drain();
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, LARGE + SMALL);
    }

    @Test
    void shouldReplaceAnOlderMessageInTheQueueOfAParkedMember() throws Exception {
        assertEquals(1, queueKeyed(1));
        park(group);
        assertEquals(1, queueKeyed(2));
        assertEquals(1, session.conflatedMessages());
        drain();
    }

    private int queueKeyed(int value) {
        try (SendBuffer message = pool.acquire(SMALL).putInt(value).conflate(7)) {
            return group.queue(message.seal());
        }
    }

    @Test
    void shouldParkAgainAfterEachFall() throws Exception {
        for (int i = 1; i <= 3; i++) {
            park(group);
            assertEquals(0, queue(group, SMALL));
            drain();
            assertEquals(1, queue(group, SMALL));
            requireMissed(2, LARGE + SMALL);
            drain();
        }
    }

    @Test
    void shouldVisitTheOtherMembers() throws Exception {
        for (int i = 0; i < 3; i++) {
            group.add(openSession());
        }
        park(group);
        assertEquals(3, queue(group, SMALL));
        assertEquals(3, broadcastBatch(group, SMALL));
    }

    @Test
    void shouldKeepItsMemberParkedWhileOthersComeAndGo() throws Exception {
        List<Session> others = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            others.add(openSession());
        }
        others.subList(0, 3).forEach(group::add);
        group.remove(session);
        group.add(session);
        park(group);
        for (int i = 3; i < 40; i++) {
            group.add(others.get(i));
            assertEquals(i + 1, queue(group, 1));
        }
        while (!others.isEmpty()) {
            group.remove(others.remove(0));
            assertEquals(others.size(), queue(group, 1));
        }
        drain();
        assertEquals(1, queue(group, 1));
        requireMissed(1 + 77, LARGE + 77);
    }

    /** Nobody else may ever flush what was queued before. */
    @Test
    void shouldFlushAParkedMember() throws Exception {
        queue(group, LARGE);
        park(group);
        group.flush();
        loop.dutyCycle();
        assertEquals(0, session.queuedMessages());
        assertEquals(1, queue(group, SMALL));
    }

    @Test
    void shouldParkAMemberThatHasWaitedTooLong() throws Exception {
        session.queueLimits(LIMITS.withSoftLimit(LARGE, Duration.ofSeconds(1)));
        queue(group, LARGE);
        queue(group, LARGE);
        session.queue.isOverdue(System.nanoTime() + Duration.ofSeconds(2).toNanos());
        assertEquals(0, queue(group, SMALL));
        assertEquals(0, queue(group, SMALL));
        assertFalse(session.isWritable());
        drain();
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, 2 * SMALL);
    }

    /** The newest is what it is to get. */
    @Test
    void shouldNotParkAMemberThatSkips() throws Exception {
        fill();
        session.overrunPolicy(OverrunPolicy.skip());
        assertEquals(1, queue(group, LARGE));
        assertEquals(1, queue(group, SMALL));
        assertTrue(session.droppedMessages() > 0);
    }

    @Test
    void shouldNotParkAMemberForWhatNoQueueCouldEverTake() throws Exception {
        assertEquals(0, queue(group, CAPACITY + 1));
        assertEquals(1, queue(group, SMALL));
    }

    // ---- what else ends it

    @Test
    void shouldVisitItAgainWhenItsLimitsChange() throws Exception {
        park(group);
        session.queueLimits(LIMITS.withMaxQueuedBytes(2 * CAPACITY));
        assertFalse(session.isWritable());
        assertEquals(1, queue(group, LARGE));
        assertEquals(List.of(), events, "more than half full: the episode continues");
        drain();
        queue(group, SMALL);
        requireMissed(1, LARGE);
    }

    @Test
    void shouldVisitItAgainWhenItsPolicyChanges() throws Exception {
        park(group);
        session.overrunPolicy(OverrunPolicy.skip());
        assertEquals(1, queue(group, LARGE));
    }

    @Test
    void shouldVisitAMemberThatHasLeftAndComeBack() throws Exception {
        park(group);
        assertEquals(0, queue(group, SMALL));
        group.remove(session);
        group.add(session);
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, LARGE + SMALL);
    }

    @Test
    void shouldReportWhatItMissedBeforeItsEnd() throws Exception {
        park(group);
        queue(group, SMALL);
        queue(group, SMALL);
        session.abort();
        loop.dutyCycle();
        assertEquals(List.of("refused", "missed 3, 120 bytes", "closed"), events);
        assertEquals(0, queue(group, SMALL));
    }

    // ---- several groups

    @Test
    void shouldParkItInEachGroupThatItRefuses() throws Exception {
        SessionGroup other = new SessionGroup(recorder);
        other.add(session);
        park(group);
        assertEquals(1, queue(other, SMALL), "this one has refused it nothing");
        assertEquals(0, queue(other, LARGE));
        assertEquals(0, queue(other, SMALL));
        drain();
        assertEquals(1, queue(group, SMALL));
        assertEquals(1, queue(other, SMALL));
        loop.dutyCycle();
        assertEquals(List.of("refused", "refused"), events.subList(0, 2));
        assertTrue(events.contains("missed 1, 100 bytes"), events.toString());
        assertTrue(events.contains("missed 2, 110 bytes"), events.toString());
    }

    /** It has caught up before it is writable again: what is at most half full may hold more than the watermark. */
    @Test
    void shouldVisitItAgainWhenAnotherGroupFindsThatItHasCaughtUp() throws Exception {
        SessionGroup other = new SessionGroup();
        other.add(session);
        queue(other, LARGE);
        assertEquals(0, queue(group, CAPACITY), "larger than what is left");
        assertFalse(session.isWritable());
        assertEquals(0, queue(group, SMALL));
        assertEquals(1, queue(other, SMALL));
        assertEquals(1, queue(group, SMALL));
        requireMissed(2, CAPACITY + SMALL);
    }

    // ---- counts

    @Test
    void shouldAskTheFilterForAParkedMemberAndCountWhatPassesIt() throws Exception {
        park(group);
        List<Session> asked = new ArrayList<>();
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, SMALL)) {
            Predicate<Session> noted = asked::add;
            assertEquals(0, group.queue(message, noted));
            assertEquals(0, group.queue(message, noted.negate()));
            assertEquals(List.of(session, session), asked);
            assertEquals(1, message.referenceCount());
        }
        drain();
        queue(group, SMALL);
        requireMissed(2, LARGE + SMALL);
    }

    // ---- which are farthest behind

    @Test
    void shouldNameTheMembersThatAreFarthestBehind() throws Exception {
        Session more = openSession();
        Session none = openSession();
        group.add(more);
        group.add(none);
        send(session, SMALL);
        send(more, LARGE);
        assertEquals(
                List.of(more, session),
                group.farthestBehind(3),
                "in the same chunk, the one with more queued is first");
        assertEquals(List.of(more), group.farthestBehind(1));
        assertEquals(List.of(), group.farthestBehind(0));
        assertSame(more, more.queue.receiver(), "so the queues that a pool lists are those of sessions");
        drain();
    }

    // ---- what the tests share

    private int queue(SessionGroup to, int length) {
        try (SendBuffer message = message(length)) {
            return to.queue(message);
        }
    }

    private int broadcastBatch(SessionGroup to, int length) {
        try (SendBuffer message = message(length);
                SendBatch batch = new SendBatch().add(message).seal()) {
            return to.broadcast(batch);
        }
    }

    private OfferResult send(Session to, int length) {
        try (SendBuffer message = message(length)) {
            return to.queue(message);
        }
    }

    private SendBuffer message(int length) {
        SendBuffer message = pool.acquire(length);
        for (int i = 0; i < length; i++) {
            message.putByte((byte) i);
        }
        return message.seal();
    }

    /** Until no large message has room. */
    private void fill() {
        while (send(session, LARGE) == OfferResult.QUEUED) {}
    }

    private void park(SessionGroup in) {
        fill();
        assertEquals(0, queue(in, LARGE) - othersOf(in));
        assertFalse(session.isWritable());
    }

    private static int othersOf(SessionGroup in) {
        return in.size() - 1;
    }

    private void drain() throws IOException {
        session.flush();
        loop.dutyCycle();
        assertEquals(0, session.queuedMessages());
    }

    private void requireMissed(long messages, long bytes) throws IOException {
        loop.dutyCycle();
        assertEquals(List.of("refused", "missed " + messages + ", " + bytes + " bytes"), events);
        events.clear();
    }
}
