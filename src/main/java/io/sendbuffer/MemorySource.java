/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.ByteBuffer;

/**
 * Where chunks get their memory. There is one in production, {@link ByteBuffer#allocateDirect}: not an {@code Arena},
 * whose buffers cost the JDK a session acquire and two objects for each buffer of each gathering write. Race tests
 * share a slab and poison what was freed.
 */
@FunctionalInterface
interface MemorySource {
    MemorySource DIRECT = ByteBuffer::allocateDirect;

    /** Returns memory of exactly this many bytes; may throw {@link OutOfMemoryError}. */
    ByteBuffer allocate(int bytes);

    /** The last slice of this memory was released: no thread may read it any more, and none has been given it anew. */
    default void freed(ByteBuffer memory) {
        // Production has nothing to do: the chunk is reused, or becomes unreachable.
    }
}
