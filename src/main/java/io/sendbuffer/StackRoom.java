/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * Makes sure that there is stack left before something begins that must not end half way: the end of a queue. A caller
 * may be deep in a recursion of its own, and then any call may throw a {@link StackOverflowError}.
 */
final class StackRoom {
    /** Many times as deep as any call of this library goes by itself; compiled frames are small. */
    private static final int FRAMES = 512;

    private StackRoom() {}

    /** Throws a {@link StackOverflowError} now, before anything has changed, if the stack has no room for an end. */
    static void require() {
        descend(FRAMES);
    }

    /** Returns what it is given. Not a tail call, which a compiler could turn into a loop. */
    private static int descend(int frames) {
        return frames == 0 ? 0 : 1 + descend(frames - 1);
    }
}
