/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a pool's error handler throws reaches no caller, and no handler call runs inside another. */
class PoolErrorHandlerTest {
    private final AtomicInteger calls = new AtomicInteger();
    private int depth;
    private int deepest;

    @Test
    void shouldCloseThoughTheErrorHandlerThrows() {
        SendBufferPool pool = Pools.track(SendBufferPool.builder()
                .errorHandler(error -> {
                    calls.incrementAndGet();
                    throw new OutOfMemoryError("the handler's, on purpose");
                })
                .build());
        SendBuffer outstanding = pool.acquire(8);
        pool.close();
        assertEquals(1, calls.get());
        outstanding.release();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldReportWhatTheErrorHandlerLeadsToWhenItHasReturned() {
        SendBufferPool[] pools = new SendBufferPool[100];
        for (int i = 0; i < pools.length; i++) {
            int next = i + 1;
            pools[i] = Pools.track(SendBufferPool.builder()
                    .errorHandler(error -> {
                        calls.incrementAndGet();
                        depth++;
                        deepest = Math.max(deepest, depth);
                        if (next < pools.length) {
                            pools[next].close(); // reports what is outstanding there
                        }
                        depth--;
                    })
                    .build());
        }
        SendBuffer[] outstanding = new SendBuffer[pools.length];
        for (int i = 0; i < pools.length; i++) {
            outstanding[i] = pools[i].acquire(8);
        }
        pools[0].close();
        assertEquals(pools.length, calls.get());
        assertEquals(1, deepest);
        for (SendBuffer each : outstanding) {
            each.release();
        }
    }
}
