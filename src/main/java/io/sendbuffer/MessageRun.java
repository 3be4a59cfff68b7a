package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * Neighbors of a batch, which go out as one message: it holds their references, and gives them back when that one
 * message has been written to all receivers that took it. Reused by its batch.
 */
final class MessageRun implements ReleaseListener {
    private final @Nullable SendBuffer[] messages;
    private int size;

    /** Null if it is not to be used again. */
    private final @Nullable FreeRuns home;

    /** The next one in {@link FreeRuns}, while this is there. */
    @Nullable
    MessageRun nextFree;

    MessageRun(@Nullable FreeRuns home, int capacity) {
        this.home = home;
        this.messages = new SendBuffer[capacity];
    }

    /** False if it is thrown away after one use. */
    boolean isKept() {
        return home != null;
    }

    /** How many messages it can hold. */
    int capacity() {
        return messages.length;
    }

    /** Takes over a reference to each. On the batch's thread; before any other thread can see the one message. */
    void hold(@Nullable SendBuffer[] source, int from, int count) {
        System.arraycopy(source, from, messages, 0, count);
        size = count;
    }

    @Override
    public void onReleased(int unwritten) {
        Throwable thrown = null;
        for (int i = 0; i < size; i++) {
            SendBuffer message = messages[i];
            messages[i] = null;
            try {
                message.releaseUnwritten(unwritten);
            } catch (Throwable e) { // for instance, it was released too often elsewhere
                thrown = Failed.first(thrown, e);
            }
        }
        if (home != null) {
            home.giveBack(this);
        }
        Failed.rethrow(thrown);
    }
}
