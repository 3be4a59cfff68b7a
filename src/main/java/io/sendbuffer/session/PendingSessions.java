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
 * The sessions that want their loop's attention: any thread adds, the loop takes all at once. Linked through the
 * sessions themselves, so nothing is allocated; and since the list is only ever taken whole, no ABA is possible.
 */
final class PendingSessions {
    private static final VarHandle NEWEST = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "newest", VarHandle.class, PendingSessions.class, LoopSession.class);

    @SuppressWarnings("unused")
    private @Nullable LoopSession newest;

    boolean isEmptyVolatile() {
        return newestVolatile() == null;
    }

    /** Adds a session, which must not be in the list: {@link LoopSession#casPending} sees to that. */
    void add(LoopSession session) {
        LoopSession next;
        do {
            next = newestVolatile();
            session.nextPending = next;
        } while (!NEWEST.compareAndSet(this, next, session));
    }

    /** Takes all, linked by {@link LoopSession#nextPending}, the one added first in front. */
    @Nullable
    LoopSession takeAll() {
        LoopSession session = isEmptyVolatile() ? null : (LoopSession) NEWEST.getAndSet(this, (LoopSession) null);
        LoopSession oldest = null;
        while (session != null) {
            LoopSession next = session.nextPending;
            session.nextPending = oldest;
            oldest = session;
            session = next;
        }
        return oldest;
    }

    private @Nullable LoopSession newestVolatile() {
        return (LoopSession) NEWEST.getVolatile(this);
    }
}
