/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/** Slices as numbers, for results. */
final class Slices {
    private Slices() {}

    /** The slice's offset in its chunk; -1 if there was no room for it. */
    static int offset(@Nullable SendBuffer slice) {
        return slice == null ? -1 : slice.offset();
    }
}
