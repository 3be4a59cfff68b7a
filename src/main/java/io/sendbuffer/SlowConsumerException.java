/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.util.Locale;

/**
 * Ends a queue, and with it a session, that held messages of an exhausted pool and was farther behind than the others;
 * see {@link SendBufferPool.Builder#shedSlowConsumers}.
 */
public final class SlowConsumerException extends IOException {
    private static final long serialVersionUID = 1L;

    SlowConsumerException(long bytesBehind) {
        super(String.format(
                Locale.ROOT,
                "ended as the slowest consumer: the pool is exhausted, and since the oldest message that waits here it"
                        + " has handed out %,d bytes of chunks",
                bytesBehind));
    }
}
