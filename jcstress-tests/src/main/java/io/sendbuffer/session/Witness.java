package io.sendbuffer.session;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts how often a session's end was told, and keeps the cause that was told last. */
class Witness implements SessionListener {
    /** Atomic, or two ends told at once would count as one. It comes after the race, and hides nothing. */
    private final AtomicInteger told = new AtomicInteger();

    private @Nullable Throwable cause;

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        this.cause = cause;
        told.incrementAndGet();
    }

    /** For the arbiter. */
    final int told() {
        return told.get();
    }

    /** For the arbiter. */
    final @Nullable Throwable cause() {
        return cause;
    }
}
