/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Faults;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Session;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** What the callbacks of one session do: reply, broadcast, close and abort themselves, others and their host, throw. */
final class SoakCallbacks {
    private static final int MAX_CLOSE_MILLIS = 100;

    private final SoakSession session;
    private final SoakPopulation population;
    private final SoakTally tally;
    private final SoakFaults faults;

    /** Owned by the callbacks, which run one at a time. */
    private final SplittableRandom random;

    private final Frames.Writer replies;

    /** The number of the last reply that was offered. */
    final AtomicLong repliesReturned = new AtomicLong(SoakExpectation.NONE);

    SoakCallbacks(SoakSession session, SoakPopulation population, SplittableRandom random) {
        this.session = session;
        this.population = population;
        this.tally = population.tally;
        this.faults = population.faults;
        this.random = random;
        this.replies = new Frames.Writer(population.pool, SoakGroups.REPLIES, random.nextLong());
    }

    boolean keepsOpenAfterInput() {
        return random.nextInt(3) > 0;
    }

    /** Within onOpened and onReceived: what they do besides their own work, possibly a throw at the end. */
    void misbehave(Session itself, SoakFault throwing) {
        if (faults.now(SoakFault.CALLBACK_CLOSES)) {
            session.close(itself);
        }
        if (faults.now(SoakFault.CALLBACK_CLOSES_SOON)) {
            session.close(itself, Duration.ofMillis(1 + random.nextInt(MAX_CLOSE_MILLIS)));
        }
        if (faults.now(SoakFault.CALLBACK_ABORTS)) {
            session.abort(itself);
        }
        endAnother();
        if (faults.now(SoakFault.CALLBACK_BROADCASTS)) {
            population.farewells.broadcast();
        }
        if (faults.now(SoakFault.CALLBACK_APPENDS)) {
            population.logs.append(random);
        }
        if (faults.now(SoakFault.CALLBACK_CLOSES_ITS_HOST)) {
            session.host.closeAll();
        }
        if (!session.host.isClosing() && faults.now(SoakFault.CALLBACK_INTERRUPTS)) {
            session.isInterrupted = true;
            session.host.beInterrupted();
        }
        maybeThrow(throwing); // after the end, without effect
    }

    /** Within onClosed: broadcasts that the session left. */
    void sayFarewell() {
        endAnother();
        if (faults.now(SoakFault.ON_CLOSED_BROADCASTS)) {
            population.farewells.broadcast();
        }
        if (random.nextInt(100) == 0 && faults.now(SoakFault.CALLBACK_CLOSES_ITS_HOST)) {
            session.host.closeAll();
        }
    }

    private void endAnother() {
        SoakSession another = population.any(random);
        Session victim = another == null ? null : another.session();
        if (another == null || victim == null) {
            return;
        }
        if (faults.now(SoakFault.CALLBACK_CLOSES_ANOTHER)) {
            another.close(victim);
        } else if (faults.now(SoakFault.CALLBACK_ABORTS_ANOTHER)) {
            another.abort(victim);
        }
    }

    /** Throws, at times, an error that then explains the end of the session. */
    void maybeThrow(SoakFault fault) {
        if (faults.now(fault)) {
            throw Faults.<RuntimeException>sneaky(session.explain(faults.make(fault)));
        }
    }

    void reply(Session itself) {
        if (random.nextInt(4) > 0) {
            return;
        }
        try (SendBuffer message = population.ask(false, replies::next, replies::tryNext)) {
            if (message == null) {
                return;
            }
            tally.sent.increment();
            SoakSender.offer(
                    session,
                    message.onRelease(population.releases),
                    SoakGroups.REPLIES,
                    replies.lastSequence(),
                    itself::send);
            repliesReturned.set(replies.lastSequence());
        }
    }
}
