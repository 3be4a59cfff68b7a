/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IdleStripeTest {
    /** Delays the first caller, which holds the lock of the stripe meanwhile. */
    private static final class SlowAtFirst implements MemorySource {
        private final AtomicBoolean asked = new AtomicBoolean();
        private final CountDownLatch waiting = new CountDownLatch(1);
        private final CountDownLatch proceed = new CountDownLatch(1);

        @Override
        public ByteBuffer allocate(int bytes) {
            if (asked.compareAndSet(false, true)) {
                waiting.countDown();
                await(proceed);
            }
            return DIRECT.allocate(bytes);
        }

        private static void await(CountDownLatch latch) {
            try {
                assertTrue(latch.await(60, TimeUnit.SECONDS), "no thread came");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final SlowAtFirst memory = new SlowAtFirst();
    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().stripes(2).memorySource(memory).build());

    @Test
    void shouldMoveToTheNextSharedChunkWhileAnotherThreadAllocatesFromItsOwn() {
        Threads.runTogether(2, number -> {
            if (number == 0) {
                release(pool.allocateFromIdleStripe(0, 100, 1));
            } else {
                SlowAtFirst.await(memory.waiting);
                SendBuffer other = pool.allocateFromIdleStripe(0, 100, 1);
                memory.proceed.countDown(); // a thread that waited for the stripe would not get here
                release(other);
            }
        });
    }

    private static void release(@Nullable SendBuffer buffer) {
        Objects.requireNonNull(buffer).release();
    }
}
