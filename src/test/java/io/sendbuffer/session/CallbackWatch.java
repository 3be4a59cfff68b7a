/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Watches the order of callbacks: none within another, none on a thread that is inside another call into the library,
 * one at a time for each session, the end last and once.
 */
final class CallbackWatch {
    private static final int MAX_BROKEN = 20;

    /** How deep the thread is: calls of the test plus callbacks that it is in. */
    private final ThreadLocal<int[]> inside = ThreadLocal.withInitial(() -> new int[1]);

    private final List<String> broken = new CopyOnWriteArrayList<>();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger deepest = new AtomicInteger();

    /** A call of the test into the library. */
    interface Call {
        void run() throws Exception;
    }

    /** Makes a call into the library: this thread may run no callback until it returns. */
    void call(Call call) throws Exception {
        inside.get()[0]++;
        try {
            call.run();
        } finally {
            inside.get()[0]--;
        }
    }

    void requireKept() {
        assertEquals(List.of(), broken);
    }

    private void breaks(String rule) {
        if (broken.size() < MAX_BROKEN) {
            broken.add(rule + " on " + Thread.currentThread().getName());
        }
    }

    /** A watched listener of one session. Override what it does. */
    class Listener implements SessionListener {
        final AtomicInteger ends = new AtomicInteger();
        volatile @Nullable Throwable cause;
        private final AtomicInteger running = new AtomicInteger();

        /** Called within {@link #onOpened}. */
        void opened(Session session) throws Exception {}

        /** Called within {@link #onReceived}. */
        void received(Session session, ByteBuffer bytes) throws Exception {}

        /** Called within {@link #onInputEnded}. */
        boolean inputEnded(Session session) throws Exception {
            return false;
        }

        /** Called within {@link #onClosed}. */
        void ended(Session session) throws Exception {}

        boolean isEnded() {
            return ends.get() > 0;
        }

        @Override
        public final void onOpened(Session session) {
            opened.incrementAndGet();
            watch("onOpened", () -> opened(session));
        }

        @Override
        public final void onReceived(Session session, ByteBuffer bytes) {
            watch("onReceived", () -> received(session, bytes));
        }

        @Override
        public final boolean onInputEnded(Session session) {
            boolean[] keeps = new boolean[1];
            watch("onInputEnded", () -> keeps[0] = inputEnded(session));
            return keeps[0];
        }

        @Override
        public final void onClosed(Session session, @Nullable Throwable why) {
            cause = why;
            watch("onClosed", () -> {
                if (ends.incrementAndGet() > 1) {
                    breaks("onClosed was called twice");
                }
                closed.incrementAndGet();
                ended(session);
            });
        }

        private void watch(String callback, Call action) {
            int[] depth = inside.get();
            if (depth[0] > 0) {
                breaks(callback + " was called within a call or another callback");
            }
            if (running.incrementAndGet() > 1) {
                breaks(callback + " was called during another callback of the session");
            }
            if (ends.get() > 0) {
                breaks(callback + " was called after onClosed");
            }
            depth[0]++;
            deepest.accumulateAndGet(depth[0], Math::max);
            try {
                action.run();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            } finally {
                depth[0]--;
                running.decrementAndGet();
            }
        }
    }
}
