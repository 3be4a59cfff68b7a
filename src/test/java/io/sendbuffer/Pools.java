/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Creates the pools of the tests, and checks after every test that each of them got all of its memory back.
 *
 * <p>Registered as a service, so it checks every test of this source tree. It runs after the test's own
 * {@code @AfterEach}, then closes the pools. A pool of a static field would be closed after the first test: make it in
 * an instance field or in the test. The list is static, so tests must not run in parallel.
 */
public final class Pools implements AfterEachCallback {
    /** A selector loop or another thread of the test may still release its references. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final List<Tracked> TRACKED = new ArrayList<>();

    private record Tracked(SendBufferPool pool, String origin) {}

    /** For JUnit. */
    public Pools() {}

    /** Creates a pool with the defaults. */
    public static SendBufferPool create() {
        return Pools.track(SendBufferPool.builder().build());
    }

    /** Tracks a pool that the test built: the test need not close it. */
    public static SendBufferPool track(SendBufferPool pool) {
        Tracked tracked = new Tracked(pool, originOfCaller());
        synchronized (TRACKED) {
            TRACKED.add(tracked);
        }
        return pool;
    }

    /** Stops tracking a pool, for a test that checks that nothing else refers to it. */
    static void forget(SendBufferPool pool) {
        synchronized (TRACKED) {
            TRACKED.removeIf(tracked -> tracked.pool() == pool);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        requireAllReturned(PATIENCE);
    }

    /** Checks and closes the pools tracked so far. */
    static void requireAllReturned(Duration patience) {
        assertAll(takeTracked().stream().map(tracked -> () -> requireReturned(tracked, patience)));
    }

    private static List<Tracked> takeTracked() {
        synchronized (TRACKED) {
            List<Tracked> taken = List.copyOf(TRACKED);
            TRACKED.clear();
            return taken;
        }
    }

    private static void requireReturned(Tracked tracked, Duration patience) {
        String which = "the pool made at " + tracked.origin() + ": ";
        SendBufferPool pool = tracked.pool();
        PoolStats before = awaitNothingOutstanding(pool, patience);
        pool.close();
        PoolStats after = pool.stats();
        assertAll(
                () -> assertEquals(0, before.outstandingBuffers(), which + "outstanding buffers, " + before),
                () -> assertEquals(0, before.inUseBytes(), which + "bytes in use, " + before),
                () -> assertEquals(0, before.pinnedBytes(), which + "pinned bytes, " + before),
                () -> assertTrue(before.reservedBytes() <= before.maxMemory(), which + "above its cap, " + before),
                () -> assertEquals(0, after.reservedBytes(), which + "bytes kept after the close, " + after));
    }

    @SuppressWarnings("ThreadPriorityCheck") // The yield is for machines with few processors.
    private static PoolStats awaitNothingOutstanding(SendBufferPool pool, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        PoolStats stats = pool.stats();
        while (stats.outstandingBuffers() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            Thread.yield();
            stats = pool.stats();
        }
        return stats;
    }

    private static String originOfCaller() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Pools.class.getName()))
                        .findFirst()
                        .map(StackWalker.StackFrame::toString)
                        .orElse("an unknown place"));
    }
}
