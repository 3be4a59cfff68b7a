package io.sendbuffer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * References that one thread has to give back, counted so that those to the same message are given back in one step.
 *
 * <p>A thread that drains many queues, one after the other, writes the same messages in the same order for each.
 * Releasing each message once for every queue is an atomic step each time; a tally that goes along with the drains
 * ({@link SendQueue#flush(java.nio.channels.GatheringByteChannel, long, ReleaseTally)}) makes it one for all:
 *
 * <pre>{@code
 * try {
 *     for (Receiver receiver : receivers) {
 *         receiver.queue.flush(receiver.channel, bytesPerTurn, tally);
 *     }
 * } finally {
 *     tally.releaseAll();
 * }
 * }</pre>
 *
 * <p>Until {@link #releaseAll} the memory of what was written is kept, and no release listener is called. Used by one
 * thread at a time; empty, it can be used again, and then allocates nothing.
 */
public final class ReleaseTally {
    private static final int FIRST_MESSAGES = 8;

    /**
     * More than a drain writes at once. What is beyond is released at once: a tally must not keep a backlog's memory.
     */
    private static final int MOST_MESSAGES = 1024;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_MESSAGES];
    private int[] references = new int[FIRST_MESSAGES];
    private int size;

    /** How many of them were given back: more than none only within {@link #releaseAll}. */
    private int released;

    /** Where the next message is expected: the one after the last, since each drain writes them in one order. */
    private int next;

    /** Creates an empty tally. */
    public ReleaseTally() {}

    /** Takes over one reference, or gives it back at once if the tally is full. */
    void add(SendBuffer message) {
        if (!counted(message)) {
            if (size < MOST_MESSAGES) {
                append(message);
            } else {
                message.release();
            }
        }
    }

    /** Takes over one reference, whatever the number: nothing is released before {@link #releaseAll}. */
    void addToAny(SendBuffer message) {
        if (!counted(message)) {
            append(message);
        }
    }

    private boolean counted(SendBuffer message) {
        if (next < size && messages[next] == message) {
            references[next++]++;
            return true;
        }
        if (size > 0 && messages[0] == message) {
            references[0]++;
            next = 1;
            return true;
        }
        return false;
    }

    private void append(SendBuffer message) {
        if (size == messages.length) {
            messages = Arrays.copyOf(messages, size * 2);
            references = Arrays.copyOf(references, size * 2);
        }
        messages[size] = message;
        references[size] = 1;
        size++;
        next = size;
    }

    /**
     * Gives back all that was counted.
     *
     * @throws IllegalStateException if a message was released too often elsewhere; all others are given back
     */
    public void releaseAll() {
        IllegalStateException misuse = null;
        next = size;
        while (released < size) { // a release listener may add some, which are appended, and release all itself
            int i = released++;
            SendBuffer message = messages[i];
            messages[i] = null;
            try {
                if (message != null) {
                    message.release(references[i]);
                }
            } catch (IllegalStateException e) {
                misuse = e;
            }
        }
        size = 0;
        released = 0;
        next = 0;
        if (misuse != null) {
            throw misuse;
        }
    }
}
