/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks of a loop that sleeps for long when it has nothing to do: each is run when it is due. */
@Tag("slow")
@Timeout(60)
class LoopTasksIT {
    private static final int ATTEMPTS = 5;
    private static final long TOLERANCE_MILLIS = 15;

    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private LoopRunner runner;
    private SendLoop loop;

    @BeforeEach
    void start() throws IOException {
        loop = SendLoop.builder()
                .selectTime(Duration.ofSeconds(30))
                .errorHandler(errors::add)
                .build();
        runner = loop.start();
    }

    @AfterEach
    void close() {
        runner.close();
        assertEquals(List.of(), errors);
    }

    private interface Attempt {
        void run(AtomicLong ranAt);
    }

    /** A busy machine delays one attempt, but hardly the best of several. */
    private void requireWithin(Duration delay, Attempt attempt) throws Exception {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS; i++) {
            AtomicLong ranAt = new AtomicLong();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5)); // the loop sleeps
            long start = System.nanoTime();
            attempt.run(ranAt);
            Await.until("it ran", () -> ranAt.get() != 0);
            long nanos = ranAt.get() - start;
            assertTrue(nanos >= delay.toNanos(), () -> "early, after " + nanos + " ns");
            best = Math.min(best, nanos);
        }
        long seen = TimeUnit.NANOSECONDS.toMillis(best);
        assertTrue(seen <= delay.toMillis() + TOLERANCE_MILLIS, () -> "the best took " + seen + " ms of " + delay);
    }

    @Test
    void shouldRunATaskAtOnceThoughItSleeps() throws Exception {
        requireWithin(Duration.ZERO, ranAt -> loop.execute(() -> ranAt.set(System.nanoTime())));
    }

    @Test
    void shouldRunATaskWhenItIsDueThoughItSleeps() throws Exception {
        Duration delay = Duration.ofMillis(50);
        requireWithin(delay, ranAt -> loop.schedule(() -> ranAt.set(System.nanoTime()), delay));
    }

    @Test
    void shouldRunASoonerTaskWhenItIsDueThoughItSleepsForALaterOne() throws Exception {
        loop.schedule(() -> {}, Duration.ofHours(1));
        Duration delay = Duration.ofMillis(50);
        requireWithin(delay, ranAt -> loop.schedule(() -> ranAt.set(System.nanoTime()), delay));
    }

    @Test
    void shouldRunTasksOnItsThreadAndTickAtTheRateThatWasAskedFor() throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        AtomicInteger ticks = new AtomicInteger();
        long start = System.nanoTime();
        LoopTask task = loop.scheduleAtFixedRate(
                () -> {
                    thread.set(Thread.currentThread());
                    ticks.incrementAndGet();
                },
                Duration.ofMillis(10));
        Await.until("ten ticks", () -> ticks.get() >= 10);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 100, () -> "ten ticks took " + millis + " ms");
        assertSame(runner.thread(), thread.get());
        task.cancel();
    }

    @Test
    void shouldRunEachTaskOfManyThreadsOnceAndInTheirOrder() throws Exception {
        int threads = 4;
        int each = 5_000;
        int[] last = new int[threads];
        AtomicInteger ran = new AtomicInteger();
        AtomicInteger outOfOrder = new AtomicInteger();
        Threads.runTogether(threads, index -> {
            for (int i = 1; i <= each; i++) {
                int number = i;
                loop.execute(() -> {
                    outOfOrder.addAndGet(last[index] == number - 1 ? 0 : 1);
                    last[index] = number;
                    ran.incrementAndGet();
                });
            }
        });
        Await.until("all ran", () -> ran.get() == threads * each);
        assertEquals(0, outOfOrder.get());
    }

    @Test
    void shouldEndFromWithinATaskWithoutAWait() throws Exception {
        AtomicInteger returned = new AtomicInteger();
        loop.execute(() -> {
            runner.close();
            returned.incrementAndGet();
        });
        runner.thread().join(TimeUnit.SECONDS.toMillis(20));
        assertEquals(1, returned.get());
        assertTrue(loop.isEnded());
    }

    @Test
    void shouldRunOrDropEachTaskThatItAcceptedWhileItCloses() throws Exception {
        for (int round = 0; round < 100; round++) {
            SendLoop closing = SendLoop.builder().build();
            LoopRunner its = closing.start();
            List<LoopTask> accepted = new CopyOnWriteArrayList<>();
            AtomicInteger ranAfterARefusal = new AtomicInteger();
            Threads.runTogether(3, index -> {
                if (index == 0) {
                    its.close();
                    return;
                }
                for (int i = 0; i < 50; i++) {
                    AtomicInteger refused = new AtomicInteger();
                    try {
                        accepted.add(closing.schedule(() -> ranAfterARefusal.addAndGet(refused.get()), Duration.ZERO));
                    } catch (RejectedExecutionException e) {
                        refused.incrementAndGet();
                    }
                }
            });
            assertTrue(accepted.stream().allMatch(LoopTask::isOver), "each ran or was dropped, round " + round);
            assertEquals(0, ranAfterARefusal.get());
        }
    }
}
