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
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * The end of a session is a sequence of steps, and each step runs even if others throw. The states alternate which step
 * throws.
 */
public class EndStepRaces {
    private static final Throwable FAILED = new IOException("failed on purpose");

    /** One instance for all, without a stack trace: filling in millions of traces would dominate the run. */
    private static final Error THROWN = new StacklessError();

    @JCStressTest
    @Description("E2: abort against the end with a cause, on a loop, where a step throws")
    @Outcome(
            id = "1, 0, 1, 0",
            expect = ACCEPTABLE,
            desc = "Notified once; everything was cleaned up; nothing was thrown.")
    @Outcome(
            id = "[^1], .*, .*, .*",
            expect = FORBIDDEN,
            desc = "The listener was notified of the end twice, or never.")
    @Outcome(
            id = ".*, .*, .*, 1",
            expect = FORBIDDEN,
            desc = "The thread that ended the session got what a step threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Its queue, its channel, its group or its loop was not cleaned up.")
    @State
    public static class E2_LoopSession {
        private final Bench bench = Bench.byLoop();
        private final HostileEnd hostile = new HostileEnd(bench.pool);
        private final HostileChannel channel = new HostileChannel(hostile);
        private final Session session = bench.session(channel, hostile);

        public E2_LoopSession() {
            hostile.arm(session);
        }

        @Actor
        public void aborter() {
            hostile.attempt(session::abort);
        }

        @Actor
        public void enderAndLoop() {
            hostile.attempt(() -> session.end(FAILED));
            hostile.attempt(bench::dutyCycle);
        }

        @Arbiter
        public void end(IIII_Result r) {
            bench.dutyCycle();
            bench.dutyCycle();
            hostile.show(r);
            r.r2 += channel.isOpen() ? HostileEnd.CHANNEL_OPEN : 0;
            r.r2 += bench.loop.sessionCount() > 0 ? HostileEnd.STILL_KNOWN : 0;
        }
    }

    @JCStressTest
    @Description("E2: abort against the end with a cause, of an asynchronous session, where a step throws")
    @Outcome(
            id = "1, 0, 1, 0",
            expect = ACCEPTABLE,
            desc = "Notified once; everything was cleaned up; nothing was thrown.")
    @Outcome(
            id = "[^1], .*, .*, .*",
            expect = FORBIDDEN,
            desc = "The listener was notified of the end twice, or never.")
    @Outcome(
            id = ".*, .*, .*, 1",
            expect = FORBIDDEN,
            desc = "The thread that ended the session got what a step threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Its queue, its channel or its group was not cleaned up.")
    @State
    public static class E2_AsyncSession extends DeliveredState {
        private final HostileAsyncChannel channel = new HostileAsyncChannel(hostile);
        private final AsyncSession session = new AsyncSession(Kinds.ASYNC, channel, hostile);

        public E2_AsyncSession() {
            hostile.arm(session);
        }

        @Actor
        public void aborter() {
            hostile.attempt(session::abort);
        }

        @Actor
        public void enderAndDelivery() {
            endAndDeliver(session, session.callbacks);
        }

        @Arbiter
        public void end(IIII_Result r) {
            show(r, session.callbacks, channel);
        }
    }

    @JCStressTest
    @Description("E2: abort against the end with a cause, of a blocking session, where a step throws")
    @Outcome(
            id = "1, 0, 1, 0",
            expect = ACCEPTABLE,
            desc = "Notified once; everything was cleaned up; nothing was thrown.")
    @Outcome(
            id = "[^1], .*, .*, .*",
            expect = FORBIDDEN,
            desc = "The listener was notified of the end twice, or never.")
    @Outcome(
            id = ".*, .*, .*, 1",
            expect = FORBIDDEN,
            desc = "The thread that ended the session got what a step threw.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Its queue, its channel or its group was not cleaned up.")
    @State
    public static class E2_BlockingSession extends DeliveredState {
        private final HostileChannel channel = new HostileChannel(hostile);
        private final BlockingSession session = new BlockingSession(Kinds.BLOCKING, channel, hostile, null);

        public E2_BlockingSession() {
            hostile.arm(session);
        }

        @Actor
        public void aborter() {
            hostile.attempt(session::abort);
        }

        @Actor
        public void enderAndDelivery() {
            endAndDeliver(session, session.callbacks);
        }

