/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Sees whether a callback runs on a thread that is within a call into the library, or within another callback. */
class CallWatch extends Witness implements RefusalListener {
    /** The depth of calls and callbacks on a thread. Shared by all states: an actor's thread runs all of its states. */
    private static final ThreadLocal<int[]> DEPTH = ThreadLocal.withInitial(() -> new int[1]);

    private final Runnable inCallback;
    private final AtomicInteger within = new AtomicInteger();
    private final AtomicInteger openEpisodes = new AtomicInteger();
    private boolean threw;

    CallWatch() {
        this(() -> {});
    }

    /** Runs an action within the callbacks: its consequences must come later. */
    CallWatch(Runnable inCallback) {
        this.inCallback = inCallback;
    }

    /** A call into the library, by a user. What it throws is an outcome, not a failure of the test. */
    final void call(Runnable call) {
        try {
            deeper(call);
        } catch (RuntimeException | AssertionError e) {
            threw = true;
        }
    }

    private static void deeper(Runnable call) {
        int[] depth = DEPTH.get();
        depth[0]++;
        try {
            call.run();
        } finally {
            depth[0]--;
        }
    }

    /** Runs a task as another thread would, with a stack of its own. */
    static void asAnotherThread(Runnable task) {
        int[] depth = DEPTH.get();
        int before = depth[0];
        depth[0] = 0;
        try {
            task.run();
        } finally {
            depth[0] = before;
        }
    }

    /** True on a thread that is within a call, or within a callback. */
    static boolean isWithin() {
        return DEPTH.get()[0] > 0;
    }

    @Override
    public void onOpened(Session session) {
        callback(() -> {});
    }

    @Override
    public void onReceived(Session session, ByteBuffer bytes) {
        callback(inCallback);
    }

    @Override
    public void onRefused(Session session) {
        openEpisodes.incrementAndGet();
        callback(() -> {});
    }

    @Override
    public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
        openEpisodes.decrementAndGet();
        callback(() -> {});
    }

    @Override
    public void onClosed(Session session, @Nullable Throwable cause) {
        callback(inCallback);
        super.onClosed(session, cause);
    }

    private void callback(Runnable action) {
        if (isWithin()) {
            within.incrementAndGet();
        }
        deeper(action);
    }

    /** How many callbacks ran within a call or a callback; less than 0 if a call threw. For the arbiter. */
    final int within() {
        return threw ? -10 : within.get();
    }

    /** How many episodes of refusals have begun and not ended. For the arbiter. */
    final int openEpisodes() {
        return openEpisodes.get();
    }
}
