/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;

/** What peers may send, in each format. A build replays the inputs that are kept as resources. */
class FramesFuzzTest {
    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(8 << 20).build());

    @FuzzTest(maxDuration = "1h")
    void shouldReadAlikeHoweverItIsCut(byte[] data) {
        new FramesFuzz(pool).read(data);
    }
}
