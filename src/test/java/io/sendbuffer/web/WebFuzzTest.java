/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBufferPool;

/**
 * What clients may send. A build replays the inputs that are kept as resources; with {@code JAZZER_FUZZ=1} Jazzer looks
 * for more, as CONTRIBUTING says, and adds those that fail.
 */
class WebFuzzTest {
    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(1 << 10).maxMemory(8 << 20).build());
    private final WebFuzz fuzz = new WebFuzz(pool);

    @FuzzTest(maxDuration = "1h")
    void shouldReadFramesAlikeHoweverTheyAreCut(byte[] data) {
        fuzz.readFrames(data);
    }

    @FuzzTest(maxDuration = "1h")
    void shouldReadRequestsAlikeHoweverTheyAreCut(byte[] data) {
        fuzz.readRequest(data);
    }
}
