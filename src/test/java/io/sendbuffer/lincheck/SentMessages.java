/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.lincheck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** The messages that threads send: each names its sender and its number, so that the bytes on a wire can be checked. */
public final class SentMessages {
    public static final int MAX_THREADS = 4;
    public static final int LENGTH = 2;

    private static final int MAX_PER_THREAD = 8;

    private final int[] sentByThread = new int[MAX_THREADS];

    /** The bytes of a thread's next message. Called by that thread. */
    public byte[] next(int thread) {
        return message(thread, sentByThread[thread]++);
    }

    /** The number of messages that all threads have sent. */
    public int count() {
        return Arrays.stream(sentByThread).sum();
    }

    private static byte[] message(int thread, int number) {
        int first = (thread * MAX_PER_THREAD + number) * LENGTH;
        return new byte[] {(byte) first, (byte) (first + 1)};
    }

    /** The thread that sent a message that begins with this byte. */
    public static int threadOf(byte first) {
        return first / (MAX_PER_THREAD * LENGTH);
    }

    /** Checks that these are whole messages, each exactly once, and those of one thread in the order it sent them. */
    public void assertAllOn(byte[] wire) {
        assertEquals(count() * LENGTH, wire.length, "bytes written");
        assertPrefixOn(wire);
    }

    /** Checks the same, except that the bytes may end before the last message does, or in the middle of a message. */
    public void assertPrefixOn(byte[] wire) {
        int[] seenByThread = new int[MAX_THREADS];
        for (int at = 0; at < wire.length; at += LENGTH) {
            int thread = wire[at] / (MAX_PER_THREAD * LENGTH);
            assertTrue(thread >= 0 && thread < MAX_THREADS, "bytes of no message: " + Arrays.toString(wire));
            int length = Math.min(LENGTH, wire.length - at);
            byte[] expected = message(thread, seenByThread[thread]++);
            assertArrayEquals(
                    Arrays.copyOf(expected, length),
                    Arrays.copyOfRange(wire, at, at + length),
                    "out of order: " + Arrays.toString(wire));
        }
        for (int thread = 0; thread < MAX_THREADS; thread++) {
            assertTrue(seenByThread[thread] <= sentByThread[thread], "written twice: " + Arrays.toString(wire));
        }
    }
}
