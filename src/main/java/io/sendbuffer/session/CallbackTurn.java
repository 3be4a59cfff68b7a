package io.sendbuffer.session;

/**
 * One callback at a time, and {@code onClosed} last, for sessions that no single thread attends to. Callbacks other
 * than that follow one another by themselves: each is called by what goes on reading. So the one question is who tells
 * the end: the thread that ends the session, or, if a callback runs at that moment, the thread of that callback when it
 * returned.
 */
final class CallbackTurn {
    private final Session session;

    /** Written by the one thread that goes on reading. */
    private volatile boolean taken;

    CallbackTurn(Session session) {
        this.session = session;
    }

    /** Before a callback. False: the session ends, there is no callback. */
    boolean begin() {
        taken = true; // before the look: who ends the session looks at this after it
        if (session.isOpen()) {
            return true;
        }
        end();
        return false;
    }

    /** After a callback, and after a {@link #begin} that said false. */
    void end() {
        taken = false; // before the look: who ended the session meanwhile left it to us
        tellIfEnding();
    }

    /** When the session has ended. */
    void tellEnd() {
        if (!taken) {
            session.finish();
        }
    }

    private void tellIfEnding() {
        if (session.isEndingVolatile()) {
            session.finish();
        }
    }
}
