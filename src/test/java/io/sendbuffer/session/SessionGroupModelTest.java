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
import io.sendbuffer.TakingChannel;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks random joins, leaves, ends and broadcasts against a set as the model. */
@Timeout(120)
class SessionGroupModelTest {
    private static final int STEPS = 30_000;
    private static final int SESSIONS = 60;

    private static final int CHANGING_THREADS = 2;
    private static final int BROADCASTING_THREADS = 2;
    private static final int CHANGING_SESSIONS = 24;
    private static final int BROADCASTS = 3_000;

    private final long seed = TestSeed.next();
    private final SendBufferPool pool = Pools.create();
    private final BlockingSessions sessions =
            BlockingSessions.builder().writeMode(WriteMode.INLINE).build();
    private final SessionGroup group = new SessionGroup();

    @AfterEach
    void close() {
        sessions.close();
    }

    private Session open() {
        try {
            return sessions.addOutput(new TakingChannel(), new SessionListener() {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // ---- one thread

    @Test
    void shouldReachWhatASetWouldHold() {
        SplittableRandom random = new SplittableRandom(seed);
        List<Session> all = new ArrayList<>();
        Set<Session> model = new LinkedHashSet<>();
        for (int i = 0; i < SESSIONS; i++) {
            all.add(open());
        }
        try (SendBuffer message = pool.acquire(1).putByte((byte) 1).seal()) {
            for (int step = 0; step < STEPS; step++) {
                if (random.nextInt(20) > 0) {
                    change(random, all, model);
                } else {
                    requireReached(random, all, model, message, "step " + step + TestSeed.hint(seed));
                }
            }
        }
    }

    private void change(SplittableRandom random, List<Session> all, Set<Session> model) {
        Session session = all.get(random.nextInt(all.size()));
        // Mostly joins or mostly leaves, so that the group grows and shrinks.
        if (random.nextInt(10) < (model.size() < SESSIONS / 2 ? 7 : 3)) {
            assertEquals(model.add(session), group.add(session), TestSeed.hint(seed));
        } else {
            assertEquals(model.remove(session), group.remove(session), TestSeed.hint(seed));
        }
        assertEquals(model.size(), group.size(), TestSeed.hint(seed));
    }

    /** A broadcast whose filter changes the group. */
    private void requireReached(
            SplittableRandom random, List<Session> all, Set<Session> model, SendBuffer message, String hint) {
        Set<Session> before = new LinkedHashSet<>(model);
        Set<Session> staying = new HashSet<>(model);
        boolean changing = random.nextBoolean();
        List<Session> reached = new ArrayList<>();
        int accepted = group.broadcast(message, member -> {
            reached.add(member);
            for (int i = random.nextInt(4); changing && i > 0; i--) {
                change(random, all, model);
                staying.retainAll(model);
            }
            return true;
        });

        assertEquals(reached.size(), accepted, hint);
        assertEquals(reached.size(), new HashSet<>(reached).size(), "a member was reached twice, " + hint);
        assertTrue(before.containsAll(reached), "a member that joined meanwhile was reached, " + hint);
        assertTrue(reached.containsAll(staying), "a member was not reached, " + hint);
        if (!changing) {
            assertEquals(new ArrayList<>(before), reached, "in the order of their joins, " + hint);
        }
        List<Session> visited = new ArrayList<>();
        group.forEach(visited::add);
        assertEquals(new ArrayList<>(model), visited, hint);
        assertEquals(1, message.referenceCount(), hint);
    }

    // ---- several threads

    /** A broadcast, and the members that it reached, between two ticks of a common clock. */
    private record Broadcast(long began, long ended, Map<Session, Integer> reached) {}

    /** A session joined or left, somewhere between two ticks. */
    private record Change(long before, long after, boolean isMember) {}

    @Test
    void shouldReachEachMemberOnceAndNoOtherSessionWhileMembersComeAndGo() {
        AtomicLong clock = new AtomicLong();
        AtomicInteger broadcasting = new AtomicInteger(BROADCASTING_THREADS);
        ConcurrentLinkedQueue<Broadcast> broadcasts = new ConcurrentLinkedQueue<>();
        List<Map<Session, List<Change>>> histories = new ArrayList<>();
        for (int i = 0; i < CHANGING_THREADS; i++) {
            Map<Session, List<Change>> history = new HashMap<>();
            for (int k = 0; k < CHANGING_SESSIONS / CHANGING_THREADS; k++) {
                history.put(open(), new ArrayList<>());
            }
            histories.add(history);
        }

        Threads.runTogether(CHANGING_THREADS + BROADCASTING_THREADS, index -> {
            if (index < CHANGING_THREADS) {
                SplittableRandom random = new SplittableRandom(seed + index);
                comeAndGo(random, histories.get(index), clock, broadcasting);
            } else {
                broadcast(clock, broadcasts);
                broadcasting.decrementAndGet();
            }
        });

        int judged = 0;
        for (Map<Session, List<Change>> history : histories) {
            for (Map.Entry<Session, List<Change>> one : history.entrySet()) {
                judged += judge(one.getKey(), one.getValue(), broadcasts);
            }
        }
        System.out.println(broadcasts.size() + " broadcasts, " + judged + " of "
                + (long) broadcasts.size() * CHANGING_SESSIONS + " outcomes were certain");
        assertTrue(judged > broadcasts.size(), "too few outcomes were certain" + TestSeed.hint(seed));
    }

    private void comeAndGo(
            SplittableRandom random, Map<Session, List<Change>> history, AtomicLong clock, AtomicInteger broadcasting) {
        List<Session> own = new ArrayList<>(history.keySet());
        Set<Session> members = new HashSet<>();
        while (broadcasting.get() > 0) {
            Session session = own.get(random.nextInt(own.size()));
            long before = clock.incrementAndGet();
            boolean joins = members.add(session);
            if (joins) {
                assertTrue(group.add(session), TestSeed.hint(seed));
            } else {
                members.remove(session);
                assertTrue(group.remove(session), TestSeed.hint(seed));
            }
            Change change = new Change(before, clock.incrementAndGet(), joins);
            history.computeIfAbsent(session, none -> new ArrayList<>()).add(change);
            for (int i = random.nextInt(200); i > 0; i--) {
                Thread.onSpinWait();
            }
        }
    }

    private void broadcast(AtomicLong clock, ConcurrentLinkedQueue<Broadcast> broadcasts) {
        try (SendBuffer message = pool.acquire(0).seal()) {
            for (int i = 0; i < BROADCASTS; i++) {
                Map<Session, Integer> reached = new HashMap<>();
                long began = clock.incrementAndGet();
                group.broadcast(message, member -> reached.merge(member, 1, Integer::sum) > 0);
                broadcasts.add(new Broadcast(began, clock.incrementAndGet(), reached));
            }
        }
    }

    /** Returns for how many broadcasts it is certain whether they had to reach this session. */
    private int judge(Session session, List<Change> changes, Iterable<Broadcast> broadcasts) {
        List<Broadcast> inOrder = new ArrayList<>();
        broadcasts.forEach(inOrder::add);
        inOrder.sort((a, b) -> Long.compare(a.began, b.began));
        int certain = 0;
        int next = 0;
        for (Broadcast broadcast : inOrder) {
            while (next < changes.size() && changes.get(next).after < broadcast.began) {
                next++;
            }
            boolean changedMeanwhile = next < changes.size() && changes.get(next).before < broadcast.ended;
            boolean wasMember = next > 0 && changes.get(next - 1).isMember;
            int times = broadcast.reached.getOrDefault(session, 0);
            assertTrue(times <= 1, "reached " + times + " times by " + broadcast.began + TestSeed.hint(seed));
            if (!changedMeanwhile) {
                certain++;
                assertEquals(wasMember ? 1 : 0, times, "broadcast " + broadcast.began + TestSeed.hint(seed));
            }
        }
        return certain;
    }
}
