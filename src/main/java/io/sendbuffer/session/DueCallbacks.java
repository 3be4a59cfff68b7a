/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Callbacks of a session that others asked for, in order. Any thread adds; the threads that make the session's
 * callbacks take, one thread at a time. Most sessions never have one, and then no object of this class.
 */
final class DueCallbacks {
    private final Queue<Runnable> callbacks = new ConcurrentLinkedQueue<>();

    void add(Runnable callback) {
        callbacks.add(callback);
    }

    boolean isEmpty() {
        return callbacks.isEmpty();
    }

    /** Makes all of them. What one throws ends the session, and the others are made all the same. */
    void makeAll(Session session) {
        Runnable callback;
        while ((callback = callbacks.poll()) != null) {
            try {
                callback.run();
            } catch (Throwable e) {
                session.end(e);
            }
        }
    }
}
