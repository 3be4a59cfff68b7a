/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Failures;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Calls the users' release listeners, never one inside another: the listener of a message that a listener releases is
 * called on the same thread when the first one has returned. So a listener that sends, whose message has a listener
 * that sends, and so on, needs no more stack for a hundred thousand of them than for one.
 *
 * <p>One for each thread that calls a listener, and used by that thread alone.
 */
final class ReleaseNotifications {
    private static final ThreadLocal<@Nullable ReleaseNotifications> OF_THREAD = new ThreadLocal<>();

    private static final int INITIAL_CAPACITY = 8;

    /** More is not kept for the next time. */
    private static final int MAX_KEPT = 1_024;

    private boolean calling;

    // A queue in three arrays, from head to tail, so that nothing is allocated for a call.
    private @Nullable ReleaseListener[] listeners = new ReleaseListener[INITIAL_CAPACITY];
    private int[] unwritten = new int[INITIAL_CAPACITY];
    private @Nullable ChunkStore[] stores = new ChunkStore[INITIAL_CAPACITY];
    private int head;
    private int tail;

    private ReleaseNotifications() {}

    /** Calls a listener, now or after the one that this thread is in. What it throws goes to the store's handler. */
    static void call(ReleaseListener listener, int unwritten, ChunkStore store) {
        ReleaseNotifications calls;
        try {
            calls = ofThread();
            if (calls.calling) {
                calls.add(listener, unwritten, store);
                return;
            }
        } catch (OutOfMemoryError e) {
            Failures.rethrow(callNow(listener, unwritten, store)); // better inside another than not at all
            return;
        }
        calls.callAll(listener, unwritten, store);
    }

    private static ReleaseNotifications ofThread() {
        ReleaseNotifications calls = OF_THREAD.get();
        if (calls == null) {
            calls = new ReleaseNotifications();
            OF_THREAD.set(calls);
        }
        return calls;
    }

    private void callAll(ReleaseListener firstListener, int firstUnwritten, ChunkStore firstStore) {
        calling = true;
        Throwable thrown = callNow(firstListener, firstUnwritten, firstStore);
        while (head < tail) {
            ReleaseListener listener = listeners[head];
            ChunkStore store = stores[head];
            int count = unwritten[head];
            removeFirst();
            if (listener != null && store != null) {
                Throwable next = callNow(listener, count, store);
                thrown = next == null ? thrown : Failures.first(thrown, next);
            }
        }
        calling = false;
        Failures.rethrow(thrown);
    }

    /** Returns what could not even be reported to the handler of the listener's error, or null. */
    private static @Nullable Throwable callNow(ReleaseListener listener, int unwritten, ChunkStore store) {
        try {
            try {
                listener.onReleased(unwritten);
            } catch (Throwable e) {
                store.reportNow(e);
            }
        } catch (Throwable e) {
            return e;
        }
        return null;
    }

    private void add(ReleaseListener listener, int count, ChunkStore store) {
        if (tail == listeners.length) {
            makeRoom();
        }
        listeners[tail] = listener;
        unwritten[tail] = count;
        stores[tail] = store;
        tail++;
    }

    private void makeRoom() {
        if (head < listeners.length / 2) {
            grow();
            return;
        }
        int size = tail - head;
        System.arraycopy(listeners, head, listeners, 0, size);
        System.arraycopy(unwritten, head, unwritten, 0, size);
        System.arraycopy(stores, head, stores, 0, size);
        Arrays.fill(listeners, size, tail, null);
        Arrays.fill(stores, size, tail, null);
        head = 0;
        tail = size;
    }

    private void grow() {
        int capacity = listeners.length * 2;
        @Nullable ReleaseListener[] moreListeners = Arrays.copyOf(listeners, capacity);
        int[] moreUnwritten = Arrays.copyOf(unwritten, capacity);
        stores = Arrays.copyOf(stores, capacity); // the last that may fail; the length is that of the listeners
        unwritten = moreUnwritten;
        listeners = moreListeners;
    }

    private void removeFirst() {
        listeners[head] = null;
        stores[head] = null;
        head++;
        if (head == tail) {
            head = 0;
            tail = 0;
            if (listeners.length > MAX_KEPT) {
                shrink();
            }
        }
    }

    private void shrink() {
        try {
            @Nullable ReleaseListener[] fewerListeners = new ReleaseListener[INITIAL_CAPACITY];
            int[] fewerUnwritten = new int[INITIAL_CAPACITY];
            stores = new ChunkStore[INITIAL_CAPACITY];
            unwritten = fewerUnwritten;
            listeners = fewerListeners;
        } catch (OutOfMemoryError e) {
            return; // it stays as large as it is
        }
    }
}
