/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a write waits for the peer: from before it is begun until the channel took something, and so between the
 * attempts of a write that takes nothing, too. Set by the thread that owns the drain of the queue; a hint for the
 * clock, which acts only on a write that waits for long while no byte is taken.
 */
final class PendingWrite {
    private static final VarHandle PENDING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "pending", VarHandle.class, PendingWrite.class, boolean.class);

    @SuppressWarnings("unused")
    private boolean pending;

    void setPendingOpaque(boolean value) {
        PENDING.setOpaque(this, value);
    }

    boolean isPendingOpaque() {
        return (boolean) PENDING.getOpaque(this);
    }
}
