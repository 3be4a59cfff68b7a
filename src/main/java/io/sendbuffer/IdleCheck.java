/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.ref.WeakReference;

/**
 * A store's look at its idle memory, as a task for a timer. It refers to the store weakly, so a timer keeps no pool
 * alive, and whatever it throws, the next chunk that is freed asks for another look.
 */
final class IdleCheck implements Runnable {
    private final WeakReference<ChunkStore> store;
    private final IdleTimer timer;

    IdleCheck(ChunkStore store, IdleTimer timer) {
        this.store = new WeakReference<>(store);
        this.timer = timer;
    }

    /** Called by the thread that freed a chunk, or by the last look, without a lock. Never throws. */
    void schedule() {
        try {
            timer.schedule(this);
        } catch (Throwable e) {
            failed(e);
        }
    }

    @Override
    public void run() {
        ChunkStore found = store.get();
        if (found == null) {
            return;
        }
        try {
            found.checkIdleMemory();
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        ChunkStore found = store.get();
        if (found != null) {
            found.checkFailed();
            found.report(e);
        }
    }
}
