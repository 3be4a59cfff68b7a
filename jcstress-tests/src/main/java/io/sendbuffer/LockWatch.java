/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts outgoing calls under a queue's lock: there must be none. */
final class LockWatch {
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.privateLookupIn(SendQueue.class, MethodHandles.lookup())
                    .findVarHandle(SendQueue.class, "backlog", Backlog.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Object lock;

    /** Guarded by the lock: only its holder writes this field. */
    private int callsUnderLock;

    LockWatch(SendQueue queue) {
        this.lock = (Backlog) LOCK.get(queue);
    }

    /** Called by everything that the queue calls. */
    void look() {
        if (Thread.holdsLock(lock)) {
            callsUnderLock++;
        }
    }

    /** For the arbiter. */
    int callsUnderLock() {
        return callsUnderLock;
    }
}
