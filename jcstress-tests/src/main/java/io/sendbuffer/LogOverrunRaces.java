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

/** A log that gives up what is being written: to a channel that takes a part of it, or by two loops. */
public class LogOverrunRaces {
    /** Messages of two bytes, a channel that takes one of each write, and a log that has room for one message. */
    abstract static class CutState extends LogState {
        private static final int TURNS = 8;

        private final SendBuffer second = pool.alone(3, 4);
        private final SendBuffer third = pool.alone(5, 6);

        CutState(OverrunPolicy policy) {
            super(1, DigitWire.taking(1));
            subscribe(policy);
            turn();
            append(pool.alone(1, 2));
        }

        final void appendTwo() {
            append(second);
            append(third);
        }

        /** The plan that the cut write was made from ends before the rest is written. */
        final void writeInTwoTurns() {
            turn();
            turn();
        }

        final void writeAll() {
            for (int i = 0; i < TURNS; i++) {
                turn();
                calls.run(client::onNews);
            }
            finish();
        }
    }

    /** What is half written is written to its end, though the log gives it up; then the subscriber skips. */
    @JCStressTest
    @Description(
            "L9: two appends that give up what is retained, against a reader whose writes are cut, and which skips")
    @Outcome(id = "(0|12|56|1256|3456|123456), 3", expect = ACCEPTABLE, desc = "Whole messages, in order.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, 3", expect = FORBIDDEN, desc = "A message was cut short, or one that was retained is missing.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L9_CutIsWrittenToItsEnd extends CutState {
        public L9_CutIsWrittenToItsEnd() {
            super(OverrunPolicy.skip());
        }

        @Actor
        public void appender() {
            appendTwo();
        }

        @Actor
        public void reader() {
            writeInTwoTurns();
        }

        @Arbiter
        public void end(II_Result r) {
            writeAll();
            r.r1 = digits();
            r.r2 = pool.frees();
        }
    }

    /** A subscriber that ends when it is overrun, with a rest perhaps, has no gap before its end, and keeps nothing. */
    @JCStressTest
    @Description("L9: two appends that give up what is retained, against a reader whose writes are cut, and which ends")
    @Outcome(id = "(0|1|12|123|1234|12345|123456), 3", expect = ACCEPTABLE, desc = "All of it, until the end.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, 3", expect = FORBIDDEN, desc = "There is a gap.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L9_CutThenEnded extends CutState {
        public L9_CutThenEnded() {
            super(OverrunPolicy.end());
        }

        @Actor
        public void appender() {
            appendTwo();
        }

        @Actor
        public void reader() {
            writeInTwoTurns();
        }

        @Arbiter
        public void end(II_Result r) {
            writeAll();
            r.r1 = digits();
            r.r2 = pool.frees();
        }
    }

    /** Another loop, which reads the log of the state. */
    abstract static class TwoLoopsState extends LogState {
        private final DigitWire otherWire = DigitWire.whole();
        private final Client otherClient = new Client(otherWire);
        final LogReader otherReader = log.newReader(() -> {});

        TwoLoopsState(int maxMessages, OverrunPolicy policy) {
            super(maxMessages);
            subscribe(policy);
            otherReader.subscribe(otherClient, policy);
            turn();
            otherTurn();
        }

        final void otherTurn() {
            calls.run(() -> {
                otherReader.serve();
                otherReader.endTurn();
            });
        }

        final void finishBoth(III_Result r) {
            turn();
            otherTurn();
            calls.run(() -> {
                otherClient.queue.close();
                otherReader.close();
            });
            finish();
            r.r1 = digits();
            r.r2 = (int) otherWire.digits();
            r.r3 = pool.frees();
        }
    }

    /** What one loop has passed stays for the other one, and the last of them gives it back. */
    @JCStressTest
    @Description("L10: a turn of a loop, which then appends, against a turn of another loop")
    @Outcome(id = "12, 12, 2", expect = ACCEPTABLE, desc = "Both got all of it, and it was freed once.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "A message was lost, doubled, or in another place for one.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L10_PassedByBothLoops extends TwoLoopsState {
        private final SendBuffer second = pool.alone(2);

        public L10_PassedByBothLoops() {
            super(4, OverrunPolicy.end());
            append(pool.alone(1));
        }

        @Actor
        public void loopThatAppends() {
            turn();
            append(second);
            turn();
        }

        @Actor
        public void otherLoop() {
            otherTurn();
        }

        @Arbiter
        public void end(III_Result r) {
            finishBoth(r);
        }
    }

    /** Each loop ends its plan while the log gives up what both have planned. */
    @JCStressTest
    @Description(
            "L10: a turn of a loop that appends before it ends, and gives up what is retained, against another loop's")
    @Outcome(id = "(0|2|12), (0|2|12), 2", expect = ACCEPTABLE, desc = "Each got it or skipped it.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, 2", expect = FORBIDDEN, desc = "A message was written twice, or out of order, or is missing.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L10_GivenUpByTwoLoops extends TwoLoopsState {
        private final SendBuffer second = pool.alone(2);

        public L10_GivenUpByTwoLoops() {
            super(1, OverrunPolicy.skip());
            append(pool.alone(1));
        }

        @Actor
        public void loopThatAppends() {
            calls.run(reader::serve);
            append(second);
            calls.run(reader::endTurn);
        }

        @Actor
        public void otherLoop() {
            otherTurn();
        }

        @Arbiter
        public void end(III_Result r) {
            finishBoth(r);
        }
    }
}
