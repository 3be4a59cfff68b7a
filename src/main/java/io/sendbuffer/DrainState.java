/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which thread may touch a queue's window and write to its channel: one atomic word.
 *
 * <pre>{@code
 *        casIdleToDraining
 * IDLE ---------------------> DRAINING
 *  |   <---------------------  |    |
 *  |     casDrainingToIdle     |    | setClosedVolatile: the drainer ends the queue itself
 *  | requestClose requestClose |    |
 *  |                           v    |
 *  |                        CLOSING |
 *  |      setClosedVolatile    |    |
 *  '------> CLOSED <-----------'<---'
 * }</pre>
 *
 * <ul>
 *   <li>IDLE: no thread drains. The window is empty, or holds the rest of a write that the channel cut short.
 *   <li>DRAINING: one thread owns the window, from before its write until after the release of what was written.
 *   <li>EXCHANGING: between IDLE and IDLE, and only within the queue's lock: a thread exchanges messages in the window
 *       for copies, see {@link Evacuees}. A drainer that meets this waits for the lock and tries again. A closer never
 *       meets it, since it takes the lock first, and no exchange begins in a queue that is closed.
 *   <li>CLOSING: as DRAINING, but the owner gives everything back when its write has returned. No other thread may: the
 *       memory is being read. Only where the owner met the end of its stack and left, in this state or in DRAINING,
 *       does another thread take its place, see {@link SendQueue#leftBy}.
 *   <li>CLOSED: no thread can claim the window any more. The thread that made the step into this state releases the
 *       window: a drainer before the step, a closer after it.
 * </ul>
 *
 * <p>No wake-up is lost, because a drainer that found nothing more makes the step to IDLE under the queue's lock: an
 * offer either happens-before that step, and is found, or comes after it, and then the flush that follows finds IDLE.
 */
final class DrainState {
    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "state", VarHandle.class, DrainState.class, int.class);

    private static final int IDLE = 0;
    private static final int DRAINING = 1;
    private static final int EXCHANGING = 2;
    private static final int CLOSING = 3;
    private static final int CLOSED = 4;

    @SuppressWarnings("unused")
    private int state;

    /** Claims the window. True: the caller is the one drainer, until it leaves. */
    boolean casIdleToDraining() {
        return stateVolatile() == IDLE && casState(IDLE, DRAINING);
    }

    /**
     * Claims the window after {@link #casIdleToDraining} did not. False: another thread drains, or the queue ends.
     *
     * @param lock the queue's
     */
    boolean claimAfterExchange(Object lock) {
        while (true) {
            int now = stateVolatile();
            if (now == EXCHANGING) {
                synchronized (lock) { // the exchange is over by then, and what follows it is new
                    continue;
                }
            }
            if (now != IDLE) {
                return false;
            }
            if (casState(IDLE, DRAINING)) {
                return true;
            }
        }
    }

    /** Claims the window for an exchange of messages. Under the queue's lock, and not if the queue is closed. */
    boolean casIdleToExchanging() {
        return casState(IDLE, EXCHANGING);
    }

    /** Ends an exchange. Under the same hold of the lock. */
    void setIdleVolatile() {
        STATE.setVolatile(this, IDLE);
    }

    /** Leaves the window. False: a close was requested meanwhile, and the caller has to carry it out. */
    boolean casDrainingToIdle() {
        return casState(DRAINING, IDLE);
    }

    /** Asks for the end. True: no thread drains, the state is CLOSED, and the caller releases the window. */
    boolean requestClose() {
        while (true) {
            switch (stateVolatile()) {
                case IDLE -> {
                    if (casState(IDLE, CLOSED)) {
                        return true;
                    }
                }
                case DRAINING -> {
                    if (casState(DRAINING, CLOSING)) {
                        return false;
                    }
                }
                default -> {
                    return false;
                }
            }
        }
    }

    /** The drainer's last step, after it released the window. */
    void setClosedVolatile() {
        STATE.setVolatile(this, CLOSED);
    }

    boolean isEndingVolatile() {
        return stateVolatile() >= CLOSING;
    }

    boolean isClosedVolatile() {
        return stateVolatile() == CLOSED;
    }

    private int stateVolatile() {
        return (int) STATE.getVolatile(this);
    }

    private boolean casState(int expected, int updated) {
        return STATE.compareAndSet(this, expected, updated);
    }
}
