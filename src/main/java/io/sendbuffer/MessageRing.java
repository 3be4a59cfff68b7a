package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The messages that wait, first in, first out: a ring that doubles when full, and shrinks when it is little used.
 * Guarded by its queue's lock, but for {@link #NONE}, which is never written.
 */
final class MessageRing {
    /** Of all queues that ended: nothing is added to it. */
    static final MessageRing NONE = new MessageRing();

    private static final int FIRST_CAPACITY = 8;

    /**
     * A ring shrinks when a drain found it empty so many times for each of its places. If the next burst makes it grow
     * again, that is some hundredths of a byte for each of those drains; more only for rings of over 64 places.
     */
    private static final int TIMES_EMPTY_FOR_EACH_PLACE = 256;

    private static final int MOST_PLACES_COUNTED = 64;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_CAPACITY];
    private int head;
    private int size;

    /** The largest size, and how often the ring was empty, since it was last asked to shrink. */
    private int most;

    private int timesEmpty;

    /** How many messages it takes before it grows. */
    int capacity() {
        return messages.length;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(SendBuffer message) {
        if (size == messages.length) {
            grow();
        }
        messages[(head + size) & (messages.length - 1)] = message;
        size++;
        most = Math.max(most, size);
    }

    /** Adds the first messages of an array. */
    void addAll(@Nullable SendBuffer[] source, int count) {
        while (count > messages.length - size) {
            grow();
        }
        if (count == 1) { // as most batches are, once their neighbors are merged
            messages[(head + size) & (messages.length - 1)] = source[0];
            size++;
            most = Math.max(most, size);
            return;
        }
        int tail = (head + size) & (messages.length - 1);
        int untilEnd = Math.min(count, messages.length - tail);
        System.arraycopy(source, 0, messages, tail, untilEnd);
        System.arraycopy(source, untilEnd, messages, 0, count - untilEnd);
        size += count;
        most = Math.max(most, size);
    }

    /** Takes the oldest message, or null. */
    @Nullable
    SendBuffer poll() {
        if (size == 0) {
            return null;
        }
        SendBuffer oldest = messages[head];
        messages[head] = null;
        head = (head + 1) & (messages.length - 1);
        size--;
        return oldest;
    }

    /**
     * The ring is empty, and its receiver keeps up: a ring that a backlog made large becomes smaller again, by half,
     * once it was not filled to a quarter for so many times. A steady load never gets there, so it allocates nothing.
     */
    void shrinkIfLittleUsed() {
        if (++timesEmpty >= TIMES_EMPTY_FOR_EACH_PLACE * Math.min(MOST_PLACES_COUNTED, messages.length)) {
            if (messages.length > FIRST_CAPACITY && most <= messages.length / 4) {
                messages = new SendBuffer[messages.length / 2];
                head = 0;
            }
            timesEmpty = 0;
            most = 0;
        }
    }

    private void grow() {
        SendBuffer[] larger = new SendBuffer[messages.length * 2];
        int untilEnd = messages.length - head;
        System.arraycopy(messages, head, larger, 0, untilEnd);
        System.arraycopy(messages, 0, larger, untilEnd, head);
        messages = larger;
        head = 0;
    }
}
