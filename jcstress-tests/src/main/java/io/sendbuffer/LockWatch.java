package io.sendbuffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts the calls out that are made under a queue's lock: there must be none. */
final class LockWatch {
    private static final VarHandle LOCK;

    static {
        try {
            LOCK = MethodHandles.privateLookupIn(SendQueue.class, MethodHandles.lookup())
                    .findVarHandle(SendQueue.class, "lock", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Object lock;

    /** Guarded by the lock: it is written by those only that hold it. */
    private int callsUnderLock;

    LockWatch(SendQueue queue) {
        this.lock = LOCK.get(queue);
    }

    /** To be called by whatever the queue calls out to. */
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
