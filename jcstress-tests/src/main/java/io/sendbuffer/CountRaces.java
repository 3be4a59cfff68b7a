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

/** What a queue reports about itself: its losses at its end, and its progress. */
public class CountRaces {
    private static final QueueLimits TWO_BYTES = QueueLimits.DEFAULT.withMaxBytesPerWrite(2);

    /** Each byte is a digit, so the wire shows how many it took. */
    private static int bytesOn(DigitWire wire) {
        long digits = wire.digits();
        return digits == 0 ? 0 : Long.toString(digits).length();
    }

    /** The close finds the drain before, in, between or after its writes; a write ends within a message. */
    @JCStressTest
    @Description("Q20: flush against close: what was written and what was lost is what was accepted")
    @Outcome(
            id = "4, 2, 0",
            expect = ACCEPTABLE,
            desc = "Every byte and every message was written or is counted as lost.")
    @Outcome(id = "[^4].*, .*, .*", expect = FORBIDDEN, desc = "A byte is counted twice, or not at all.")
    @Outcome(id = ".*, [^2].*, .*", expect = FORBIDDEN, desc = "A message is counted twice, or not at all.")
    @Outcome(id = ".*, .*, [^0].*", expect = FORBIDDEN, desc = "The progress is not what the channel took.")
    @State
    public static class Q20_WrittenOrCountedAsLost extends QueueState {

        public Q20_WrittenOrCountedAsLost() {
            super(new SendQueue(TWO_BYTES), DigitWire.whole());
            for (SendBuffer message : new SendBuffer[] {pool.alone(1), pool.alone(2, 3, 4)}) {
                queue.offer(message);
                message.release();
            }
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
            int written = bytesOn(wire);
            int messages = written == 4 ? 2 : written > 0 ? 1 : 0;
            r.r1 = calls.threw() ? -1 : written + (int) queue.unwrittenBytes();
            r.r2 = messages + queue.unwrittenMessages();
            r.r3 = (int) queue.bytesWritten() - written;
        }
    }

    /** One thread watches the progress of a drain by another. */
    @JCStressTest
    @Description("Q21: progress against a flush of two writes")
    @Outcome(
            id = {"0, 0, 4", "0, 2, 4", "0, 4, 4", "2, 2, 4", "2, 4, 4", "4, 4, 4"},
            expect = ACCEPTABLE,
            desc = "It only grows, by what each write took.")
    @Outcome(id = ".*, .*, [^4].*", expect = FORBIDDEN, desc = "The count is not what was written.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The progress decreased, or shows what no write took.")
    @State
    public static class Q21_ProgressOnlyGrows extends QueueState {
        public Q21_ProgressOnlyGrows() {
            super(new SendQueue(TWO_BYTES), DigitWire.whole());
            offerAlone(1, 2, 3, 4);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void watcher(III_Result r) {
            r.r1 = (int) queue.bytesWritten();
            r.r2 = (int) queue.bytesWritten();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) queue.bytesWritten();
        }
    }
}
