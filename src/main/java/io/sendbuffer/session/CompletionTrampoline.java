/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which thread continues after an operation of an asynchronous channel: the thread that started it, or the one that
 * completes it, whichever comes second. So a channel that completes within its own call, as often as it likes, costs no
 * stack: the starter continues in a loop.
 *
 * <pre>{@code
 *              leaveToCompletion
 * STARTED ----------------------> PENDING     the starter is done, the completion continues
 *    |   leaveToStarter
 *    '--------------------------> COMPLETED   the completion is done, the starter continues
 * }</pre>
 *
 * <p>Another one serves a turn that is over, whose thread gives the next one to an executor: the task comes by
 * {@link #leaveToCompletion}, and does nothing if it returns false; if the executor throws, though it may have taken
 * the task, the thread that had the turn comes by {@link #leaveToStarter}. One of the two continues.
 *
 * <p>One operation at a time. What the completion brings is written before {@link #leaveToStarter} and published by it.
 */
final class CompletionTrampoline {
    private static final VarHandle PHASE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "phase", VarHandle.class, CompletionTrampoline.class, int.class);

    private static final int STARTED = 0;
    private static final int PENDING = 1;
    private static final int COMPLETED = 2;

    @SuppressWarnings("unused")
    private int phase;

    /** Before the operation is started, by its starter. */
    void start() {
        PHASE.setVolatile(this, STARTED);
    }

    /** After the start. True: the completion will continue; false: it came already, and the starter continues. */
    boolean leaveToCompletion() {
        return PHASE.compareAndSet(this, STARTED, PENDING);
    }

    /** At the completion. True: the starter will continue; false: it has left already, and the completion does. */
    boolean leaveToStarter() {
        return PHASE.compareAndSet(this, STARTED, COMPLETED);
    }
}
