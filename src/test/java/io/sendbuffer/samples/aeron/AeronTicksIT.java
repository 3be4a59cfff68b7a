/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("agrona-flag")
@Timeout(60)
class AeronTicksIT {
    private static final int MORE_THAN_THE_LOG_HOLDS = 10_000;

    @Test
    void shouldGetEveryTickThroughAndKeepNone() {
        SendBufferPool pool = Pools.create();

        AeronTicks.Result result = AeronTicks.run(pool, MORE_THAN_THE_LOG_HOLDS);

        assertEquals(MORE_THAN_THE_LOG_HOLDS, result.arrived());
        assertTrue(result.timesFull() > 0, "there was no back pressure");
        assertEquals(0, pool.stats().outstandingBuffers());
    }
}
