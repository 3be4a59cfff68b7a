/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.internal;

import org.agrona.ErrorHandler;

/** What a pool and a set of sessions have in common as to the users' error handlers. */
public final class ErrorHandlers {
    /** The default: a line on standard error. */
    public static final ErrorHandler STANDARD_ERROR = error -> System.err.println("sendbuffer: " + error);

    private ErrorHandlers() {}

    /** Calls a handler now. Never throws, so the caller continues: what the handler throws goes to standard error. */
    public static void call(ErrorHandler handler, Throwable error) {
        try {
            handler.onError(error);
        } catch (Throwable e) {
            reportToStandardError(error, e);
        }
    }

    /**
     * Reports an error without its handler, and why. Neither is added to the other as suppressed: a handler may throw
     * the very error that it was given.
     */
    public static void reportToStandardError(Throwable error, Throwable ofHandler) {
        try {
            System.err.println("sendbuffer: the error handler failed");
            ofHandler.printStackTrace(System.err);
            System.err.println("sendbuffer: with this error");
            error.printStackTrace(System.err);
        } catch (Throwable e) {
            return; // no memory or stack for a message: all that is left is to continue
        }
    }
}
