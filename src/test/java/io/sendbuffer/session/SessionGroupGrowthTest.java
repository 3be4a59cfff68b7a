/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TakingChannel;
import io.sendbuffer.Threads;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The cost of joins, leaves and ends with many members, and with many groups. Times are the thread's CPU time, so that
 * a busy machine does not fail the tests.
 */
@Tag("alone")
@Timeout(120)
class SessionGroupGrowthTest {
    private static final int MANY = 100_000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** A membership with its place in the table of a session that has no other one, and its share of growing arrays. */
    private static final long MAX_BYTES_PER_OPERATION = 600;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SendBufferPool pool = Pools.create();
    private final BlockingSessions sessions =
            BlockingSessions.builder().writeMode(WriteMode.INLINE).build();
    private final SessionGroup group = new SessionGroup();
    private final AtomicInteger closed = new AtomicInteger();

    @AfterEach
    void close() {
        sessions.close();
    }

    @Test
    void shouldTakeAHundredThousandJoinsAndLeavesInASecondWhileBroadcastsRun() throws Exception {
        List<Session> all = open(MANY);
        AtomicInteger broadcasts = new AtomicInteger();
        Future<Boolean> broadcaster = Threads.start(() -> {
            try (SendBuffer message = pool.acquire(0).seal()) {
                while (broadcasts.incrementAndGet() > 0) {
                    group.broadcast(message);
                }
            }
            return true;
        });
        try {
            Await.until("broadcasts run", () -> broadcasts.get() > 10);
            Measured joins = measure(() -> all.forEach(group::add));
            assertEquals(all.size(), group.size());
            Measured leaves = measure(() -> all.forEach(group::remove));
            assertEquals(0, group.size());
            Measured again = measure(() -> all.forEach(session -> {
                group.add(session);
                group.remove(session);
            }));

            print(all.size() + " joins", joins);
            print(all.size() + " leaves", leaves);
            print(all.size() + " joins and leaves in turn", again);
            assertTrue(joins.nanos + leaves.nanos <= SECOND, "joins and leaves took too long");
            assertTrue(again.nanos <= SECOND, "joins and leaves in turn took too long");
            assertTrue(joins.bytes + leaves.bytes <= 2L * MANY * MAX_BYTES_PER_OPERATION, "too much garbage");
            assertTrue(again.bytes <= 2L * MANY * MAX_BYTES_PER_OPERATION, "too much garbage");
        } finally {
            broadcasts.set(Integer.MIN_VALUE);
            Threads.join(broadcaster);
        }
    }

    /** Leaves in join order, in reverse order, and in no order: none may search for its place. */
    @Test
    void shouldLeaveAtTheSameCostFromWhateverPlace() throws Exception {
        List<Session> all = open(MANY / 2);
        for (int stride : new int[] {1, all.size() - 1, 7919}) {
            all.forEach(group::add);
            Measured leaves = measure(() -> {
                for (int i = 0; i < all.size(); i++) {
                    group.remove(all.get((int) ((long) i * stride % all.size())));
                }
            });
            print(all.size() + " leaves by strides of " + stride, leaves);
            assertEquals(0, group.size());
            assertTrue(leaves.nanos <= SECOND / 2, "leaves took too long");
        }
    }

    @Test
    void shouldTakeAMassDisconnectInLinearTime() throws Exception {
        List<Session> all = open(MANY / 2);
        all.forEach(group::add);
        long start = System.nanoTime();
        all.forEach(Session::abort);
        Await.until("onClosed was called for each session", () -> closed.get() == all.size());
        System.out.printf(Locale.ROOT, "%d members ended in %.0f ms%n", all.size(), (System.nanoTime() - start) / 1e6);
        assertEquals(0, group.size());

        List<Session> others = open(MANY / 2);
        others.forEach(group::add);
        Measured leaves = measure(() -> others.forEach(session -> session.memberships.leaveAll()));
        print(others.size() + " members leave at their end", leaves);
        assertEquals(0, group.size());
        assertTrue(leaves.nanos <= SECOND / 2, "the leaves of those that ended took too long");
    }

