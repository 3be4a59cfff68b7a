package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who may touch a queue's window and write to its channel: one atomic word.
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
 *   <li>IDLE: nobody drains. The window is empty, or holds the rest of a write that the channel cut short.
 *   <li>DRAINING: one thread owns the window, from before its write until after the release of what was written.
 *   <li>CLOSING: as DRAINING, but the owner gives everything back when its write returned. Nobody else may: the memory
 *       is being read.
 *   <li>CLOSED: nobody claims the window any more. Whoever made the step into it releases the window: a drainer before
 *       the step, a closer after it.
 * </ul>
 *
 * <p>A wake-up is not lost, because the step to IDLE of a drainer that found nothing more is made under the queue's
 * lock: an offer comes either before it, and is found, or after it, and then the flush that follows finds IDLE.
 */
final class DrainWord {
    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "state", VarHandle.class, DrainWord.class, int.class);

    private static final int IDLE = 0;
    private static final int DRAINING = 1;
    private static final int CLOSING = 2;
    private static final int CLOSED = 3;

    @SuppressWarnings("unused")
    private int state;

    /** Claims the window. True: the caller is the one drainer, until it leaves. */
    boolean casIdleToDraining() {
        return stateVolatile() == IDLE && casState(IDLE, DRAINING);
    }

    /** Leaves the window. False: a close was requested meanwhile, and the caller has to carry it out. */
    boolean casDrainingToIdle() {
        return casState(DRAINING, IDLE);
    }

    /** Asks for the end. True: nobody drains, the state is CLOSED, and the caller releases the window. */
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

    private int stateVolatile() {
        return (int) STATE.getVolatile(this);
    }

    private boolean casState(int expected, int updated) {
        return STATE.compareAndSet(this, expected, updated);
    }
}
