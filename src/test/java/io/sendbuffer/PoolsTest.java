/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tests the check after every test: one that never fails would hide every leak. */
class PoolsTest {
    @Test
    void shouldFailForAPoolWithABufferOutstandingAndSayWhichOne() {
        List<Throwable> reported = new ArrayList<>();
        SendBufferPool clean = Pools.create();
        SendBufferPool leaking =
                Pools.track(SendBufferPool.builder().errorHandler(reported::add).build());
        SendBuffer leaked = leaking.acquire(10);
        clean.acquire(10).release();

        Error e = assertThrows(AssertionError.class, () -> Pools.requireAllReturned(Duration.ZERO));
        String text = e + Arrays.toString(e.getSuppressed());
        assertTrue(text.contains("PoolsTest.java"), text);
        assertTrue(text.contains("outstanding buffers"), text);
        assertEquals(1, e.getSuppressed().length, "only one of the two pools leaked");
        assertEquals(1, reported.size());
        assertThrows(IllegalStateException.class, () -> clean.acquire(10), "both pools are closed");
        leaked.release();
    }

    @Test
    void shouldWaitForAnotherThreadThatIsAboutToRelease() {
        SendBufferPool pool = Pools.create();
        SendBuffer buffer = pool.acquire(10).seal();
        CountDownLatch mayRelease = new CountDownLatch(1);
        Future<Boolean> releasing = Threads.start(() -> {
            Threads.await(mayRelease);
            return buffer.release();
        });
        mayRelease.countDown();
        Pools.requireAllReturned(Duration.ofMinutes(1));
        assertTrue(Threads.join(releasing));
    }
}
