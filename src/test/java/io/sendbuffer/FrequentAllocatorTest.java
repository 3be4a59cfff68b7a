/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A pool remembers the thread that looks its allocator up often; no other thread ever allocates with that allocator.
 */
class FrequentAllocatorTest {
    private static final int CHUNK = 4_096;

    /** More lookups than the pool needs to remember a thread. */
    private static final int OFTEN = 3_000;

    private static final int THREADS = 2;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(16 * CHUNK).build());

    /** The thread's buffers: each is filled with the thread's pattern, and checked before it is released. */
    private final class User {
        private static final int MAX_ALIVE = 20;

        private final Deque<SendBuffer> alive = new ArrayDeque<>();
        private final byte pattern;

        User(int number) {
            pattern = (byte) (17 * number + 1);
        }

        void acquire(int times) {
            for (int i = 0; i < times; i++) {
                SendBuffer buffer = pool.acquire(40);
                while (buffer.remaining() > 0) {
                    buffer.putByte(pattern);
                }
                alive.add(buffer.seal());
                if (alive.size() > MAX_ALIVE) {
                    releaseOldest();
                }
            }
        }

        void releaseAll() {
            while (!alive.isEmpty()) {
                releaseOldest();
            }
        }

        private void releaseOldest() {
            SendBuffer oldest = alive.remove();
            for (int i = 0; i < oldest.length(); i++) {
                if (oldest.getByte(i) != pattern) {
                    throw new AssertionError("another thread wrote into " + oldest);
                }
            }
            oldest.release();
        }
    }

    @Test
    void shouldNeverShareMemoryBetweenThreadsThatAcquireAtOnce() {
        Threads.runTogether(THREADS, number -> {
            User user = new User(number);
            user.acquire(200_000);
            user.releaseAll();
        });
        assertEquals(0, pool.stats().refusedAcquires());
    }

    /** In turns of different length, so that the pool remembers one thread and then the other. */
    @Test
    void shouldNeverShareMemoryBetweenThreadsThatTakeTurns() {
        Exchanger<Integer> turns = new Exchanger<>();
        Threads.runTogether(THREADS, number -> {
            User user = new User(number);
            for (int turn = 0; turn < 2_000; turn++) {
                if (turn % THREADS == number) {
                    user.acquire(turn % 7 == 0 ? OFTEN : 1 + turn % 3);
                }
                turns.exchange(turn, 60, TimeUnit.SECONDS);
            }
            user.releaseAll();
        });
    }

    @Test
    void shouldLeaveTheMemoryOfAThreadThatEndedAlone() {
        for (int i = 0; i < 20; i++) {
            SendBuffer[] left = new SendBuffer[1];
            Threads.runInThreadThatDies(() -> {
                User user = new User(1);
                user.acquire(OFTEN);
                user.releaseAll();
                left[0] = pool.acquire(100).putLong(42).seal();
            });
            User user = new User(2);
            for (int turn = 0; turn < 10; turn++) {
                try (SendBuffer own = pool.acquire(100)) {
                    assertNotSame(left[0].chunk(), own.chunk());
                }
                user.acquire(OFTEN);
            }
            user.releaseAll();
            assertEquals(42, left[0].getLong(0));
            left[0].release();
        }
        assertEquals(0, pool.stats().inUseBytes());
    }

    /** Clears this thread's thread-locals, as JDK 25 does for its common pool's threads after each task. */
    @Test
    void shouldTrimTheChunkOfAThreadThatAcquiredOftenWhenItsThreadLocalsWereCleared() throws Exception {
        User user = new User(1);
        user.acquire(OFTEN);
        user.releaseAll();
        Field allocatorOfThread = SendBufferPool.class.getDeclaredField("allocatorOfThread");
        allocatorOfThread.setAccessible(true);
        ((ThreadLocal<?>) allocatorOfThread.get(pool)).remove();

        assertTrue(pool.trim() > 0);

        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldRefuseAThreadThatAcquiredOftenOnceThePoolIsClosed() {
        SendBufferPool closing =
                Pools.track(SendBufferPool.builder().chunkSize(CHUNK).build());
        for (int i = 0; i < OFTEN; i++) {
            closing.acquire(10).release();
        }
        Threads.runInThreadThatDies(closing::close);
        assertThrows(IllegalStateException.class, () -> closing.acquire(10));
        assertThrows(IllegalStateException.class, () -> closing.tryAcquire(10));
        assertThrows(IllegalStateException.class, () -> closing.acquire(CHUNK + 1));
        Threads.runInThreadThatDies(() -> assertThrows(IllegalStateException.class, () -> closing.acquire(10)));
        assertEquals(0, closing.stats().reservedBytes());
    }

    /** The hint names an allocator of its own pool only. */
    @Test
    void shouldAllocateFromThePoolThatIsAsked() {
        SendBufferPool other = Pools.track(
                SendBufferPool.builder().chunkSize(CHUNK).maxMemory(2 * CHUNK).build());
        for (int i = 0; i < OFTEN; i++) {
            try (SendBuffer one = pool.acquire(10);
                    SendBuffer two = other.acquire(10)) {
                assertNotSame(one.chunk(), two.chunk());
            }
        }
        assertEquals(CHUNK, pool.stats().reservedBytes());
        assertEquals(CHUNK, other.stats().reservedBytes());
    }
}
