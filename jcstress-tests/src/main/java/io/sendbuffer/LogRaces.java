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

/** One log: what is appended, what is given up, and the reader that writes it. */
public class LogRaces {
    /** The log has room for one message, so each append gives up the one before, which is perhaps being written. */
    @JCStressTest
    @Description("L1: two appends that give up what is retained, against a turn of the reader")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = "(0|1|2|3|12|13|23|123), 3", expect = ACCEPTABLE, desc = "Each was written once, or skipped.")
    @Outcome(id = ".*, 3", expect = FORBIDDEN, desc = "A message was written twice, or out of order.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L1_NotReleasedUnderAWrite extends LogState {
        private final SendBuffer second = pool.alone(2);
        private final SendBuffer third = pool.alone(3);

        public L1_NotReleasedUnderAWrite() {
            super(1);
            subscribe(OverrunPolicy.skip());
            turn();
            append(pool.alone(1));
        }

        @Actor
        public void appender() {
            append(second);
            append(third);
        }

        @Actor
        public void reader() {
            turn();
        }

        @Arbiter
        public void end(II_Result r) {
            finish();
            r.r1 = digits();
            r.r2 = pool.frees();
        }
    }

    /** Two readers write the same message while the log gives it up: each of them releases it once, or the log does. */
    @JCStressTest
    @Description("L1: an append that gives up what is retained, against turns of two readers")
    @Outcome(id = "(0|1|2|12), (0|1|2|12), 2", expect = ACCEPTABLE, desc = "Each got it or skipped it.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, .*, 2", expect = FORBIDDEN, desc = "A message was written twice, or out of order.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L1_GivenUpUnderTwoWrites extends LogState {
        private final DigitWire otherWire = DigitWire.whole();
        private final Client otherClient = new Client(otherWire);
        private final LogReader otherReader = log.newReader(() -> {});
        private final SendBuffer second = pool.alone(2);

        public L1_GivenUpUnderTwoWrites() {
            super(1);
            subscribe(OverrunPolicy.skip());
            otherReader.subscribe(otherClient, OverrunPolicy.skip());
            turn();
            otherTurn();
            append(pool.alone(1));
        }

        private void otherTurn() {
            calls.run(() -> {
                otherReader.serve();
                otherReader.endTurn();
            });
        }

        @Actor
        public void appender() {
            append(second);
        }

        /** One thread for both: each has its plan until its turn ends. */
        @Actor
        public void readers() {
            calls.run(() -> {
                reader.serve();
                otherReader.serve();
                reader.endTurn();
                otherReader.endTurn();
            });
        }

        @Arbiter
        public void end(III_Result r) {
            otherTurn();
            calls.run(otherClient::onNews);
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

    /** Two publishers: one order, for both subscribers. */
    @JCStressTest
    @Description("L2: append against append, and a turn of the reader between")
    @Outcome(
            id = {"12, 12, 2", "21, 21, 2"},
            expect = ACCEPTABLE,
            desc = "One order, and both freed once.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, .*, 2", expect = FORBIDDEN, desc = "A message was lost, doubled, or in another place for one.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was released twice, or never.")
    @State
    public static class L2_OneOrder extends LogState {
        private final DigitWire otherWire = DigitWire.whole();
        private final Client other = new Client(otherWire);
        private final SendBuffer first = pool.alone(1);
        private final SendBuffer second = pool.alone(2);

        public L2_OneOrder() {
            super(4);
            subscribe(OverrunPolicy.end());
            reader.subscribe(other, OverrunPolicy.end());
            turn();
        }

        @Actor
        public void publisher() {
            append(first);
        }

        @Actor
        public void publisherAndReader() {
            turn();
            append(second);
            turn();
        }

        @Arbiter
        public void end(III_Result r) {
            turn();
            other.onNews();
            other.queue.close();
            other.queue.removeSubscriptions();
            finish();
            r.r1 = digits();
            r.r2 = (int) otherWire.digits();
            r.r3 = pool.frees();
        }
    }

    /** What is sent to one subscriber keeps its place among what the same thread appends. */
    @JCStressTest
    @Description("L3: append, offer, append, offer against turns of the reader")
    @Outcome(id = "1234, 4", expect = ACCEPTABLE, desc = "In the order of the calls.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message overtook another one, or was lost.")
    @State
    public static class L3_CallsOfOneThread extends LogState {
        private final SendBuffer first = pool.alone(1);
        private final SendBuffer second = pool.alone(2);
        private final SendBuffer third = pool.alone(3);
        private final SendBuffer fourth = pool.alone(4);

        public L3_CallsOfOneThread() {
            super(4);
            subscribe(OverrunPolicy.end());
            turn();
        }

        @Actor
        public void sender() {
            append(first);
            offer(second);
            append(third);
            offer(fourth);
        }

        private void offer(SendBuffer message) {
            client.queue.offer(message);
            message.release();
        }

        @Actor
        public void reader() {
            turn();
            client.onNews();
            turn();
            client.onNews();
        }

        @Arbiter
        public void end(II_Result r) {
            finish();
            r.r1 = digits();
            r.r2 = pool.frees();
        }
    }

    /** A subscriber gets all from its position on, though before its reader adopts it no cursor keeps that. */
    @JCStressTest
    @Description("L4: three appends against the first subscriber that joins, and its reader's turn")
    @Outcome(id = "0, 123, 3", expect = ACCEPTABLE, desc = "It joined before the first message.")
    @Outcome(id = "1, 23, 3", expect = ACCEPTABLE, desc = "It joined before the second one.")
    @Outcome(id = "2, 3, 3", expect = ACCEPTABLE, desc = "It joined before the third one.")
    @Outcome(id = "3, 0, 3", expect = ACCEPTABLE, desc = "It joined after them.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "It missed a message, got one twice, or one was not released once.")
    @State
    public static class L4_JoinMissesNothing extends LogState {
        private final SendBuffer first = pool.alone(1);
        private final SendBuffer second = pool.alone(2);
        private final SendBuffer third = pool.alone(3);
        private long start = -1;

        public L4_JoinMissesNothing() {
            super(4);
        }

        @Actor
        public void publisher() {
            append(first);
            append(second);
            append(third);
        }

        @Actor
        public void joinerAndReader() {
            Subscription place = subscribe(OverrunPolicy.end());
            start = place == null ? -1 : place.startPosition();
            turn();
        }

        @Arbiter
        public void end(III_Result r) {
            finish();
            r.r1 = (int) start;
            r.r2 = digits();
            r.r3 = pool.frees();
        }
    }

    /** What the log accepted is written and released; what it refused is the caller's. */
    @JCStressTest
    @Description("L5: append, append against close of the log, and a turn of the reader")
    @Outcome(
            id = {"0, 0, 2", "1, 1, 2", "2, 12, 2"},
            expect = ACCEPTABLE,
            desc = "What was accepted was written.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "An accepted message was lost, or one was not released once.")
    @State
    public static class L5_AppendAgainstClose extends LogState {
        private final SendBuffer first = pool.alone(1);
        private final SendBuffer second = pool.alone(2);
        private int accepted;

        public L5_AppendAgainstClose() {
            super(4);
            subscribe(OverrunPolicy.end());
            turn();
        }

        @Actor
        public void publisher() {
            accepted = (append(first) ? 1 : 0) + (append(second) ? 1 : 0);
        }

        @Actor
        public void closer() {
            log.close();
            turn();
        }

        @Arbiter
        public void end(III_Result r) {
            finish();
            r.r1 = accepted;
            r.r2 = digits();
            r.r3 = pool.frees();
        }
    }

    /** A subscriber that holds the log gets everything that was accepted, though there is room for one message. */
    @JCStressTest
    @Description("L6: two appends against turns of a reader whose subscriber holds the log")
    @Outcome(
            id = {"1, 1, 3", "2, 12, 3", "2, 13, 3", "3, 123, 3"},
            expect = ACCEPTABLE,
            desc = "All of it.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "An accepted message was given up, or one was not released once.")
    @State
    public static class L6_HeldIsKept extends LogState {
        private final SendBuffer second = pool.alone(2);
        private final SendBuffer third = pool.alone(3);
        private int accepted;

        public L6_HeldIsKept() {
            super(1);
            subscribe(OverrunPolicy.hold());
            turn();
            append(pool.alone(1));
        }

        @Actor
        public void publisher() {
            accepted = 1 + (append(second) ? 1 : 0) + (append(third) ? 1 : 0);
        }

        @Actor
        public void reader() {
            turn();
            turn();
        }

        @Arbiter
        public void end(III_Result r) {
            finish();
            r.r1 = accepted;
            r.r2 = digits();
            r.r3 = pool.frees();
        }
    }

    /** A reader's thread that goes to sleep sees the append, or the appender sees that it sleeps. */
    @JCStressTest
    @Description("L7: append against a thread that looks for news before it sleeps")
    @Outcome(id = "0, .*", expect = ACCEPTABLE, desc = "It found the message.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It slept, and was woken.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "It sleeps, and the message waits.")
    @State
    public static class L7_SleeperIsWoken extends LogState {
        private volatile boolean asleep;
        private boolean woken;
        private boolean slept;
        private final SendBuffer first = pool.alone(1);

        public L7_SleeperIsWoken() {
            super(4);
            subscribe(OverrunPolicy.end());
            turn();
            woken = false;
        }

        @Override
        void onAppend() {
            if (asleep) {
                woken = true;
            }
        }

        @Actor
        public void publisher() {
            append(first);
        }

        @Actor
        public void reader() {
            asleep = true;
            slept = !reader.hasNews();
        }

        @Arbiter
        public void end(II_Result r) {
            finish();
            r.r1 = slept ? 1 : 0;
            r.r2 = woken ? 1 : 0;
        }
    }

    /** A subscriber that leaves, or whose queue ends, while it joins or is written to, keeps nothing in the log. */
    @JCStressTest
    @Description("L8: close of the subscription against an append and turns of the reader")
    @Outcome(
            id = {"0, 0, 1", "1, 0, 1"},
            expect = ACCEPTABLE,
            desc = "It got the message or not, and is gone.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "The reader wrote memory that was freed, or a call threw.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The subscription was never removed.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The message was not released once.")
    @State
    public static class L8_LeavingIsNoticed extends LogState {
        private final Subscription place;
        private final SendBuffer first = pool.alone(1);

        public L8_LeavingIsNoticed() {
            super(4);
            Subscription begun = subscribe(OverrunPolicy.hold());
            if (begun == null) {
                throw new AssertionError("not subscribed");
            }
            place = begun;
        }

        @Actor
        public void leaver() {
            place.close();
        }

        @Actor
        public void publisherAndReader() {
            turn();
            append(first);
            turn();
        }

        @Arbiter
        public void end(III_Result r) {
            if (reader.hasNews()) {
                turn();
            }
            r.r2 = client.queue.isSubscribed() ? 1 : 0;
            finish();
            r.r1 = digits();
            r.r3 = pool.frees();
        }
    }
}
