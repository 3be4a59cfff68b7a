/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * How far a session is on the way to its end, and which of its directions are over: two atomic words.
 *
 * <pre>{@code
 *       casOpenToClosing          life = ENDING          casEndingToEnded
 * OPEN ------------------> CLOSING -------------> ENDING ----------------> ENDED
 * }</pre>
 *
 * <ul>
 *   <li>OPEN: it reads and writes, or still connects.
 *   <li>CLOSING: one thread, the one that made the step, sets the cause and closes the queue and the channel. No other
 *       thread may, and there is no callback any more but the last one.
 *   <li>ENDING: all is closed, or {@link #cutOff} says that a part is still to be; the listener has to be notified.
 *   <li>ENDED: one thread, the one that made the step, has the last callback in hand, or has made it.
 * </ul>
 *
 * <p>The other word says which directions are over. Each is marked once or more often, and the one that comes second
 * moves the session out of OPEN:
 *
 * <pre>{@code
 *              INPUT_OVER                      OUTPUT_OVER
 * neither ---------------------> input over ----------------------.
 *    |         OUTPUT_OVER                     INPUT_OVER         v
 *    '-------------------------> output over -----------------> both: the session ends
 * }</pre>
 *
 * <p>The step to ENDING, {@link #cause} and {@link #cutOff} are stored without a call, by the thread that carries out
 * the end: it may be at the very end of its stack, where any call throws, and the session must come to its end all the
 * same. So these fields are open to the session.
 *
 * <p>A session extends this class and does not hold an object of it: an idle session needs no more memory for it, and a
 * look at its life loads nothing else.
 */
abstract class SessionLife {
    private static final VarHandle LIFE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "life", VarHandle.class, SessionLife.class, int.class);

    private static final VarHandle HALVES = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "halves", VarHandle.class, SessionLife.class, int.class);

    private static final int OPEN = 0;
    private static final int CLOSING = 1;
    static final int ENDING = 2;
    private static final int ENDED = 3;

    static final int INPUT_OVER = 1;
    static final int OUTPUT_OVER = 2;

    /** Stored without a call where it becomes {@link #ENDING}; by the other methods of this class where not. */
    volatile int life;

    /** Written by the thread that moved {@link #life} to CLOSING, before it moves on to ENDING. */
    @Nullable
    Throwable cause;

    /** The stack had no room for all steps of the end. Stored without a call; set before {@link #life} moves on. */
    boolean cutOff;

    @SuppressWarnings("unused")
    private int halves;

    /** Begins the end. True: the caller is the one thread that carries it out, up to the step to ENDING. */
    final boolean casOpenToClosing() {
        return LIFE.compareAndSet(this, OPEN, CLOSING);
    }

    /** True: the caller is the one thread that makes the last callback. */
    final boolean casEndingToEnded() {
        return LIFE.compareAndSet(this, ENDING, ENDED);
    }

    final boolean isOpen() {
        return life == OPEN;
    }

    final boolean isEndingVolatile() {
        return life == ENDING;
    }

    final boolean isEndedVolatile() {
        return life == ENDED;
    }

    /** Marks a direction as over. Returns which were over before: the one that finds the other there comes second. */
    final int getAndSetOverVolatile(int direction) {
        return (int) HALVES.getAndBitwiseOr(this, direction);
    }

    /** True if nothing more is read. */
    final boolean isInputOver() {
        return ((int) HALVES.getVolatile(this) & INPUT_OVER) != 0;
    }

    /** True if nothing more is written. */
    final boolean isOutputOver() {
        return ((int) HALVES.getVolatile(this) & OUTPUT_OVER) != 0;
    }
}
