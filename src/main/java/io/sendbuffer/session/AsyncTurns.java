/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import org.jspecify.annotations.Nullable;

/**
 * The turns of one direction of an asynchronous session, its writer or its reader. One thread at a time has the turn;
 * when it is over, that thread gives the next one to the executor, at once or after a pause, and touches the direction
 * no more.
 */
abstract class AsyncTurns {
    final AsyncSession session;

    // Owned by the thread that has the turn.
    private final CompletionTrampoline nextTurn = new CompletionTrampoline();
    private final Runnable resuming = this::resume;

    /** The last pause; 0 since the channel moved something. */
    private long pauseNanos;

    /** Made for the first pause: most directions never have one. */
    private Delivery.@Nullable Task afterPause;

    AsyncTurns(AsyncSession session) {
        this.session = session;
    }

    /** Has {@link #takeTurn} called by another thread, soon. Never throws. */
    abstract void continueLater();

    /** Continues, on a thread that has nothing else to do. */
    abstract void takeTurn();

    /** Throws if all is closed, or if there are no more threads; then {@link #keepTurn} says what to do. */
    final void giveTurnAway() {
        nextTurn.start();
        session.sessions.execute(resuming);
    }

    /** The executor threw. True: the caller still has the turn; false: the executor took it all the same. */
    final boolean keepTurn() {
        return nextTurn.leaveToStarter();
    }

    private void resume() {
        if (nextTurn.leaveToCompletion()) {
            takeTurn();
        }
    }

    /** After an operation that moved no byte and did not wait: tried again at once it would make a busy loop. */
    final void continueAfterAPause() {
        Delivery.Task task = afterPause;
        if (task == null) {
            task = new AfterPause();
            afterPause = task;
        }
        pauseNanos = Backoff.nanosAfter(pauseNanos);
        session.sessions.registry.deliverLater(task, pauseNanos);
    }

    /** The channel moved something: the next pause is a short one. */
    final void pausesAreOver() {
        pauseNanos = 0;
    }

    private final class AfterPause extends Delivery.Task {
        @Override
        void run() {
            continueLater();
        }
    }
}
