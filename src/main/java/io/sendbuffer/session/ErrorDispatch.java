/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.ErrorHandlers;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * Calls the users' error handlers, one inside of no other: what a handler's own calls lead to is reported on the same
 * thread when that handler has returned. So a handler that broadcasts to thousands of dead peers needs no more stack
 * than one that does nothing. What cannot wait, for want of memory, is called inside, {@link #MAX_NESTED} deep at most,
 * and beyond that goes to standard error.
 *
 * <p>One for each thread that reports an error, and used by that thread alone.
 */
final class ErrorDispatch {
    private static final ThreadLocal<@Nullable ErrorDispatch> OF_THREAD = new ThreadLocal<>();
    private static final int MAX_NESTED = 8;

    private int nested;
    private @Nullable Waiting first;
    private @Nullable Waiting last;

    private ErrorDispatch() {}

    private static final class Waiting {
        final ErrorHandler handler;
        final Throwable error;

        @Nullable
        Waiting next;

        Waiting(ErrorHandler handler, Throwable error) {
            this.handler = handler;
            this.error = error;
        }
    }

    /** Calls a handler, now or after the one that this thread is in. Never throws. */
    static void report(ErrorHandler handler, Throwable error) {
        try {
            ErrorDispatch calls = ofThread();
            if (calls == null) {
                ErrorHandlers.call(handler, error);
            } else if (calls.nested == 0) {
                calls.callAll(handler, error);
            } else if (!calls.add(handler, error)) {
                calls.callInside(handler, error);
            }
        } catch (Throwable e) { // no stack for any of it
            ErrorHandlers.reportToStandardError(error, e);
        }
    }

    /** Returns null if there is no memory for one. */
    private static @Nullable ErrorDispatch ofThread() {
        try {
            ErrorDispatch calls = OF_THREAD.get();
            if (calls == null) {
                calls = new ErrorDispatch();
                OF_THREAD.set(calls);
            }
            return calls;
        } catch (Throwable e) {
            return null;
        }
    }

    private void callAll(ErrorHandler handler, Throwable error) {
        nested = 1;
        try {
            ErrorHandlers.call(handler, error);
            Waiting waiting;
            while ((waiting = first) != null) {
                first = waiting.next;
                last = first == null ? null : last;
                ErrorHandlers.call(waiting.handler, waiting.error);
            }
        } finally {
            nested = 0;
        }
    }

    private boolean add(ErrorHandler handler, Throwable error) {
        try {
            Waiting waiting = new Waiting(handler, error);
            if (last == null) {
                first = waiting;
            } else {
                last.next = waiting;
            }
            last = waiting;
            return true;
        } catch (Throwable e) {
            return false;
        }
    }

    private void callInside(ErrorHandler handler, Throwable error) {
        if (nested >= MAX_NESTED) {
            ErrorHandlers.reportToStandardError(error, error);
            return;
        }
        nested++;
        try {
            ErrorHandlers.call(handler, error);
        } finally {
            nested--;
        }
    }
}
