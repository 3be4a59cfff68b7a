/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/** A thread that is created and "started", but never runs: an actor runs its task instead. */
final class HeldThread extends Thread {
    HeldThread(Runnable task) {
        super(task);
    }

    @Override
    public void start() {
        // An actor calls run().
    }
}
