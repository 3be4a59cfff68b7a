/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Throws at the n-th call of one edge: a place where the library calls user code, a channel, a selector or the JVM.
 * Counts the calls of every edge, so that a test can continue with n + 1 until a run has fewer calls. Thread-safe.
 */
public final class Faults {
    /** An edge: what the library calls. */
    enum Edge {
        LISTENER_FACTORY,
        ON_OPENED,
        ON_RECEIVED,
        ON_INPUT_ENDED,
        ON_CLOSED,
        ON_WRITABLE,
        ON_DRAINED,
        ON_REFUSED,
        ON_REFUSALS_ENDED,
        ON_RELEASE,
        POOL_ERROR_HANDLER,
        ERROR_HANDLER,
        ON_ENDED,
        THREAD_FACTORY,
        THREAD_START,
        LOOP_START,
        OPENER_START,
        WATCH_START,
        CLOCK_FACTORY,
        CLOCK_START,
        DELIVERY_FACTORY,
        DELIVERY_START,
        ENDS_FACTORY,
        ENDS_START,
        EXECUTOR_FACTORY,
        EXECUTOR_START,
        DIRECT_MEMORY,
        OPEN_SELECTOR,
        OPEN_SOCKET,
        SELECT,
        WAKEUP,
        SELECTOR_CLOSE,
        REGISTER,
        INTEREST,
        ACCEPT,
        CONFIGURE,
        SUPPORTED_OPTIONS,
        SET_OPTION,
        IS_OPEN,
        LOCAL_ADDRESS,
        CONNECT,
        FINISH_CONNECT,
        PEER,
        READ,
        WRITE,
        SHUTDOWN,
        CLOSE
    }

    /** What is thrown: what the JVM throws, and what hostile code throws. */
    enum Thrown {
        OUT_OF_MEMORY,
        STACK_OVERFLOW,
        ERROR,
        UNCHECKED_EXCEPTION,
        IO_EXCEPTION,
        CLOSED_SELECTOR;

        Throwable get() {
            return switch (this) {
                case OUT_OF_MEMORY -> new OutOfMemoryError("Java heap space, on purpose");
                case STACK_OVERFLOW -> new StackOverflowError("on purpose");
                case ERROR -> new Error("on purpose");
                case UNCHECKED_EXCEPTION -> new IllegalStateException("on purpose");
                case IO_EXCEPTION -> new IOException("on purpose");
                case CLOSED_SELECTOR -> new ClosedSelectorException();
            };
        }
    }

    /** The faults that may be thrown anywhere. */
    static final List<Thrown> UNCHECKED =
            List.of(Thrown.OUT_OF_MEMORY, Thrown.STACK_OVERFLOW, Thrown.ERROR, Thrown.UNCHECKED_EXCEPTION);

    private final Map<Edge, AtomicInteger> calls = new EnumMap<>(Edge.class);
    private final AtomicBoolean thrown = new AtomicBoolean();
    private final @Nullable Edge edge;
    private final int number;
    private final @Nullable Throwable fault;

    private Faults(@Nullable Edge edge, int number, @Nullable Throwable fault) {
        this.edge = edge;
        this.number = number;
        this.fault = fault;
        for (Edge each : Edge.values()) {
            calls.put(each, new AtomicInteger());
        }
    }

    /** Returns faults of which none is thrown. */
    static Faults none() {
        return new Faults(null, 0, null);
    }

    /** Returns a fault that the call with this number throws, 1 for the first. */
    static Faults at(Edge edge, int number, Throwable fault) {
        return new Faults(edge, number, fault);
    }

    /** Counts a call, and throws if it is the chosen one. */
    void hit(Edge called) {
        if (call(called).incrementAndGet() == number && called == edge && fault != null) {
            thrown.set(true);
            throw Faults.<RuntimeException>sneaky(fault);
        }
    }

    private AtomicInteger call(Edge called) {
        AtomicInteger count = calls.get(called);
        if (count == null) {
            throw new AssertionError(called);
        }
        return count;
    }

    int calls(Edge called) {
        return call(called).get();
    }

    /** True if the outcome is what this throws, or was caused by it. */
    boolean isBehind(Throwable outcome) {
        for (Throwable at = outcome; at != null; at = at.getCause()) {
            if (at == fault || List.of(at.getSuppressed()).contains(fault)) {
                return true;
            }
        }
        return false;
    }

    /** True if the run reached the call that throws. */
    boolean wasThrown() {
        return thrown.get();
    }

    @Override
    public String toString() {
        return edge == null ? "no fault" : fault + " at call " + number + " of " + edge;
    }

    /** Throws a checked exception where none is declared, as hostile code can. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
