/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.KindHost;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.SendLoopGroup;
import io.sendbuffer.session.SessionInternals;
import io.sendbuffer.session.SessionKind;
import io.sendbuffer.session.WriteMode;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A group of loops that die, one by one or all at once: of a closed selector, or of Errors in each duty cycle. */
final class SoakLoops {
    private static final int LOOPS = 3;
    private static final int RECEIVE_BUFFER = 4 << 10;

    /** For this long after a loop was killed, its sessions may not have been written. */
    private static final long FAILING_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SoakTally tally;
    private final SoakFaults faults;
    private final WriteMode mode;
    private final List<SoakSelector> selectors = new ArrayList<>();
    private final Set<Throwable> deaths = ConcurrentHashMap.newKeySet();
    private final Set<SendLoop> ended = ConcurrentHashMap.newKeySet();
    private final List<SendLoop> loops = new ArrayList<>();
    private volatile long killedAtNanos = System.nanoTime() - FAILING_NANOS;

    /** Guarded by this. */
    private int killed;

    SoakLoops(SoakTally tally, SoakFaults faults, WriteMode mode) {
        this.tally = tally;
        this.faults = faults;
        this.mode = mode;
    }

    KindHost start(SessionKind kind, HostSettings settings) throws IOException {
        for (int i = 0; i < LOOPS; i++) {
            SoakSelector selector = new SoakSelector(faults);
            SendLoop.Builder builder = settings.applyTo(SendLoop.builder()
                    .writeMode(mode)
                    .maxSelectTime(Duration.ofMillis(20))
                    .onEnded((loop, cause) -> onEnded(loop, cause, selector)));
            selectors.add(selector);
            loops.add(SessionInternals.loopOver(builder, "send-loop-dying-" + i, selector, RECEIVE_BUFFER));
        }
        SendLoopGroup group = SessionInternals.groupOf(loops);
        return new KindHost(
                kind,
                settings,
                (connection, listener) -> group.add(connection.socket(), listener),
                group::connect,
                (address, listeners) -> group.listen(SessionKind.serverAt(address), listeners),
                group::sessionCount,
                group::close);
    }

    private void onEnded(SendLoop loop, @Nullable Throwable cause, SoakSelector selector) {
        tally.require(ended.add(loop), "onEnded was called twice for a loop");
        tally.require(cause == null || cause == selector.death(), "a loop reports another cause than what killed it");
        tally.require(loop.isClosed(), "onEnded was called before the end of a loop");
        faults.hit(SoakFault.ON_ENDED_THROWS);
    }

    /** Kills one loop at times; all but the last one may die this way. */
    synchronized boolean killOne(SplittableRandom random) {
        if (killed >= LOOPS - 1) {
            return false;
        }
        if (faults.now(SoakFault.LOOP_DIES_AT_ONCE)) {
            kill(random, new ClosedSelectorException());
        } else if (faults.now(SoakFault.LOOP_DIES_OF_ERRORS)) {
            kill(random, faults.make(SoakFault.LOOP_DIES_OF_ERRORS));
        } else {
            return false;
        }
        return true;
    }

    private void kill(SplittableRandom random, Throwable cause) {
        SoakSelector chosen = selectors.get(random.nextInt(LOOPS));
        while (chosen.death() != null) {
            chosen = selectors.get(random.nextInt(LOOPS));
        }
        die(chosen, cause);
    }

    synchronized void killAll() {
        for (SoakSelector selector : selectors) {
            if (selector.death() == null) {
                die(selector, new ClosedSelectorException());
            }
        }
    }

    private void die(SoakSelector selector, Throwable cause) {
        deaths.add(cause);
        killed++;
        killedAtNanos = System.nanoTime();
        selector.die(cause);
    }

    /** True when so few loops are left that a new group should be made. */
    synchronized boolean areFew() {
        return killed >= LOOPS - 1;
    }

    /** True when none of them takes anything any more, or soon will not. */
    synchronized boolean areAllKilled() {
        return killed == LOOPS;
    }

    /** True for what a loop died of. */
    boolean killedBy(Throwable why) {
        return deaths.contains(why);
    }

    /** True if a loop was killed recently: a failing loop writes nothing until it is dead. */
    boolean wereFailing() {
        return System.nanoTime() - killedAtNanos < FAILING_NANOS;
    }

    /** Called after the close. */
    void requireEnded() {
        tally.require(ended.size() == LOOPS, "the end of " + (LOOPS - ended.size()) + " loops was never notified");
        for (int i = 0; i < LOOPS; i++) {
            tally.require(SessionInternals.isEnded(loops.get(i)), "a loop keeps running");
            tally.require(
                    SessionInternals.causeOfEnd(loops.get(i)) == null
                            || SessionInternals.causeOfEnd(loops.get(i))
                                    == selectors.get(i).death(),
                    "a loop names another cause than that of its death");
            tally.require(!selectors.get(i).isOpen(), "the selector of a loop that ended is open");
        }
    }
}