    @Test
    void shouldLeaveTenThousandGroupsInLinearTime() throws Exception {
        Session session = open(1).get(0);
        List<SessionGroup> groups = new ArrayList<>();
        Measured joins = measure(() -> {
            for (int i = 0; i < 10_000; i++) {
                SessionGroup one = new SessionGroup();
                assertTrue(one.add(session));
                assertFalse(one.add(session));
                groups.add(one);
            }
        });
        Measured leaves = measure(() -> session.memberships.leaveAll());
        print("one session joins 10000 groups", joins);
        print("and leaves them at its end", leaves);
        groups.forEach(one -> assertEquals(0, one.size()));
        assertTrue(joins.nanos <= SECOND && leaves.nanos <= SECOND / 2, "it took too long");
    }

    /** The slot of a member that left is not reused, so the number of slots must not grow with the number of joins. */
    @Test
    void shouldNotGrowWithJoinsThatAreFollowedByLeaves() throws Exception {
        List<Session> all = open(100);
        all.forEach(group::add);
        Measured rounds = measure(() -> {
            for (int i = 0; i < MANY; i++) {
                Session session = all.get(i % all.size());
                group.remove(session);
                group.add(session);
            }
        });
        print(2 * MANY + " leaves and joins of 100 members", rounds);
        AtomicInteger count = new AtomicInteger();
        group.forEach(session -> count.incrementAndGet());
        assertEquals(100, count.get());
        try (SendBuffer message = pool.acquire(0).seal()) {
            message.retain(Integer.MAX_VALUE - 400); // a broadcast takes a reference for each slot
            assertEquals(100, group.broadcast(message));
            message.release(Integer.MAX_VALUE - 400);
        }
    }

    // ---- what is dropped is garbage

    @Test
    void shouldNotKeepGroupsThatWereDropped() throws Exception {
        Session session = open(1).get(0);
        List<WeakReference<SessionGroup>> dropped = new ArrayList<>();
        Measured joins = measure(() -> {
            for (int i = 0; i < 10 * MANY; i++) {
                SessionGroup one = new SessionGroup();
                assertTrue(one.add(session));
                if (i % 1000 == 0) {
                    dropped.add(new WeakReference<>(one));
                }
            }
        });
        print(10 * MANY + " groups that are dropped", joins);
        awaitCollected(dropped);
        assertTrue(group.add(session), "the next join removes what is left of them");
        assertTrue(group.remove(session));
        assertFalse(group.remove(session));
    }

    /** The listener may know its group: a session that knows the listener would keep both. */
    @Test
    void shouldNotKeepAGroupThatWasDroppedBecauseOfItsListener() throws Exception {
        Session session = open(1).get(0);
        List<WeakReference<SessionGroup>> dropped = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            SessionGroup[] own = new SessionGroup[1];
            own[0] = new SessionGroup(refused -> own[0].remove(refused));
            assertTrue(own[0].add(session));
            dropped.add(new WeakReference<>(own[0]));
        }
        awaitCollected(dropped);
    }

    @Test
    void shouldKeepItsMembers() throws Exception {
        for (int i = 0; i < 100; i++) {
            group.add(open(1).get(0));
        }
        System.gc();
        List<Session> seen = new ArrayList<>();
        group.forEach(seen::add);
        assertEquals(100, seen.size());
    }

    private static void awaitCollected(List<WeakReference<SessionGroup>> dropped) throws Exception {
        Await.until("the dropped groups are collected", () -> {
            System.gc();
            return dropped.stream().allMatch(reference -> reference.get() == null);
        });
    }

    // ---- what the tests share

    private List<Session> open(int count) throws IOException {
        List<Session> opened = new ArrayList<>(count);
        SessionListener listener = new SessionListener() {
            @Override
            public void onClosed(Session session, @Nullable Throwable cause) {
                closed.incrementAndGet();
            }
        };
        for (int i = 0; i < count; i++) {
            opened.add(sessions.addOutput(new TakingChannel(), listener));
        }
        return opened;
    }

    private record Measured(long nanos, long bytes) {}

    private Measured measure(Runnable action) {
        long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        long nanos = threads.getCurrentThreadCpuTime();
        action.run();
        return new Measured(
                threads.getCurrentThreadCpuTime() - nanos,
                threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - bytes);
    }

    private static void print(String what, Measured measured) {
        System.out.printf(
                Locale.ROOT, "%s: %.0f ms, %,d kB of garbage%n", what, measured.nanos / 1e6, measured.bytes / 1000);
    }
}
