/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.StripePool;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Where a callback runs: never on a thread that is within a call into the library, nor within another callback. The
 * actors mark their calls; the work of a loop or a delivery thread is not a call.
 */
public class CallbackPlaceRaces {
    /** Stands for any failure of a write other than an I/O error. One instance for all, without a stack trace. */
    private static final Error WRITE_FAILURE = new StacklessError();

    /** The sender's own write ends both sessions; the last callback of the first one ends the second as well. */
    @JCStressTest
    @Description("E1: a broadcast with failing writes against abort and the loop's duty cycles")
    @Outcome(
            id = "1, 1, 0",
            expect = ACCEPTABLE,
            desc = "Each listener was notified of the end once, by the loop, outside any call.")
    @Outcome(
            id = ".*, .*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "A callback ran within a call, or within another one; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A listener was notified of its session's end twice, or never.")
    @State
    public static class E1_LoopSession {
        private final Bench bench = Bench.inline();
        private final SendBuffer one = bench.pool.alone(1);
        private final CallWatch watchOfSecond = new CallWatch();
        private final Session second = bench.session(new FailingChannel(), watchOfSecond);
        private final CallWatch watchOfFirst = new CallWatch(second::abort);
        private final Session first = bench.session(new FailingChannel(), watchOfFirst);
        private final SessionGroup group = new SessionGroup();

        public E1_LoopSession() {
            group.add(first);
            group.add(second);
        }

        @Actor
        public void sender() {
            watchOfFirst.call(() -> {
                group.broadcast(one);
                one.release();
            });
        }

        @Actor
        public void enderAndLoop() {
            watchOfFirst.call(first::abort);
            bench.dutyCycle();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            bench.dutyCycle();
            show(r, watchOfFirst, watchOfSecond);
        }
    }

    /** The add may come too late for the loop: the adding thread must not make the callbacks itself. */
    @JCStressTest
    @Description("E1: add against the loop's end")
    @Outcome(
            id = {"1, 0", "-1, 0"},
            expect = ACCEPTABLE,
            desc = "Added, and ended by another thread; or refused.")
    @Outcome(
            id = ".*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "A callback ran within the add; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @State
    public static class E1_StragglerOfALoop {
        private final Bench bench = Bench.byLoop();
        private final CallWatch watch = new CallWatch();
        private boolean refused;

        @Actor
        public void adder() {
            watch.call(() -> refused = bench.refuses(new WireChannel(DigitWire.whole()), watch));
        }

        @Actor
        public void loop() {
            bench.loop.onClose();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = refused ? -1 - watch.notified() : watch.notified();
            r.r2 = watch.within();
        }
    }

    /** The sender begins after the queue has refused its broadcast; see {@link RefusalRaces}. */
    @JCStressTest
    @Description("E1: a refused broadcast against abort and the loop's duty cycle")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "The loop made all callbacks, onClosed once.")
    @Outcome(
            id = ".*, .*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "A callback of a refusal ran within the broadcast; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "An episode has no end, or the session has two, or none.")
    @State
    public static class E1_Refusal {
        private final Bench bench = Bench.byLoop();
        private final CallWatch watch = new CallWatch();
        private final Session session = bench.session(new WireChannel(DigitWire.whole()), watch);
        private final SessionGroup group = new SessionGroup(watch);

        public E1_Refusal() {
            group.add(session);
        }

        @Actor
        public void sender() {
            watch.call(() -> session.memberships.refused(group, watch, 1, 1)); // one message, one byte
        }

        @Actor
        public void enderAndLoop() {
            watch.call(session::abort);
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            bench.dutyCycle();
            bench.dutyCycle();
            r.r1 = watch.notified();
            r.r2 = watch.openEpisodes();
            r.r3 = watch.within();
        }
    }

    /** A channel may complete a write on the thread that began it, before the call returns to the sender. */
    @JCStressTest
    @Description("E1: an asynchronous send that fails within the call against abort, and a delivery")
    @Outcome(
            id = "1, 1, 0",
            expect = ACCEPTABLE,
            desc = "Each listener was notified of the end once, by a delivery, outside any call.")
    @Outcome(
            id = ".*, .*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "A callback ran within a call, or within another one; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A listener was notified of its session's end twice, or never.")
    @State
    public static class E1_AsyncSession {
        private final SendBuffer one = new StripePool().alone(1);
        private final AsyncWire channel = new AsyncWire(DigitWire.whole());
        private final CallWatch watchOfSecond = new CallWatch();
        private final AsyncSession second =
                new AsyncSession(Kinds.ASYNC, new AsyncWire(DigitWire.whole()), watchOfSecond);
        private final CallWatch watchOfFirst = new CallWatch(second::abort);
        private final AsyncSession first = new AsyncSession(Kinds.ASYNC, channel, watchOfFirst);

        public E1_AsyncSession() {
            first.open();
        }

        @Actor
        public void sender() {
            watchOfFirst.call(() -> {
                channel.close(); // underneath: the next write fails, and ends the session
                first.send(one);
                one.release();
                channel.complete();
            });
        }

        @Actor
        public void enderAndDelivery() {
            watchOfFirst.call(first::abort);
            deliver(first.callbacks, second.callbacks);
        }

        @Arbiter
        public void end(III_Result r) {
            deliver(first.callbacks, second.callbacks);
            show(r, watchOfFirst, watchOfSecond);
        }
    }

    /** The sender's own write ends the session; its last callback ends another one. */
    @JCStressTest
    @Description("E1: a blocking send that fails against abort, and a delivery")
    @Outcome(
            id = "1, 1, 0",
            expect = ACCEPTABLE,
            desc = "Each listener was notified of the end once, by a delivery, outside any call.")
    @Outcome(
            id = ".*, .*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "A callback ran within a call, or within another one; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A listener was notified of its session's end twice, or never.")
    @State
    public static class E1_BlockingSession {
        private final SendBuffer one = new StripePool().alone(1);
        private final CallWatch watchOfSecond = new CallWatch();
        private final BlockingSession second =
                new BlockingSession(Kinds.BLOCKING, DigitWire.whole(), watchOfSecond, null);
        private final CallWatch watchOfFirst = new CallWatch(second::abort);
        private final BlockingSession first =
                new BlockingSession(Kinds.BLOCKING, DigitWire.broken(), watchOfFirst, null);

        public E1_BlockingSession() {
            first.open(null, HeldThread::new);
        }

        @Actor
        public void sender() {
            watchOfFirst.call(() -> {
                first.send(one);
                one.release();
            });
        }

        @Actor
        public void enderAndDelivery() {
            watchOfFirst.call(first::abort);
            deliver(first.callbacks, second.callbacks);
        }

        @Arbiter
        public void end(III_Result r) {
            deliver(first.callbacks, second.callbacks);
            show(r, watchOfFirst, watchOfSecond);
        }
    }

    /** The session is ended from within its own callback, and by another thread. */
    @JCStressTest
    @Description("E1: a read with a callback that aborts its session against abort, and a delivery")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The listener was notified of the end once, after that callback.")
    @Outcome(
            id = ".*, -?[1-9].*",
            expect = FORBIDDEN,
            desc = "onClosed ran within the callback, or within a call; less than 0 if a call threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice, or never.")
    @State
    public static class E1_EndFromWithinACallback {
        private final CallWatch watch = new CallWatch(this::abort);
        private final AsyncSession session = new AsyncSession(Kinds.ASYNC, new AsyncWire(DigitWire.whole(), 1), watch);

        private void abort() {
            session.abort();
        }

        @Actor
        public void reader() {
            session.open();
        }

        @Actor
        public void enderAndDelivery() {
            watch.call(session::abort);
            session.callbacks.run(); // the work of a delivery
        }

        @Arbiter
        public void end(II_Result r) {
            session.callbacks.run();
            r.r1 = watch.notified();
            r.r2 = watch.within();
        }
    }

    /** The work of a delivery. */
    private static void deliver(SessionCallbacks first, SessionCallbacks second) {
        first.run();
        second.run();
    }

    private static void show(III_Result r, CallWatch watchOfFirst, CallWatch watchOfSecond) {
        r.r1 = watchOfFirst.notified();
        r.r2 = watchOfSecond.notified();
        r.r3 = watchOfFirst.within() + watchOfSecond.within();
    }

    /** Its writes throw an Error, which ends the session within the call that wrote. */
    private static final class FailingChannel extends WireChannel {
        FailingChannel() {
            super(DigitWire.whole());
        }

        @Override
        public int write(ByteBuffer source) {
            throw WRITE_FAILURE;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw WRITE_FAILURE;
        }
    }

    private static final class StacklessError extends Error {
        private static final long serialVersionUID = 1L;

        StacklessError() {
            super("on purpose", null, false, false);
        }
    }
}
