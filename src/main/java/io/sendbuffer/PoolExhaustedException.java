/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Locale;

/**
 * There is no room for a buffer. The message says which limit it is, the pool's cap or the JVM's
 * {@code -XX:MaxDirectMemorySize}, and how much of the cap chunks take and how much of that is free. Only
 * {@link SendBufferPool#stats()}, which walks over all chunks, can say how much is in use; a refusal does not walk.
 *
 * <p>Release buffers (a receiver that stopped reading keeps what is queued for it), raise {@code maxMemory}, or use
 * {@link SendBufferPool#tryAcquire(int)} where running out is expected.
 */
public final class PoolExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 2L;

    private final int capacity;
    private final PoolShortage shortage;

    PoolExhaustedException(int capacity, PoolShortage shortage) {
        this.capacity = capacity;
        this.shortage = shortage;
    }

    /** Formatted only when it is asked for: a server at its limit may throw thousands of these. */
    @Override
    public String getMessage() {
        return String.format(Locale.ROOT, "no room for a buffer of %,d bytes: %s", capacity, shortage.describe());
    }
}
