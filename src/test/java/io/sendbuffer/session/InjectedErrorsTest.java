/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Threads;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any error at any call that the library makes: to user code, to a channel, to a selector, for memory, for a thread.
 * The short life of a small server runs again and again; in run n, the n-th call of one edge throws, until a run has
 * fewer calls. After each run: each accepted session was notified once, nothing is outstanding, no thread, selector or
 * socket is left, and either the server keeps running or it ended in order and refuses new sessions.
 */
@Timeout(120)
class InjectedErrorsTest {
    /**
     * For edges that are called throughout a run: once in each turn of a loop, or at each check of a clock. Further
     * turns are like those before.
     */
    private static final int MAX_CALLS_OF_TURNS = 30;

    /** No run has this many calls of any other edge. */
    private static final int MAX_CALLS = 400;

    /** The number of concurrent runs, for odd and for even call numbers: they wait more than they work. */
    private static final int LANES = 2;

    static Stream<Arguments> edges() {
        return Stream.of(InjectedKind.values())
                .filter(InjectedKind::isAvailable)
                .flatMap(kind -> Stream.of(Faults.Edge.values())
                        .filter(edge -> isMet(kind, edge))
                        .map(edge -> Arguments.of(kind, edge)));
    }

    private static boolean isMet(InjectedKind kind, Faults.Edge edge) {
        return switch (edge) {
            case SELECT,
                    WAKEUP,
                    SELECTOR_CLOSE,
                    REGISTER,
                    INTEREST,
                    FINISH_CONNECT,
                    OPEN_SELECTOR,
                    LOOP_START,
                    ON_ENDED -> kind.isLoop();
            case CONFIGURE -> kind != InjectedKind.ASYNC;
            case CLOCK_FACTORY, CLOCK_START, DELIVERY_FACTORY, DELIVERY_START, ENDS_FACTORY, ENDS_START ->
                !kind.isLoop();
            case EXECUTOR_FACTORY, OPENER_START, WATCH_START -> kind == InjectedKind.ASYNC;
            case EXECUTOR_START -> kind == InjectedKind.ASYNC && executorsCallStart();
            case IS_OPEN -> kind == InjectedKind.ASYNC || kind == InjectedKind.BLOCKING_CHANNEL;
            case THREAD_FACTORY -> kind.isBlocking();
            case THREAD_START -> kind.isBlocking() && kind != InjectedKind.BLOCKING_VIRTUAL; // no subclass is possible
            default -> true;
        };
    }

    /** Later JDKs start the threads of an executor without a call that a test could override. */
    private static boolean executorsCallStart() {
        return JRE.currentJre().compareTo(JRE.JAVA_17) <= 0;
    }

    private static int maxCalls(Faults.Edge edge) {
        return switch (edge) {
            case SELECT, WAKEUP, IS_OPEN -> MAX_CALLS_OF_TURNS;
            default -> MAX_CALLS;
        };
    }

    /** One for each way to be caught: as an Error of the JVM, as another Error, and as an exception. */
    private static List<Faults.Thrown> thrownBy(Faults.Edge edge) {
        Faults.Thrown third =
                edge == Faults.Edge.SELECT ? Faults.Thrown.CLOSED_SELECTOR : Faults.Thrown.UNCHECKED_EXCEPTION;
        return List.of(Faults.Thrown.OUT_OF_MEMORY, Faults.Thrown.ERROR, third);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("edges")
    void shouldContainItOrEndInOrder(InjectedKind kind, Faults.Edge edge) {
        List<Faults.Thrown> thrown = thrownBy(edge);
        Threads.runTogether(
                thrown.size() * LANES, i -> throwAtEachCall(kind, edge, thrown.get(i / LANES), 1 + i % LANES));
    }

    private static void throwAtEachCall(InjectedKind kind, Faults.Edge edge, Faults.Thrown thrown, int from)
            throws Exception {
        int max = maxCalls(edge);
        int number = from;
        while (number <= max && throwsAt(kind, edge, number, thrown.get())) {
            number += LANES;
        }
        assertTrue(from > 1 || number > 1, () -> kind + " never calls " + edge);
        assertTrue(number < MAX_CALLS, () -> kind + " calls " + edge + " forever: say why, and give it a bound");
    }

    private static boolean throwsAt(InjectedKind kind, Faults.Edge edge, int number, Throwable fault) throws Exception {
        Faults faults = Faults.at(edge, number, fault);
        try {
            return new InjectedLife(kind, faults, edge).live();
        } catch (AssertionError e) {
            throw new AssertionError(kind + ", " + faults, e);
        }
    }
}
