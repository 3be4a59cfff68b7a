/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where the arrays of a queue come from: here a test can make the heap appear full. */
class QueueArrays {
    static final QueueArrays HEAP = new QueueArrays();

    @Nullable
    SendBuffer[] messages(int length) {
        return new SendBuffer[length];
    }

    @Nullable
    ByteBuffer[] views(int length) {
        return new ByteBuffer[length];
    }

    long[] longs(int length) {
        return new long[length];
    }

    @Nullable
    ViewCache[] caches(int length) {
        return new ViewCache[length];
    }
}
