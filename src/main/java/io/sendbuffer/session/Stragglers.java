/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.concurrent.ThreadFactory;

/**
 * Sessions that came too late for a loop that no longer runs. The loop ends those that it finds in the last step of its
 * end; later ones are ended by a thread of their own, not by the thread that added them, which is within a call.
 */
final class Stragglers {
    private final SendLoop loop;
    private final PendingSessions pendingSessions;
    private final ThreadFactory threads;

    Stragglers(SendLoop loop, PendingSessions pendingSessions, ThreadFactory threads) {
        this.loop = loop;
        this.pendingSessions = pendingSessions;
        this.threads = threads;
    }

    /** Has those that are pending ended, with their last callbacks. Any thread. */
    void leaveToAThread() {
        try {
            threads.newThread(this::endAll).start();
        } catch (Throwable e) {
            loop.report(e);
            endAll(); // no thread can be started: better here than never
        }
    }

    /** Ends those that are pending, each whatever the others throw. */
    void endAll() {
        LoopSession session = pendingSessions.takeAll();
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = null;
            try {
                session.endAsStraggler();
            } catch (Throwable e) {
                loop.report(e);
            }
            session = next;
        }
    }
}
