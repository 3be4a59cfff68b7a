/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Messages with a key, a class or a time: one that replaces another, that uses the reserve, that expires. */
public class ConflationRaces {
    private static final QueueLimits ONE_BYTE = new QueueLimits(1, 1, 4, 4).withControlReserve(1, 1);

    /** A queue of one message of two digits, 1 and 2, and a newer one of the same key, 3. */
    abstract static class ReplacedState extends QueueState {
        final SendBuffer older = pool.alone(1, 2).conflate(7);
        final SendBuffer newer = pool.alone(3).conflate(7);

        ReplacedState(Conflation conflation) {
            super(new SendQueue(), DigitWire.taking(1));
            queue.conflation(conflation);
            queue.offer(older);
            older.release();
        }

        final void offerNewer() {
            calls.run(() -> queue.offer(newer));
            newer.release();
        }

        final void writeAll() {
            while (queue.flush(wire) == FlushResult.BLOCKED) {}
        }
    }

    @JCStressTest
    @Description("Q26: a send that replaces what waits against a flush that is cut")
    @Outcome(id = "123, 2, 0", expect = ACCEPTABLE, desc = "The older one was in the write, and both are written.")
    @Outcome(id = "3, 2, 0", expect = ACCEPTABLE, desc = "It was replaced.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message that was begun is cut, one is missing, or was never released.")
    @State
    public static class Q26_ReplacedOrWritten extends ReplacedState {
        public Q26_ReplacedOrWritten() {
            super(Conflation.inPlace());
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            offerNewer();
        }

        @Arbiter
        public void end(III_Result r) {
            writeAll();
            showFreesAndQueued(r);
        }
    }

    @JCStressTest
    @Description("Q26: a send that goes to the end in place of what waits against a flush that is cut")
    @Outcome(id = "123, 2, 0", expect = ACCEPTABLE, desc = "The older one was in the write, and both are written.")
    @Outcome(id = "3, 2, 0", expect = ACCEPTABLE, desc = "It was replaced.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was released twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message that was begun is cut, one is missing, or was never released.")
    @State
    public static class Q26_MovedOrWritten extends ReplacedState {
        public Q26_MovedOrWritten() {
            super(Conflation.atEnd());
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            offerNewer();
        }

        @Arbiter
        public void end(III_Result r) {
            writeAll();
            showFreesAndQueued(r);
        }
    }

    @JCStressTest
    @Description("Q26: a send that replaces what waits against a close")
    @Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "Both came back.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was replaced, and released by the close.")
    @Outcome(expect = FORBIDDEN, desc = "A message never came back.")
    @State
    public static class Q26_ReplacedAgainstClose extends ReplacedState {
        public Q26_ReplacedAgainstClose() {
            super(Conflation.inPlace());
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Actor
        public void sender() {
            offerNewer();
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    /** A message without a key is first, then one with a key: 5, 1. The newer one is 3, and the notice 9. */
    @JCStressTest
    @Description("Q24: a notice of what a send replaces against a flush")
    @Outcome(id = "513, 3", expect = ACCEPTABLE, desc = "All are written, and there is nothing to say.")
    @Outcome(id = "593, 4", expect = ACCEPTABLE, desc = "The notice is where the older one was.")
    @Outcome(id = "53, .*", expect = FORBIDDEN, desc = "The older one is missing, and no notice is there.")
    @Outcome(expect = FORBIDDEN, desc = "A notice is elsewhere, or comes twice.")
    @State
    public static class Q24_NoticeIsWhereAMessageWasReplaced extends QueueState {
        private final SendBuffer older = pool.alone(1).conflate(7);
        private final SendBuffer newer = pool.alone(3).conflate(7);

        public Q24_NoticeIsWhereAMessageWasReplaced() {
            queue.conflation(Conflation.inPlace().withNotice(gap -> pool.alone(9)));
            offerAlone(5);
            queue.offer(older);
            older.release();
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            queue.offer(newer);
            newer.release();
        }

        @Arbiter
        public void end(II_Result r) {
            queue.flush(wire);
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
        }
    }

    @JCStressTest
    @Description("Q27: two control messages, and room for one in the reserve of a queue that is full")
    @Outcome(id = "[12], 1, 2", expect = ACCEPTABLE, desc = "One of them has it.")
    @Outcome(expect = FORBIDDEN, desc = "Both were taken, or none.")
    @State
    public static class Q27_ReserveIsStrict extends QueueState {
        private final SendBuffer first = pool.alone(1).messageClass(MessageClass.CONTROL);
        private final SendBuffer second = pool.alone(2).messageClass(MessageClass.CONTROL);
        private int firstRefused;
        private int secondRefused;

        public Q27_ReserveIsStrict() {
            super(new SendQueue(ONE_BYTE), DigitWire.whole());
            offerAlone(0);
        }

        @Actor
        public void oneSender() {
            firstRefused = Offers.digitOf(queue.offer(first));
        }

        @Actor
        public void anotherSender() {
            secondRefused = Offers.digitOf(queue.offer(second));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = queue.queuedMessages();
            queue.flush(wire);
            r.r1 = (int) wire.digits();
            r.r2 = firstRefused + secondRefused;
            first.release();
            second.release();
        }
    }

    @JCStressTest
    @Description("Q28: a flush that drops what has expired against a close")
    @Outcome(id = "[02], 2, 0", expect = ACCEPTABLE, desc = "It came back once, dropped or not.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was dropped and released by the close.")
    @Outcome(expect = FORBIDDEN, desc = "A message that has expired was written, or one never came back.")
    @State
    public static class Q28_ExpiredAgainstClose extends QueueState {
        public Q28_ExpiredAgainstClose() {
            SendBuffer expired = pool.alone(1);
            expired.expiresAt(AttributedSlice.nowMillis() - 1);
            queue.offer(expired);
            expired.release();
            offerAlone(2);
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    /** A full queue: 1, behind it a message that has expired, and an offer that needs the room of that. */
    abstract static class ReclaimedState extends QueueState {
        private final SendBuffer more = pool.alone(3);

        ReclaimedState() {
            super(new SendQueue(new QueueLimits(2, 2, 4, 4)), DigitWire.whole());
            offerAlone(1);
            SendBuffer expired = pool.alone(2);
            expired.expiresAt(AttributedSlice.nowMillis() - 1);
            queue.offer(expired);
            expired.release();
        }

        final void offerMore() {
            calls.run(() -> queue.offer(more));
            more.release();
        }
    }

    @JCStressTest
    @Description("Q28: a send that takes the room of what has expired behind another message, against a close")
    @Outcome(id = "0, 3, 0", expect = ACCEPTABLE, desc = "It came back once, whoever took it out.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was taken out and released by the close.")
    @Outcome(expect = FORBIDDEN, desc = "A message never came back.")
    @State
    public static class Q28_ReclaimedAgainstClose extends ReclaimedState {
        @Actor
        public void sender() {
            offerMore();
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    @JCStressTest
    @Description("Q28: a send that takes the room of what has expired behind another message, against a flush")
    @Outcome(id = "13, 3, 0", expect = ACCEPTABLE, desc = "There was room, by the send or by the flush.")
    @Outcome(id = "1, 3, 0", expect = ACCEPTABLE, desc = "The flush took it out after the send had found no room.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "A message was taken out twice.")
    @Outcome(expect = FORBIDDEN, desc = "A message that has expired was written, or another one is missing.")
    @State
    public static class Q28_ReclaimedOrLeftOut extends ReclaimedState {
        @Actor
        public void sender() {
            offerMore();
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            showFreesAndQueued(r);
        }
    }
}
