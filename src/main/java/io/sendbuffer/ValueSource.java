/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Makes a message of the newest value of a key, when a queue whose key was marked comes to write it: see
 * {@link SendQueue#pullFrom}. So nothing is kept for a receiver that is behind but one bit for each key.
 */
@FunctionalInterface
public interface ValueSource {
    /**
     * Returns the newest value of a key, as a sealed buffer whose reference passes to the queue: one that was acquired
     * for this call, or one that others have too, after a {@link SendBuffer#retain}. What the marking thread did before
     * it marked the key is seen here; what is marked while this runs is asked for again.
     *
     * <p>Called by the thread that writes, a loop's for instance, one at a time for each queue and at once for several,
     * under no lock of this library; must not block. If it throws, the queue ends, and with it the session, with that
     * cause: so it does if a pool is exhausted, unless the source returns null then and marks the key again later.
     *
     * @param key a key that was marked
     * @return null if there is nothing to send for this key; its mark is gone then, and the key is asked for again when
     *     it is marked again, by the source too, but not within this call: it would be asked at once, again and again
     */
    @Nullable
    SendBuffer newest(int key);
}
