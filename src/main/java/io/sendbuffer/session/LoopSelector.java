/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The selector of a loop: where the loop serves its channels, sleeps and is woken. A wake-up is a system call, so a
 * thread that brings work makes it only when the loop may sleep, and of several threads only one.
 *
 * <p>The loop and a thread that brings work each write first, and then read what the other one writes:
 *
 * <pre>{@code
 * the loop, before it sleeps            a thread that brings work
 * 1. asleep = true                      a. adds to the list
 * 2. is there work on the list?         b. is the loop asleep?
 *    no: sleeps in the selector            yes: wakes it
 * }</pre>
 *
 * <p>All four are volatile accesses, so there is one order of them that every thread agrees on, and it keeps 1 before 2
 * and a before b. If 2 misses the work, it comes before a in that order; then 1 comes before b, and b sees the loop
 * asleep. So one of the two sees the other, and no work waits for a loop that sleeps. A weaker store in 1 or a would
 * not do: the read that follows could overtake it, and both could miss the other.
 *
 * <p>The wake-up need not find the loop in the selector yet: the selector keeps it for the next select. What a thread
 * wrote before a happens-before all that the loop does after it has taken the work from the list. The flag itself
 * publishes nothing.
 */
final class LoopSelector {
    private static final VarHandle ASLEEP = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "asleep", VarHandle.class, LoopSelector.class, boolean.class);

    private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final SendLoop loop;
    private final Selector selector;
    private final LoopSessions sessions;
    private final ByteBuffer receiveBuffer;
    private final ReadTurns readTurns = new ReadTurns();
    private final Consumer<SelectionKey> onReady = this::onReady;

    @SuppressWarnings("unused")
    private boolean asleep;

    LoopSelector(SendLoop loop, Selector selector, LoopSessions sessions, ByteBuffer receiveBuffer) {
        this.loop = loop;
        this.selector = selector;
        this.sessions = sessions;
        this.receiveBuffer = receiveBuffer;
    }

    /** For channels to be registered with. */
    Selector selector() {
        return selector;
    }

    // ---- the loop's thread

    /** Serves the channels that are ready; waits for one, for other work or for a clock if there is none. */
    int select(long maxNanos) throws IOException {
        int count = readTurns.begin(receiveBuffer);
        boolean mayWait = maxNanos != 0 && !readTurns.isAnyWaiting();
        return count + selectReady(mayWait ? loop.tasks().nanosToSleep(sessions.nanosToSleep(maxNanos)) : 0);
    }

    private int selectReady(long maxNanos) throws IOException {
        if (maxNanos == 0 || loop.hasWork()) {
            return selector.selectNow(onReady);
        }
        setAsleepVolatile(true);
        try {
            // Look once more: a thread that added work before it saw the loop asleep has not woken it.
            return loop.hasWork() ? selector.selectNow(onReady) : selector.select(onReady, ceilToMillis(maxNanos));
        } finally {
            setAsleepVolatile(false);
        }
    }

    private static long ceilToMillis(long nanos) {
        return (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
    }

    /** For a session that may read though its channel is not ready. */
    void readAgain(LoopSession session) {
        readTurns.readAgain(session);
    }

    private void onReady(SelectionKey key) {
        if (asleepPlain()) {
            setAsleepVolatile(false); // what a callback adds is found without a wake-up
        }
        if (key.attachment() instanceof LoopSession session) {
            session.onReady(receiveBuffer, readTurns);
        } else if (key.attachment() instanceof Acceptor acceptor) {
            acceptor.onReady();
        }
    }

    void close() throws IOException {
        selector.close();
    }

    // ---- any thread

    /** After work was added. */
    void wakeUpIfAsleep() {
        if (asleepVolatile() && ASLEEP.compareAndSet(this, true, false)) {
            wakeUp();
        }
    }

    /** An Error here is not the sender's: the loop finds what waits for it when its select time is over. */
    void wakeUp() {
        try {
            selector.wakeup();
        } catch (Throwable e) {
            loop.report(e);
        }
    }

    boolean asleepVolatile() {
        return (boolean) ASLEEP.getVolatile(this);
    }

    /** On the loop's thread, which alone sets it: at worst it is set again to what another thread cleared it to. */
    private boolean asleepPlain() {
        return asleep;
    }

    private void setAsleepVolatile(boolean value) {
        ASLEEP.setVolatile(this, value);
    }
}
