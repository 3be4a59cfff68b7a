/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Many threads use one small pool: no two buffers share a byte, and the cap holds at every moment. */
class SendBufferPoolThreadsTest {
    private static final int CHUNK = 4_096;
    private static final int CAP = 12 * CHUNK;
    private static final int THREADS = 4;

    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(CHUNK).maxMemory(CAP).stripes(2).build());

    @Test
    void shouldNeverPassTheCapNorGiveAByteToTwoThreads() {
        long seed = TestSeed.next();
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch watching = new CountDownLatch(1);
        Future<Boolean> watcher = Threads.start(() -> watchUntil(done, watching));
        Threads.await(watching);
        BlockingQueue<SendBuffer> exchange = new ArrayBlockingQueue<>(64);
        Threads.runTogether(THREADS, thread -> useThePool(new SplittableRandom(seed + thread), exchange, seed));
        done.set(true);
        assertTrue(Threads.join(watcher));
        exchange.forEach(buffer -> releaseUnchanged(buffer, seed));
    }

    private boolean watchUntil(AtomicBoolean done, CountDownLatch watching) {
        while (!done.get()) {
            PoolStats stats = pool.stats();
            assertTrue(stats.reservedBytes() <= CAP, stats::toString);
            assertTrue(stats.reservedBytes() >= stats.pinnedBytes(), stats::toString);
            watching.countDown();
        }
        return true;
    }

    private void useThePool(SplittableRandom random, BlockingQueue<SendBuffer> exchange, long seed) {
        List<SendBuffer> own = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            int size = random.nextInt(50) == 0 ? random.nextInt(3 * CHUNK) : random.nextInt(300);
            SendBuffer buffer = pool.tryAcquire(size);
            if (buffer != null) {
                own.add(stamped(buffer, random));
            }
            while (own.size() > (buffer == null ? 0 : 20)) {
                SendBuffer oldest = own.remove(0);
                // Some are released by the thread that allocated them, others by another.
                if (!random.nextBoolean() || !exchange.offer(oldest)) {
                    releaseUnchanged(oldest, seed);
                }
            }
            SendBuffer foreign = random.nextBoolean() || buffer == null ? exchange.poll() : null;
            if (foreign != null) {
                releaseUnchanged(foreign, seed);
            }
        }
        own.forEach(buffer -> releaseUnchanged(buffer, seed));
    }

    /** Every byte follows from the first, so a byte that another thread wrote is detected. */
    private static SendBuffer stamped(SendBuffer buffer, SplittableRandom random) {
        int length = random.nextInt(buffer.capacity() + 1);
        byte stamp = (byte) random.nextInt();
        for (int i = 0; i < length; i++) {
            buffer.putByte((byte) (stamp + i));
        }
        return buffer.seal();
    }

    private static void releaseUnchanged(SendBuffer buffer, long seed) {
        for (int i = 1; i < buffer.length(); i++) {
            if (buffer.getByte(i) != (byte) (buffer.getByte(0) + i)) {
                throw new AssertionError("byte " + i + " of " + buffer + " was overwritten" + TestSeed.hint(seed));
            }
        }
        buffer.release();
    }

    @Test
    void shouldServeThreadsThatComeAndGoAtTheCap() {
        for (int i = 0; i < 200; i++) {
            Threads.runInThreadThatDies(() -> pool.acquire(CHUNK).release());
        }
        assertEquals(0, pool.stats().refusedAcquires());
    }

    /** There is nothing to test on JDKs without virtual threads. */
    @TestFactory
    Stream<DynamicTest> virtualThreads() {
        return startVirtualThread().stream()
                .map(start -> DynamicTest.dynamicTest(
                        "shouldLetManyVirtualThreadsShareAFewChunks", () -> shareChunks(start)));
    }

    private static List<Method> startVirtualThread() {
        try {
            return List.of(Thread.class.getMethod("startVirtualThread", Runnable.class));
        } catch (NoSuchMethodException e) {
            return List.of();
        }
    }

    /** There are far more live threads than chunks under the cap: with one chunk each, nearly all would be refused. */
    private void shareChunks(Method start) throws ReflectiveOperationException {
        int count = 5_000;
        CountDownLatch served = new CountDownLatch(count);
        CountDownLatch mayEnd = new CountDownLatch(1);
        for (int i = 0; i < count; i++) {
            start.invoke(null, (Runnable) () -> {
                try (SendBuffer buffer = pool.acquire(100).putInt(7).seal()) {
                    assertEquals(7, buffer.getInt(0));
                    served.countDown();
                }
                Threads.await(mayEnd);
            });
        }
        Threads.await(served);
        mayEnd.countDown();
        assertEquals(0, pool.stats().refusedAcquires());
    }
}
