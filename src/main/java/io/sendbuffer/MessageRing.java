package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/** The messages that wait, first in, first out: a ring that doubles when full. Guarded by its queue's lock. */
final class MessageRing {
    private static final int FIRST_CAPACITY = 8;

    private @Nullable SendBuffer[] messages = new SendBuffer[FIRST_CAPACITY];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(SendBuffer message) {
        if (size == messages.length) {
            grow();
        }
        messages[(head + size) & (messages.length - 1)] = message;
        size++;
    }

    /** Adds the first messages of an array. */
    void addAll(@Nullable SendBuffer[] source, int count) {
        while (count > messages.length - size) {
            grow();
        }
        int tail = (head + size) & (messages.length - 1);
        int untilEnd = Math.min(count, messages.length - tail);
        System.arraycopy(source, 0, messages, tail, untilEnd);
        System.arraycopy(source, untilEnd, messages, 0, count - untilEnd);
        size += count;
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

    private void grow() {
        SendBuffer[] larger = new SendBuffer[messages.length * 2];
        int untilEnd = messages.length - head;
        System.arraycopy(messages, head, larger, 0, untilEnd);
        System.arraycopy(messages, 0, larger, untilEnd, head);
        messages = larger;
        head = 0;
    }
}
