package io.sendbuffer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages that are sent together, such as those of one tick.
 *
 * <p>Each receiver takes a batch whole, or refuses it whole, in one step whatever the number of messages, and its
 * messages stay in their order, with no other in between. They are messages of their own all the same: each has its
 * reference count, and its {@link ReleaseListener}, and may go to some alone as well.
 *
 * <pre>{@code
 * private final SendBatch tick = new SendBatch(); // one for each thread that sends, used again and again
 *
 * void endOfTick() {
 *     for (Event event : events) {
 *         try (SendBuffer message = pool.acquire(64)) {
 *             tick.add(event.encode(message).seal()); // the batch takes a reference of its own
 *         }
 *     }
 *     players.broadcast(tick);
 *     tick.clear(); // and gives it back; sent messages are alive until they are written
 * }
 * }</pre>
 *
 * <p>Used by one thread at a time. Allocates nothing once it has grown to the size that it needs.
 */
public final class SendBatch implements AutoCloseable {
    private static final int FIRST_CAPACITY = 8;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_CAPACITY];
    private int size;
    private long bytes;

    private final ReleaseTally tally = new ReleaseTally();

    /** Creates an empty batch. */
    public SendBatch() {}

    /**
     * Adds a message at the end, with a reference of the batch's own, which {@link #clear()} gives back. A message of
     * no bytes is left out: there is nothing of it to send.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public SendBatch add(SendBuffer message) {
        int length = message.requireSealed();
        if (length == 0) {
            return this;
        }
        if (size == messages.length) {
            messages = Arrays.copyOf(messages, size * 2);
        }
        message.retain();
        messages[size++] = message;
        bytes += length;
        return this;
    }

    /** How many messages there are. */
    public int size() {
        return size;
    }

    /** The bytes of all messages. */
    public long bytes() {
        return bytes;
    }

    /** True if there is nothing to send. */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * Takes so many references to every message: one for each receiver, before the first of them gets the batch by
     * {@link SendQueue#offerRetained(SendBatch)}.
     *
     * @param references 1 or more
     * @throws IllegalStateException if a count would pass its limit; then nothing is taken
     */
    public void retain(int references) {
        int taken = 0;
        try {
            for (; taken < size; taken++) {
                message(taken).retain(references);
            }
        } finally {
            if (taken < size) {
                release(references, taken);
            }
        }
    }

    /**
     * Gives so many references to every message back: of receivers that did not take the batch.
     *
     * @param references 1 or more
     * @throws IllegalStateException if a message was released too often elsewhere; all others are given back
     */
    public void release(int references) {
        release(references, size);
    }

    private void release(int references, int count) {
        IllegalStateException misuse = null;
        for (int i = 0; i < count; i++) {
            try {
                message(i).release(references);
            } catch (IllegalStateException e) {
                misuse = e;
            }
        }
        if (misuse != null) {
            throw misuse;
        }
    }

    /**
     * Goes along with the flushes of those who took this batch, so that what they write of it is given back in one
     * step. Whoever uses it calls {@link ReleaseTally#releaseAll()} in the end.
     */
    public ReleaseTally tally() {
        return tally;
    }

    /**
     * Empties the batch, which gives the references back that {@link #add} took. A release listener may add to it.
     *
     * @throws IllegalStateException if a message was released too often elsewhere; all others are given back
     */
    public void clear() {
        for (int i = 0; i < size; i++) {
            SendBuffer message = message(i);
            messages[i] = null;
            tally.addToAny(message);
        }
        size = 0;
        bytes = 0;
        tally.releaseAll();
    }

    /** Clears the batch, for try-with-resources; it can be used again. */
    @Override
    public void close() {
        clear();
    }

    /** Names the size. */
    @Override
    public String toString() {
        return "SendBatch[" + size + " messages, " + bytes + " bytes]";
    }

    // ---- for the queue

    /** The messages, the first {@link #size()} of them. */
    @Nullable
    SendBuffer[] messages() {
        return messages;
    }

    private SendBuffer message(int index) {
        SendBuffer message = messages[index];
        if (message == null) {
            throw new AssertionError("no message at " + index);
        }
        return message;
    }
}
