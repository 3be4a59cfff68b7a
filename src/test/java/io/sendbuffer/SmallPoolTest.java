/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool that is as small as a few of the chunks that a larger one has. */
class SmallPoolTest {
    /** One client of two stalls; the other one gets all. */
    @ParameterizedTest
    @ValueSource(ints = {64 << 10, 256 << 10, 4 << 20})
    void shouldServeTheOthersThoughOneClientStalls(int cap) {
        SendBufferPool pool =
                Pools.track(SendBufferPool.builder().maxMemory(cap).build());
        SendQueue stalled = new SendQueue();
        SendQueue other = new SendQueue();
        HostileChannel blocked = HostileChannel.takingAll().block(Integer.MAX_VALUE);
        HostileChannel reading = HostileChannel.takingAll();
        int messages = 10_000;
        for (int number = 0; number < messages; number++) {
            try (SendBuffer message = pool.acquire(64).putBytes(new byte[64]).seal()) {
                stalled.offer(message);
                assertEquals(OfferResult.QUEUED, other.offer(message));
            }
            if (!stalled.isClosed()) {
                stalled.flush(blocked);
            }
            assertEquals(FlushResult.DRAINED, other.flush(reading));
        }
        assertEquals(messages * 64L, reading.bytes().length);
        assertEquals(
                messages * 64L > cap, stalled.isClosed(), "it ends only where what it holds is more than the pool");
        stalled.close();
        assertEquals(0, pool.stats().refusedAcquires());
    }

    @Test
    void shouldSayThatAPoolHasFewChunks() {
        SendBufferPool pool = Pools.track(
                SendBufferPool.builder().chunkSize(4096).maxMemory(8192).build());
        byte[] full = new byte[4096];
        try (SendBuffer one = pool.acquire(4096).putBytes(full).seal();
                SendBuffer two = pool.acquire(4096).putBytes(full).seal()) {
            assertEquals(8192, one.length() + two.length());
            Exception refusal = assertThrows(PoolExhaustedException.class, () -> pool.acquire(4096));
            assertSays(refusal, "only 2 chunks of 4,096 bytes", "lower chunkSize");
        }
    }
}
