/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** A pool of a few chunks: a receiver that stalls can keep all of them. */
class SmallPoolTest {
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
