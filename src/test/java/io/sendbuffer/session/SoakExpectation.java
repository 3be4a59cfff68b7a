package io.sendbuffer.session;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which messages one session still has to deliver. For each sender a list: the sender puts a number in before it
 * offers, and takes it out again if the message was not accepted; what arrives has to be the first of its list.
 *
 * <p>Of a broadcast to a session that closes nobody says whether it was accepted. So when a session is to be closed,
 * {@link #beforeClose} remembers which offers had returned: at the end none of those may be left.
 */
final class SoakExpectation {
    /** Nothing was offered yet. */
    static final long NONE = -1;

    private final List<Deque<Long>> pending = new ArrayList<>();
    private final AtomicLong[] returned;
    private long @Nullable [] returnedBeforeClose;

    /** With the number of the last message that each sender offered to whomever, and was told the result of. */
    SoakExpectation(AtomicLong[] returned) {
        this.returned = returned;
        for (int i = 0; i < returned.length; i++) {
            pending.add(new ConcurrentLinkedDeque<>());
        }
    }

    /** Before the offer, by the sender. */
    void add(int sender, long sequence) {
        pending.get(sender).addLast(sequence);
    }

    /** After an offer that was not accepted, by the sender. */
    void takeBack(int sender, long sequence) {
        requireSame(sender, sequence, pending.get(sender).pollLast(), "was the last that was offered");
    }

    /** By who reads the stream. */
    void arrived(int sender, long sequence) {
        requireSame(sender, sequence, pending.get(sender).pollFirst(), "was due");
    }

    /** By the first who closes in order. */
    synchronized void beforeClose() {
        if (returnedBeforeClose == null) {
            returnedBeforeClose = snapshot();
        }
    }

    /** After the end of a session that was closed in order: all that was accepted has arrived. */
    synchronized void requireNothingLeft() {
        long[] due = returnedBeforeClose == null ? snapshot() : returnedBeforeClose;
        for (int sender = 0; sender < due.length; sender++) {
            Long first = pending.get(sender).peekFirst();
            if (first != null && first <= due[sender]) {
                throw new AssertionError("message " + first + " of sender " + sender
                        + " was accepted before the close, and never arrived; it had offered up to " + due[sender]);
            }
        }
    }

    private long[] snapshot() {
        long[] numbers = new long[returned.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = returned[i].get();
        }
        return numbers;
    }

    private static void requireSame(int sender, long sequence, @Nullable Long expected, String what) {
        if (expected == null || expected != sequence) {
            throw new AssertionError(
                    "message " + sequence + " of sender " + sender + " where " + expected + " " + what);
        }
    }
}
