/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A reference count that is freed once.
 *
 * <p>Guarantees: a retain of a freed object fails and has no effect, not even for a moment; the thread whose
 * compare-and-set reaches zero is the one that frees; releasing more than is held, or retaining more than an int
 * counts, is refused with no effect.
 *
 * <p>Why compare-and-set and not an optimistic add with a roll-back: between the add and the roll-back another thread
 * sees a count that brings a freed object back to life.
 */
abstract class RefCounted {
    private static final VarHandle REF_COUNT = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "refCount", VarHandle.class, RefCounted.class, int.class);

    /** Zero: free. Accessed through {@link #REF_COUNT}, or plainly by the one owner of an object not yet shared. */
    @SuppressWarnings("unused")
    private int refCount;

    /** Gives back what is counted. Called once, by the thread whose release reached zero. */
    abstract void free();

    /** Starts a life with one reference. Only for the owner of an object that no other thread can see yet. */
    final void startCounting() {
        refCount = 1;
    }

    final int refCountVolatile() {
        return (int) REF_COUNT.getVolatile(this);
    }

    private boolean casRefCount(int expected, int updated) {
        return REF_COUNT.compareAndSet(this, expected, updated);
    }

    /**
     * Adds references, or changes nothing.
     *
     * @return false if this is free already, or if the count would pass {@link Integer#MAX_VALUE}
     */
    final boolean tryRetainReferences(int references) {
        while (true) {
            int count = refCountVolatile();
            if (count == 0 || count > Integer.MAX_VALUE - references) {
                return false;
            }
            if (casRefCount(count, count + references)) {
                return true;
            }
        }
    }

    final void retainReferences(int references) {
        requirePositive(references);
        if (!tryRetainReferences(references)) {
            throw cannotRetain(references);
        }
    }

    /**
     * Releases references, and frees with the last.
     *
     * @return true if this call freed it
     */
    final boolean releaseReferences(int references) {
        requirePositive(references);
        while (true) {
            int count = refCountVolatile();
            if (count < references) {
                throw releasedTooOften(count, references);
            }
            if (casRefCount(count, count - references)) {
                if (count != references) {
                    return false;
                }
                free();
                return true;
            }
        }
    }

    private static void requirePositive(int references) {
        if (references <= 0) {
            throw new IllegalArgumentException("references must be 1 or more, was " + references);
        }
    }

    private IllegalStateException cannotRetain(int references) {
        int count = refCountVolatile();
        return new IllegalStateException(
                count == 0
                        ? "the buffer was released for the last time already; retain it while a reference is still held"
                        : "the buffer has " + count + " references; " + references
                                + " more would pass the largest count, " + Integer.MAX_VALUE);
    }

    private static IllegalStateException releasedTooOften(int count, int references) {
        return new IllegalStateException("released too often: " + references + " to release, " + count
                + " held; release once for each acquire and each retain");
    }
}
