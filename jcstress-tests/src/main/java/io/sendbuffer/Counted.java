/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.concurrent.atomic.AtomicInteger;

/** A reference count with nothing behind it: counts its frees and spoils its value, as freed memory is spoiled. */
final class Counted extends RefCounted {
    static final int GOOD = 42;

    private final AtomicInteger frees = new AtomicInteger();

    private int value = GOOD;

    Counted(int references) {
        startCounting();
        if (references > 1) {
            retainReferences(references - 1);
        }
    }

    @Override
    void free() {
        value = SlabMemory.POISON;
        frees.incrementAndGet();
    }

    int value() {
        return value;
    }

    int frees() {
        return frees.get();
    }

    /** Releases one reference: 1 if that freed this, 0 if it did not, -1 if there was none to release. */
    static int releaseOf(RefCounted counted) {
        try {
            return counted.releaseReferences(1) ? 1 : 0;
        } catch (IllegalStateException e) {
            return -1;
        }
    }
}
