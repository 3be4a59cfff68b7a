/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.PressureChange;
import io.sendbuffer.QueueOwner;
import io.sendbuffer.SlowConsumerException;

/** What a session does for its queue: it ends, or its listener is notified of a watermark that was passed. */
final class SessionPressure implements QueueOwner {
    /** One of each kind. */
    private static final int MAX_CALLS = 3;

    private final Session session;

    SessionPressure(Session session) {
        this.session = session;
    }

    @Override
    public void onSlowConsumer(SlowConsumerException cause) {
        session.end(cause);
    }

    @Override
    public Object receiver() {
        return session;
    }

    @Override
    public void onPressure() {
        session.deliverSoon();
        if (session.queue.isWritable()) {
            session.mayHaveRoom(); // whether or not the listener is ever called for it
        }
        long nanos = session.queue.nanosToLook(System.nanoTime());
        if (nanos != Long.MAX_VALUE) {
            session.watchSoon(nanos);
        }
    }

    /**
     * Makes the calls that are due, on the thread that makes the session's callbacks. A listener that sends within them
     * may make others due, again and again: those come after other sessions had their turn.
     */
    static void reportChanges(Session session) {
        for (int i = 0; i < MAX_CALLS && session.isPressureDue(); i++) {
            PressureChange change = session.queue.takePressureChange();
            try {
                if (change == PressureChange.FELL) {
                    session.mayHaveRoom(); // the end of a stack may have cut off the first one
                }
                report(session, change);
            } catch (Throwable e) {
                session.end(e);
            }
        }
        if (session.isPressureDue()) {
            session.deliverSoon();
        }
    }

    private static void report(Session session, PressureChange change) {
        switch (change) {
            case ROSE -> session.listener.onWritable(session, false);
            case FELL -> session.listener.onWritable(session, true);
            case DRAINED -> session.listener.onDrained(session);
            case NONE -> {} // it ended meanwhile
        }
    }
}
