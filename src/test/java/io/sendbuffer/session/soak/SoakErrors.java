/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Faults;
import java.util.Locale;
import java.util.function.Predicate;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * An error handler that knows what may be reported to it, and throws at times. A thread that makes a session of a
 * connection learns here that it could not be made.
 */
final class SoakErrors implements ErrorHandler {
    /** For a thread that accepts: the listener that it got last. */
    private static final ThreadLocal<@Nullable SoakSession> MAKING = new ThreadLocal<>();

    private final String what;
    private final SoakTally tally;
    private final SoakFaults faults;
    private final SoakFault throwing;
    private final SoakFault rethrowing;
    private final Predicate<Throwable> expected;

    private SoakErrors(
            String what,
            SoakTally tally,
            SoakFaults faults,
            SoakFault throwing,
            SoakFault rethrowing,
            Predicate<Throwable> expected) {
        this.what = what;
        this.tally = tally;
        this.faults = faults;
        this.throwing = throwing;
        this.rethrowing = rethrowing;
        this.expected = expected;
    }

    /**
     * Returns the handler of a host. It expects what the soak threw, and that a host that is closed, or died, takes
     * nothing new.
     */
    static SoakErrors ofHost(SoakHost host, SoakTally tally, SoakFaults faults) {
        return new SoakErrors(
                host.name(),
                tally,
                faults,
                SoakFault.ERROR_HANDLER_THROWS,
                SoakFault.ERROR_HANDLER_RETHROWS,
                error -> host.killed(error) || isOfInterrupt(error) || (host.isClosing() && isRefusal(error)));
    }

    private static boolean isOfInterrupt(Throwable error) {
        return error instanceof IllegalStateException
                && String.valueOf(error.getMessage()).matches(".*left (the|its|this) thread.* interrupt.*");
    }

    /** Returns the handler of the pool. */
    static SoakErrors ofPool(SoakTally tally, SoakFaults faults) {
        return new SoakErrors(
                "the pool",
                tally,
                faults,
                SoakFault.POOL_ERROR_HANDLER_THROWS,
                SoakFault.POOL_ERROR_HANDLER_RETHROWS,
                error -> false);
    }

    /** Returns the handler of a log. */
    static SoakErrors ofLog(SoakTally tally, SoakFaults faults) {
        return new SoakErrors(
                "a log",
                tally,
                faults,
                SoakFault.ERROR_HANDLER_THROWS,
                SoakFault.ERROR_HANDLER_RETHROWS,
                error -> false);
    }

    /** Sets the listener of which this thread makes a session next. */
    static void making(SoakSession session) {
        MAKING.set(session);
    }

    /** True for the refusal of sessions, or loops, that are closed. */
    static boolean isRefusal(Throwable error) {
        String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        return error instanceof IllegalStateException
                && (message.contains("closed; use") || message.contains("ended; use"));
    }

    /** True if there was no thread: what the factory threw, or what the library reports of a factory that made none. */
    static boolean isOfThreads(Throwable error) {
        if (error instanceof SoakThrown thrown) {
            return thrown.fault() == SoakFault.THREAD_FACTORY_THROWS || thrown.fault() == SoakFault.THREAD_START_THROWS;
        }
        return error instanceof IllegalStateException
                && String.valueOf(error.getMessage()).contains("thread factory returned null");
    }

    @Override
    public void onError(Throwable error) {
        if (!(error instanceof SoakThrown) && !isOfThreads(error) && !expected.test(error)) {
            tally.fail(new AssertionError(what + " reported", error));
        }
        if (isOfThreads(error) || isRefusal(error)) {
            SoakSession made = MAKING.get();
            MAKING.remove();
            if (made != null) {
                made.notMade(error);
            }
        }
        faults.hit(throwing);
        if (faults.now(rethrowing)) {
            throw Faults.<RuntimeException>sneaky(error);
        }
    }
}
