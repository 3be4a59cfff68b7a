/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether onClosed runs while a callback runs, or before one. Its own fields create no happens-before; the
 * inherited count creates one only after onClosed, when there is nothing left to race.
 */
final class CallbackOrderWitness extends Witness {
    private static final int SPINS = 20;
    private static final VarHandle RUNNING;

    static {
        try {
            RUNNING = MethodHandles.lookup().findVarHandle(CallbackOrderWitness.class, "running", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private boolean running;

    private boolean notifiedWithin;
    private boolean notifiedBefore;

    @Override
    public void onOpened(Session session) {
        callback();
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        callback();
    }

    @Override
    public boolean onInputEnded(Session session) {
        callback();
        return true;
    }

    private void callback() {
        if (notified() > 0) {
            notifiedBefore = true;
        }
        RUNNING.setOpaque(this, true);
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
        }
        RUNNING.setOpaque(this, false);
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        if ((boolean) RUNNING.getOpaque(this)) {
            notifiedWithin = true;
        }
        super.onClosed(session, cause);
    }

    /** For the arbiter. */
    boolean notifiedWithinACallback() {
        return notifiedWithin;
    }

    /** For the arbiter. */
    boolean notifiedBeforeACallback() {
        return notifiedBefore;
    }
}
