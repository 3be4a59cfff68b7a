/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Deliveries that are requested while their thread makes one, and while it ends. */
public class DeliveryRaces {
    private static final VarHandle DUE;

    static {
        try {
            DUE = MethodHandles.lookup().findVarHandle(Callbacks.class, "due", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The task waits to be run, and is requested again. */
    @JCStressTest
    @Description("S22: a request for a delivery against the same delivery, which runs")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The callback was made, by this run or another one.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "The task no longer waited, and did not run again.")
    @State
    public static class S22_DueWhileItRuns {
        private final Deliveries deliveries = new Deliveries();
        private final Callbacks callbacks = new Callbacks();

        public S22_DueWhileItRuns() {
            deliveries.threads.deliver(callbacks);
        }

        @Actor
        public void asker() {
            DUE.setOpaque(callbacks, 1);
            deliveries.threads.deliver(callbacks);
        }

        @Actor
        public void delivery() {
            deliveries.run();
        }

        @Arbiter
        public void end(I_Result r) {
            deliveries.run();
            r.r1 = callbacks.seen;
        }
    }

    /** All is closed, nothing waits, and the last thread ends. */
    @JCStressTest
    @Description("S22: a request for a delivery against the last thread, which ends")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The callback was made by that thread, or by a new one.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "The task waits for a thread that has ended.")
    @State
    public static class S22_DueWhenTheLastLeaves {
        private final Deliveries deliveries = new Deliveries();
        private final Callbacks callbacks = new Callbacks();

        @Actor
        public void asker() {
            DUE.setOpaque(callbacks, 1);
            deliveries.threads.deliver(callbacks);
        }

        @Actor
        public void delivery() {
            deliveries.run();
        }

        @Arbiter
        public void end(I_Result r) {
            deliveries.run();
            r.r1 = callbacks.seen;
        }
    }

    /** The delivery threads: actors, and finally the arbiter. Closed: they end when nothing waits. */
    private static final class Deliveries {
        private final ConcurrentLinkedQueue<Runnable> started = new ConcurrentLinkedQueue<>();
        final DeliveryThreads threads = new DeliveryThreads(this::started, Kinds.BLOCKING.settings);

        Deliveries() {
            threads.close();
        }

        private Thread started(Runnable task) {
            started.add(task);
            return new HeldThread(task);
        }

        void run() {
            Runnable thread;
            while ((thread = started.poll()) != null) {
                thread.run();
            }
        }
    }

    /** Looks for due callbacks, as a session's task does. */
    private static final class Callbacks extends Delivery.Task {
        private static final int SPINS = 20;

        /** Opaque: a volatile field would create more happens-before than the threads' own lock does. */
        @SuppressWarnings("unused")
        private int due;

        private int seen;

        @Override
        void run() {
            seen |= (int) DUE.getOpaque(this);
            for (int i = 0; i < SPINS; i++) {
                Thread.onSpinWait(); // a callback
            }
        }
    }
}
