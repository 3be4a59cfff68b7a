/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A thread that finds that it is not to read, against one that resumes reading. */
public class PauseRaces {
    /** The decision alone, without a channel. */
    private static final class Reading extends SessionReading {
        /** How often another thread was asked to read on. By one thread at a time. */
        int continued;

        @Override
        boolean isHeldBack() {
            return isPausedVolatile();
        }

        @Override
        void continueReading() {
            continued++;
        }
    }

    @JCStressTest
    @Description("T5: resume against the look before a read")
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One reads on: the thread that looked, or the one that is asked to.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "Reading has stopped for good.")
    @Outcome(expect = FORBIDDEN, desc = "Two threads read on.")
    @State
    public static class T5_OneReadsOn {
        private final Reading reading = new Reading();

        public T5_OneReadsOn() {
            reading.setPausedVolatile(true);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = reading.mayRead() ? 1 : 0;
        }

        @Actor
        public void resuming() {
            reading.setPausedVolatile(false);
            reading.readOn();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = reading.continued;
        }
    }

    @JCStressTest
    @Description("T5: two threads that resume what has stopped")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "One has reading continue.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it continue, or none.")
    @State
    public static class T5_ContinuedOnce {
        private final Reading reading = new Reading();
        private final boolean read;

        public T5_ContinuedOnce() {
            reading.setPausedVolatile(true);
            read = reading.mayRead();
            reading.setPausedVolatile(false);
        }

        @Actor
        public void first() {
            reading.readOn();
        }

        @Actor
        public void second() {
            reading.readOn();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = read ? 1 : 0;
            r.r2 = reading.continued;
        }
    }
}