        @Arbiter
        public void end(IIII_Result r) {
            show(r, session.callbacks, channel);
        }
    }

    /** The end of a session without a loop: a delivery makes its callbacks. */
    abstract static class DeliveredState {
        final HostileEnd hostile = new HostileEnd(new StripePool());

        final void endAndDeliver(Session session, SessionCallbacks callbacks) {
            hostile.attempt(() -> session.end(FAILED));
            hostile.attempt(callbacks::run); // the work of a delivery
        }

        final void show(IIII_Result r, SessionCallbacks callbacks, Channel channel) {
            hostile.attempt(callbacks::run);
            hostile.show(r);
            r.r2 += channel.isOpen() ? HostileEnd.CHANNEL_OPEN : 0;
        }
    }

    /** Decides which step throws, and is the listener of the session and of its group. */
    private static final class HostileEnd extends Witness implements RefusalListener {
        // What still exists after the end.
        static final int QUEUE_OPEN = 1;
        static final int CHANNEL_OPEN = 2;
        static final int STILL_MEMBER = 4;
        static final int STILL_KNOWN = 8;

        // The steps.
        static final int PEER = 0;
        static final int CHANNEL = 2;
        private static final int QUEUE = 1;
        private static final int REFUSALS = 3;
        private static final int CALLBACK = 4;
        private static final int STEPS = 5;

        /** Two threads that create states may give two states the same step: that does no harm. */
        private static int next;

        private final StripePool pool;
        private final int step;
        private final SessionGroup group = new SessionGroup(this);
        private @Nullable Session session;
        private boolean threw;

        HostileEnd(StripePool pool) {
            this.pool = pool;
            this.step = Math.floorMod(next++, STEPS);
        }

        /** From now on the step throws. The session waits to write a message, and is in a group. */
        void arm(Session target) {
            SendBuffer message = pool.alone(1);
            target.queue(message);
            message.release();
            if (step == QUEUE) {
                message.release(); // once too often: the queue's own release then throws
            }
            group.add(target);
            if (step == REFUSALS) {
                target.memberships.refused(group, this, 1, 1);
            }
            session = target;
        }

        void hit(int which) {
            if (step == which && session != null) {
                throw THROWN;
            }
        }

        @Override
        public void onRefused(Session refusing) {
            // The end of the episode throws.
        }

        @Override
        public void onRefusalsEnded(Session refusing, long missedMessages, long missedBytes) {
            hit(REFUSALS);
        }

        @Override
        public void onClosed(Session closed, @Nullable Throwable cause) {
            super.onClosed(closed, cause);
            hit(CALLBACK);
        }

        void attempt(Runnable call) {
            try {
                call.run();
            } catch (Throwable e) {
                threw = true;
            }
        }

        void show(IIII_Result r) {
            r.r1 = notified();
            r.r2 = session != null && session.queue.isClosed() ? 0 : QUEUE_OPEN;
            r.r2 += group.size() != 0 ? STILL_MEMBER : 0;
            r.r3 = pool.frees();
            r.r4 = threw ? 1 : 0;
        }
    }

    /** Throws when asked for its peer, or when closed, as the state requires. */
    private static final class HostileChannel extends WireChannel {
        private final HostileEnd hostile;

        HostileChannel(HostileEnd hostile) {
            super(DigitWire.whole());
            this.hostile = hostile;
        }

        @Override
        public @Nullable SocketAddress getRemoteAddress() {
            hostile.hit(HostileEnd.PEER);
            return null;
        }

        @Override
        protected void implCloseSelectableChannel() {
            hostile.hit(HostileEnd.CHANNEL);
        }
    }

    private static final class HostileAsyncChannel extends AsyncWire {
        private final HostileEnd hostile;

        HostileAsyncChannel(HostileEnd hostile) {
            super(DigitWire.whole());
            this.hostile = hostile;
        }

        @Override
        public @Nullable SocketAddress getRemoteAddress() {
            hostile.hit(HostileEnd.PEER);
            return null;
        }

        @Override
        public void close() {
            super.close();
            hostile.hit(HostileEnd.CHANNEL);
        }
    }

    private static final class StacklessError extends Error {
        private static final long serialVersionUID = 1L;

        StacklessError() {
            super("thrown on purpose", null, false, false);
        }
    }
}
