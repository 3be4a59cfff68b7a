/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.internal.LoopThreads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An acquire waits for the memory of a queue that was ended, for a moment, before another queue ends. */
@Timeout(30)
class SheddingWaitTest extends SheddingFixture {
    /** Another thread is writing the queue that ended: its memory comes back shortly after. */
    @Test
    void shouldWaitForTheWriteOfOneThatWasEndedRatherThanEndTheNext() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        SendQueue second = laterStalled();
        exhaust();
        Future<Boolean> writer = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            first.failWrite(new IOException("closed underneath"));
            return true;
        });

        SendBuffer next = chunk(pool);

        Threads.join(writer);
        requireShed(first);
        assertFalse(second.isClosed());
        assertEquals(0, pool.stats().refusedAcquires());
        next.release();
        releaseHeld();
        second.close();
    }

    /** Its channel blocks, or the acquiring thread is the one that would complete the write. */
    @Test
    void shouldRefuseAfterAMomentIfTheWriteDoesNotReturnAndThenEndTheNext() {
        SendQueue first = writing();
        SendQueue second = laterStalled();
        exhaust();

        assertNull(pool.tryAcquire(CHUNK));

        assertTrue(first.isClosed());
        assertFalse(second.isClosed());
        requireServedWithin(10);
        requireShed(second);
        first.failWrite(new IOException("closed underneath"));
        releaseHeld();
    }

    /** While one thread ends the slowest queue, which takes a while, other threads end no other queue. */
    @Test
    void shouldWaitForTheThreadThatEndsTheSlowest() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        CountDownLatch ending = new CountDownLatch(1);
        CountDownLatch waited = new CountDownLatch(1);
        SendQueue[] first = new SendQueue[1];
        QueueOwner slowHook = cause -> {
            ending.countDown();
            Threads.await(waited);
            first[0].close();
        };
        first[0] = hooked(2, slowHook); // there will be room for both
        SendQueue second = laterStalled();
        exhaust();
        Future<Boolean> one = Threads.start(() -> {
            chunk(pool).release();
            return true;
        });
        Threads.await(ending);
        Thread waiting = Thread.currentThread();
        Future<Boolean> watching = Threads.start(() -> {
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            waited.countDown();
            return true;
        });

        chunk(pool).release();

        assertTrue(Threads.join(watching));
        assertTrue(Threads.join(one));
        assertTrue(first[0].isClosed());
        assertFalse(second.isClosed());
        second.close();
        releaseHeld();
    }

    /** Memory that others release meanwhile is room as well. */
    @Test
    void shouldTakeWhatIsReleasedElsewhereWhileItWaits() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        exhaust();
        SendBuffer other = held.remove(0);
        Future<Boolean> releasing = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            other.release();
            return true;
        });

        SendBuffer next = chunk(pool);

        assertTrue(Threads.join(releasing));
        next.release();
        first.failWrite(new IOException("closed underneath"));
        releaseHeld();
    }

    /** The hook of the first of two queues acquires; the second queue has not ended yet. */
    @Test
    void shouldNotWaitForItselfWhereAHookAcquires() {
        holdersOf(pool).waitAtMost(TimeUnit.HOURS.toNanos(1));
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(new SendQueue(QueueLimits.DEFAULT, cause -> {
                assertNull(pool.tryAcquire(2 * CHUNK)); // there is no room for it yet
                queues.forEach(SendQueue::close);
            }));
            offer(queues.get(i), pool, 1);
            queues.get(i).flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        queues.forEach(queue -> assertTrue(queue.isClosed()));
        releaseHeld();
    }

    /** All sessions of the loop would wait as well. */
    @Test
    void shouldNotWaitOnTheThreadOfALoop() {
        holdersOf(pool).waitAtMost(TimeUnit.HOURS.toNanos(1));
        SendQueue first = writing();
        SendQueue second = laterStalled();
        exhaust();

        Threads.join(Threads.start(() -> {
            LoopThreads.Loop loop = thread -> true; // kept by this variable alone
            LoopThreads.add(loop);
            assertNull(pool.tryAcquire(CHUNK));
            assertTrue(loop.isRunBy(Thread.currentThread()));
            assertTrue(first.isClosed());
            first.failWrite(new IOException("closed underneath"));
            chunk(pool).release();
            return true;
        }));

        assertFalse(second.isClosed());
        second.close();
        releaseHeld();
    }

    /** An interrupt belongs to the caller, and is no reason to refuse its acquire. */
    @Test
    void shouldWaitThoughItIsInterruptedAndStayInterrupted() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        exhaust();
        Future<Boolean> writer = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            first.failWrite(new IOException("closed underneath"));
            return true;
        });
        Thread.currentThread().interrupt();

        chunk(pool).release();

        assertTrue(Thread.interrupted());
        assertTrue(Threads.join(writer));
        releaseHeld();
    }

    private SendQueue writing() {
        SendQueue queue = new SendQueue();
        offer(queue, pool, 1);
        assertEquals(1, queue.beginWrite());
        return queue;
    }
}
