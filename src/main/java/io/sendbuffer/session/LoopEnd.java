/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a loop, in steps that each run whatever the others throw. Owned by the thread that runs the loop. A thread
 * that is cut off by an Error continues at the step that was next when it comes to the end again.
 */
final class LoopEnd {
    private static final long CLOSING_SELECT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long WAIT_FOR_OTHERS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MAX_WAIT_FOR_OTHERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SendLoop loop;
    private final LoopSelector selector;
    private final LoopSessions sessions;
    private final BiConsumer<? super SendLoop, ? super @Nullable Throwable> onEnded;

    /** In order. Made with the loop, since there may be no memory for any of it later. */
    private final Step[] steps;

    private int nextStep;
    private boolean running;
    private long startNanos;
    private long maxWaitForOthersNanos = MAX_WAIT_FOR_OTHERS_NANOS;
    private boolean onEndedCalled;

    LoopEnd(
            SendLoop loop,
            LoopSelector selector,
            LoopSessions sessions,
            LoopAcceptors acceptors,
            Stragglers stragglers,
            BiConsumer<? super SendLoop, ? super @Nullable Throwable> onEnded) {
        this.loop = loop;
        this.selector = selector;
        this.sessions = sessions;
        this.onEnded = onEnded;
        this.steps = new Step[] {
            loop.tasks()::close,
            acceptors::giveUp,
            this::closeSessions,
            this::endSessions,
            this::awaitEnds,
            loop.logs()::close, // before another thread may end a session
            loop::runNoMore,
            this::endSessions,
            acceptors::giveLastUp,
            stragglers::endAll,
            selector::close,
            this::callOnEnded
        };
    }

    /** Run again if it throws an Error of the JVM. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    boolean isBegun() {
        return nextStep > 0 || running;
    }

    boolean isOver() {
        return nextStep == steps.length;
    }

    /**
     * Takes the steps that are left. A callback of a session that ends here may close the loop: no step begins twice.
     */
    void carryOut() {
        if (running || isOver()) {
            return;
        }
        if (!isBegun()) {
            startNanos = System.nanoTime();
        }
        running = true;
        try {
            loop.refuseNew();
            while (nextStep < steps.length) {
                run(steps[nextStep]);
                nextStep++;
            }
        } finally {
            running = false;
        }
    }

    /** What the JVM throws, for want of memory for instance, may be over soon: the step continues with what is left. */
    private void run(Step step) {
        for (int tries = 1; tries <= LoopFailures.MAX_IN_A_ROW; tries++) {
            try {
                step.run();
                return;
            } catch (Throwable e) {
                loop.report(e);
                if (!(e instanceof VirtualMachineError)) {
                    return;
                }
            }
            LoopFailures.pauseAfter(tries);
        }
    }

    private void closeSessions() throws IOException {
        if (loop.causeOfEnd() != null) {
            return;
        }
        long max = loop.settings().closeTimeout().toNanos();
        loop.servePending(); // newcomers become known to the selector
        sessions.closeAll();
        loop.servePending();
        while (loop.sessionCount() > 0
                && System.nanoTime() - startNanos < max
                && !Thread.currentThread().isInterrupted()) {
            loop.logs().endTurns();
            selector.select(CLOSING_SELECT_NANOS);
            loop.servePending();
            loop.logs().serve();
            sessions.watch();
        }
    }

    private void endSessions() {
        sessions.endAll(loop.causeOfEnd());
    }

    /** For race tests, which have no time to wait: what comes too late is theirs to show. Before the loop runs. */
    void waitForOthersAtMost(long nanos) {
        maxWaitForOthersNanos = nanos;
    }

    /** Other threads may be about to add or to end sessions: the last callbacks of these are the loop's, too. */
    private void awaitEnds() {
        long start = System.nanoTime();
        loop.servePending();
        while (loop.sessionCount() > 0 && System.nanoTime() - start < maxWaitForOthersNanos) {
            endSessions();
            loop.servePending();
            LockSupport.parkNanos(WAIT_FOR_OTHERS_NANOS);
        }
    }

    private void callOnEnded() {
        if (!onEndedCalled) {
            onEndedCalled = true;
            onEnded.accept(loop, loop.causeOfEnd());
        }
    }
}
