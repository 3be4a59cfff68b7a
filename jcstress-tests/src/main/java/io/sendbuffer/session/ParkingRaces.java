/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A member that is parked for a refusal, against what ends that. The loop's duty cycles, which also unpark, come only
 * after the race.
 */
public class ParkingRaces {
    @JCStressTest
    @Description("S25: a member that is parked, against the fall of its queue")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "It is visited again, and not parked.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "It is parked for a refusal from before the fall.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It is parked forever, though its queue is empty.")
    @State
    public static class S25_ParkAgainstFall extends FullState {
        private final int unparks = session.unparksVolatile();

        public S25_ParkAgainstFall() {
            requireRefused();
        }

        @Actor
        public void sender() {
            session.memberships.refusedFully(group, refusals, 1, 1, unparks);
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = group.isParkedOpaque(0) ? 1 : 0;
            r.r1 = queue(3);
        }
    }

    /** The drainer unparks when it has left the queue's lock, a moment after the queue is seen to be writable. */
    @JCStressTest
    @Description("S25: a sender that sees a parked member writable, against the fall of its queue")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "It is not writable yet.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It is visited.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "It was seen to be writable, and is not visited.")
    @State
    public static class S25_WritableAgainstFall extends FullState {
        public S25_WritableAgainstFall() {
            queue(2);
        }

        @Actor
        public void sender(I_Result r) {
            r.r1 = session.isWritable() ? queue(3) : -1;
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end() {
            drain();
        }
    }

    /** The new limits have room, but the queue does not fall to their watermark. */
    @JCStressTest
    @Description("S25: a broadcast that is refused, against other limits")
    @Outcome(id = "[01], 1", expect = ACCEPTABLE, desc = "It is visited again.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "It is parked, though nothing was refused under these limits.")
    @State
    public static class S25_ParkAgainstLimits extends FullState {
        private int accepted;

        @Actor
        public void sender() {
            accepted = queue(2);
        }

        @Actor
        public void changer() {
            session.queueLimits(WIDER);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = accepted;
            r.r2 = queue(3);
        }
    }

    @JCStressTest
    @Description("S26: a broadcast to a parked member, against the fall of its queue")
    @Outcome(id = "14, 2", expect = ACCEPTABLE, desc = "It missed the message, which is counted.")
    @Outcome(id = "134, 1", expect = ACCEPTABLE, desc = "It got the message.")
    @Outcome(id = "14, .*", expect = FORBIDDEN, desc = "What it missed is not counted once.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It got and missed others than were sent.")
    @State
    public static class S26_MissedAgainstFall extends FullState {
        public S26_MissedAgainstFall() {
            queue(2);
        }

        @Actor
        public void sender() {
            queue(3);
        }

        @Actor
        public void drainer() {
            drain();
        }

        @Arbiter
        public void end(II_Result r) {
            drain();
            queue(4);
            drain();
            bench.dutyCycle();
            bench.dutyCycle();
            r.r1 = (int) wire.digits();
            r.r2 = refusals.missed.get();
        }
    }

    @JCStressTest
    @Description("S26: a broadcast to a parked member, against another")
    @Outcome(id = "3", expect = ACCEPTABLE, desc = "What it missed is counted.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "What it missed is not counted once.")
    @State
    public static class S26_MissedByTwo extends FullState {
        public S26_MissedByTwo() {
            queue(2);
        }

        @Actor
        public void first() {
            queue(3);
        }

        @Actor
        public void second() {
            queue(4);
        }

        @Arbiter
        public void end(I_Result r) {
            group.remove(session);
            bench.dutyCycle();
            bench.dutyCycle();
            r.r1 = refusals.missed.get();
        }
    }

    @JCStressTest
    @Description("S27: a member that is parked, against its leaving")
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Nothing is left of it.")
    @Outcome(id = "1", expect = FORBIDDEN, desc = "Its slot, which may be another's soon, says that it is parked.")
    @State
    public static class S27_ParkAgainstLeave extends FullState {
        private final int unparks = session.unparksVolatile();

        public S27_ParkAgainstLeave() {
            requireRefused();
        }

        @Actor
        public void sender() {
            session.memberships.refusedFully(group, refusals, 1, 1, unparks);
        }

        @Actor
        public void leaver() {
            group.remove(session);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = group.hasParkedOpaque() ? 1 : 0;
        }
    }

    /** There is no slot for the ninth member, so the others' slots are copied. */
    @JCStressTest
    @Description("S27: a member that is parked, against a join for which the slots are copied")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "Broadcasts know that it is parked.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "The slots that are walked from now on do not say that it is parked.")
    @State
    public static class S27_ParkAgainstCopy extends FullState {
        private final Session newcomer = bench.session(DigitWire.whole());
        private final int unparks;

        public S27_ParkAgainstCopy() {
            for (int i = 1; i < 8; i++) {
                group.add(bench.session(DigitWire.whole()));
            }
            refill();
            unparks = session.unparksVolatile();
            requireRefused();
        }

        @Actor
        public void sender() {
            session.memberships.refusedFully(group, refusals, 1, 1, unparks);
        }

        @Actor
        public void adder() {
            group.add(newcomer);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = group.isParkedOpaque(0) ? 1 : 0;
        }
    }

    /** Counts what is reported as missed. */
    static final class Refusals implements RefusalListener {
        private final AtomicInteger missed = new AtomicInteger();

        @Override
        public void onRefused(Session session) {
            // The end says how much.
        }

        @Override
        public void onRefusalsEnded(Session session, long missedMessages, long missedBytes) {
            missed.addAndGet((int) missedMessages);
        }
    }

    /** The one member of a group, whose queue has room for one message and holds it: the digit 1. */
    abstract static class FullState {
        static final QueueLimits WIDER = QueueLimits.DEFAULT.withMaxQueuedMessages(4);

        final Bench bench = Bench.withRoomForOne();
        final DigitWire wire = DigitWire.whole();
        final Refusals refusals = new Refusals();
        final Session session = bench.session(new WireChannel(wire), new Witness());
        final SessionGroup group = new SessionGroup(refusals);

        FullState() {
            group.add(session);
            refill();
        }

        final void refill() {
            drain();
            queue(1);
        }

        /** Broadcasts a digit; returns how many members accepted it. */
        final int queue(int digit) {
            SendBuffer message = bench.pool.alone(digit);
            int accepted = group.queue(message);
            message.release();
            return accepted;
        }

        final void requireRefused() {
            SendBuffer message = bench.pool.alone(2);
            if (session.queue(message) == OfferResult.QUEUED) {
                throw new AssertionError("there is room");
            }
            message.release();
        }

        /** Writes what is queued, without a callback. */
        final void drain() {
            session.queue.flush((GatheringByteChannel) session.channel());
        }
    }
}
