/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.CachedNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an application releases before an acquire is refused. */
@Timeout(30)
class ReclaimHookTest {
    private static final int CHUNK = 1 << 10;
    private static final int CHUNKS = 16;
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<Throwable> reported = new ArrayList<>();
    private final List<SendBuffer> cache = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final CachedNanoClock clock = new CachedNanoClock();
    private Reclaimer reclaimer = capacity -> false;
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(CHUNKS * CHUNK)
            .errorHandler(reported::add)
            .clock(clock)
            .reclaim(capacity -> {
                calls.incrementAndGet();
                return reclaimer.reclaim(capacity);
            })
            .build());

    private void fillCache() {
        reclaimer = capacity -> false;
        SendBuffer message;
        while ((message = pool.tryAcquire(CHUNK)) != null) {
            cache.add(message.seal(1));
        }
        calls.set(0);
        clock.advance(QUIET_NANOS);
    }

    @AfterEach
    void clearCache() {
        cache.forEach(SendBuffer::release);
        cache.clear();
    }

    private boolean release(int count) {
        for (int i = 0; i < count && !cache.isEmpty(); i++) {
            cache.remove(cache.size() - 1).release();
        }
        return count > 0;
    }

    /** The queue is as far behind as the pool is large: it would end. */
    @Test
    void shouldReleaseWhatTheApplicationCanSpareBeforeAReceiverEnds() {
        SendQueue slow = new SendQueue();
        try (SendBuffer message = pool.acquire(CHUNK).seal(CHUNK)) {
            assertEquals(OfferResult.QUEUED, slow.offer(message));
        }
        assertEquals(FlushResult.BLOCKED, slow.flush(HostileChannel.takingAll().block(1)));
        reclaimer = capacity -> release(1);
        for (int i = 0; i < 20 * CHUNKS; i++) {
            cache.add(pool.acquire(CHUNK).seal(1));
        }
        assertFalse(slow.isClosed());
        assertTrue(calls.get() > 18 * CHUNKS, () -> calls + " calls");
        assertEquals(0, pool.stats().refusedAcquires());

        reclaimer = capacity -> false;
        pool.acquire(CHUNK).release();

        assertTrue(slow.isClosed(), "now nothing else is left");
    }

    @Test
    void shouldSayHowMuchIsNeededAndAskForConstantsToo() {
        fillCache();
        List<Integer> capacities = new ArrayList<>();
        reclaimer = capacity -> {
            capacities.add(capacity);
            return release(4);
        };
        pool.acquire(2 * CHUNK).release();
        while (pool.stats().reservedBytes() < CHUNKS * CHUNK || pool.stats().idleBytes() > 0) {
            cache.add(pool.acquire(CHUNK).seal(1));
        }
        pool.constant(new byte[CHUNK]).release();
        assertEquals(List.of(2 * CHUNK, CHUNK), capacities);
    }

    @Test
    void shouldNotBeCalledWhereThereIsRoomNorForWhatCouldNeverFit() {
        pool.acquire(CHUNK).release();
        assertNull(pool.tryAcquire(2 * CHUNKS * CHUNK));
        assertEquals(0, calls.get());
    }

    @Test
    void shouldNotBeCalledWithinItself() {
        fillCache();
        reclaimer = capacity -> {
            assertNull(pool.tryAcquire(CHUNK));
            return release(1);
        };
        SendBuffer message = pool.tryAcquire(CHUNK);
        assertNotNull(message);
        message.release();
        assertEquals(1, calls.get());
    }

    @Test
    void shouldNotBeCalledAgainAtOnceWhenItReleasedNothing() {
        fillCache();
        for (int i = 0; i < 1_000; i++) {
            assertNull(pool.tryAcquire(CHUNK));
        }
        assertEquals(1, calls.get());
        clock.advance(QUIET_NANOS);
        assertNull(pool.tryAcquire(CHUNK));
        assertEquals(2, calls.get());
    }

    @Test
    void shouldReportWhatItThrowsAndBeCalledAgain() {
        fillCache();
        AssertionError thrown = new AssertionError("on purpose");
        reclaimer = capacity -> {
            throw thrown;
        };
        assertThrows(PoolExhaustedException.class, () -> pool.acquire(CHUNK));
        assertSame(thrown, reported.get(0));
        assertEquals(1, reported.size());
        clock.advance(QUIET_NANOS);
        reclaimer = capacity -> release(1);
        pool.acquire(CHUNK).release();
        assertEquals(2, calls.get());
    }

    /** Others neither wait for it nor call it; and it holds none of the pool's locks. */
    @Test
    void shouldKeepNoOtherThreadWaiting() {
        fillCache();
        reclaimer = capacity -> {
            CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> {
                pool.stats();
                return pool.tryAcquire(CHUNK) == null;
            });
            assertTrue(other.orTimeout(10, TimeUnit.SECONDS).join());
            return release(1);
        };
        pool.acquire(CHUNK).release();
        assertEquals(1, calls.get());
    }
}
