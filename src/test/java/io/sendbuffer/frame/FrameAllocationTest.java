/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No garbage for a frame, in place or cut. */
@Tag("alone")
class FrameAllocationTest {
    /** Until each chunk has its view, and all is compiled, also on a machine that is busy. */
    private static final int WARM_UP = 200_000;

    private static final int ROUNDS = 100_000;

    private static final long TOLERATED_BYTES = 1_024;

    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().chunkSize(1 << 10).build());
    private long bytes;

    private void count(ByteBuffer frame) {
        bytes += frame.remaining();
    }

    private void requireNoAllocation(Wire wire) {
        FrameReader reader = wire.format().reader(pool, this::count);
        byte[] stream = wire.encoded(List.of(new byte[20], new byte[300], new byte[1], new byte[3_000]));
        ByteBuffer input = ByteBuffer.allocateDirect(stream.length).put(stream);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = 0;
        bytes = 0;
        for (int i = 0; i < WARM_UP + ROUNDS; i++) {
            if (i == WARM_UP) {
                before = threads.getThreadAllocatedBytes(thread);
            }
            int cut = i * 31 % stream.length;
            reader.read(input.limit(cut).position(0));
            reader.read(input.limit(stream.length));
        }
        long allocated = threads.getThreadAllocatedBytes(thread) - before;
        assertTrue(allocated <= TOLERATED_BYTES, () -> allocated + " bytes allocated, " + wire);
        assertEquals((WARM_UP + ROUNDS) * 3_321L, bytes, wire::name);
    }

    @Test
    void shouldAllocateNothingForAFrame() {
        for (Wire wire : Wire.all()) {
            if (List.of("big 4", "little 2", "varint", "CR LF", "aabaac").contains(wire.name())) {
                requireNoAllocation(wire);
            }
        }
    }
}
