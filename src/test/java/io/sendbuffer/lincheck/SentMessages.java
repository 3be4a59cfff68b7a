package io.sendbuffer.lincheck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** The messages that threads send: each tells its sender and its number, so that the bytes on a wire can be checked. */
public final class SentMessages {
    public static final int MOST_THREADS = 4;
    public static final int LENGTH = 2;

    private static final int MOST_PER_THREAD = 8;

    private final int[] sentByThread = new int[MOST_THREADS];

    /** The bytes of a thread's next message. Called by that thread. */
    public byte[] next(int thread) {
        return message(thread, sentByThread[thread]++);
    }

    /** How many all threads have sent. */
    public int count() {
        return Arrays.stream(sentByThread).sum();
    }

    private static byte[] message(int thread, int number) {
        int first = (thread * MOST_PER_THREAD + number) * LENGTH;
        return new byte[] {(byte) first, (byte) (first + 1)};
    }

    /** Checks that these are whole messages, each once, those of one thread in the order in which it sent them. */
    public void assertAllOn(byte[] wire) {
        assertEquals(count() * LENGTH, wire.length, "bytes written");
        assertPrefixOn(wire);
    }

    /** Checks the same, but that the bytes may end before all messages did, or in the middle of one. */
    public void assertPrefixOn(byte[] wire) {
        int[] seenByThread = new int[MOST_THREADS];
        for (int at = 0; at < wire.length; at += LENGTH) {
            int thread = wire[at] / (MOST_PER_THREAD * LENGTH);
            assertTrue(thread >= 0 && thread < MOST_THREADS, "bytes of no message: " + Arrays.toString(wire));
            int length = Math.min(LENGTH, wire.length - at);
            byte[] expected = message(thread, seenByThread[thread]++);
            assertArrayEquals(
                    Arrays.copyOf(expected, length),
                    Arrays.copyOfRange(wire, at, at + length),
                    "out of order: " + Arrays.toString(wire));
        }
        for (int thread = 0; thread < MOST_THREADS; thread++) {
            assertTrue(seenByThread[thread] <= sentByThread[thread], "written twice: " + Arrays.toString(wire));
        }
    }
}
