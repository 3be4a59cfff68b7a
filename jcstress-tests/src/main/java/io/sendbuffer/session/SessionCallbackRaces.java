/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Callbacks of sessions that no single thread serves: onClosed runs once, and last. */
public class SessionCallbackRaces {
    /** The first callback, and two more. */
    @JCStressTest
    @Description("S10: open and two reads of an asynchronous session against abort")
    @Outcome(
            id = "1, 0, 0",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, after the last callback.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The listener was notified of the end while a callback ran.")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "A callback came after the notification of the end.")
    @Outcome(
            id = "0, .*",
            expect = FORBIDDEN,
            desc = "Each left it to the other: the listener is never notified of the end.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice.")
    @State
    public static class S10_AsyncCallbackAgainstEnd {
        private final CallbackOrderWitness witness = new CallbackOrderWitness();
        private final AsyncSession session =
                new AsyncSession(Kinds.ASYNC, new AsyncWire(DigitWire.whole(), 2), witness);

        @Actor
        public void reader() {
            session.open();
        }

        @Actor
        public void ender() {
            session.abort();
            session.callbacks.run(); // the work of a delivery
        }

        @Arbiter
        public void end(III_Result r) {
            show(witness, r);
        }
    }

    /** The first callback, two more, and the end of the input. */
    @JCStressTest
    @Description("S10: the reading thread of a blocking session against abort")
    @Outcome(
            id = "1, 0, 0",
            expect = ACCEPTABLE,
            desc = "The listener was notified of the end once, after the last callback.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The listener was notified of the end while a callback ran.")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "A callback came after the notification of the end.")
    @Outcome(
            id = "0, .*",
            expect = FORBIDDEN,
            desc = "Each left it to the other: the listener is never notified of the end.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The listener was notified of the end twice.")
    @State
    public static class S10_BlockingCallbackAgainstEnd {
        private final CallbackOrderWitness witness = new CallbackOrderWitness();
        private final BlockingSession session = new BlockingSession(Kinds.BLOCKING, DigitWire.whole(), witness, null);
        private @Nullable Thread reader;

        public S10_BlockingCallbackAgainstEnd() {
            session.open(new Drip(2), task -> {
                HeldThread thread = new HeldThread(task);
                reader = thread;
                return thread;
            });
        }

        @Actor
        public void reader() {
            reader.run();
        }

        @Actor
        public void ender() {
            session.abort();
            session.callbacks.run(); // the work of a delivery
        }

        @Arbiter
        public void end(III_Result r) {
            show(witness, r);
        }
    }

    private static void show(CallbackOrderWitness witness, III_Result r) {
        r.r1 = witness.notified();
        r.r2 = witness.notifiedWithinACallback() ? 1 : 0;
        r.r3 = witness.notifiedBeforeACallback() ? 1 : 0;
    }

    /** An input of n bytes, one with each read. */
    private static final class Drip implements ReadableByteChannel {
        private int left;

        Drip(int bytes) {
            this.left = bytes;
        }

        @Override
        public int read(ByteBuffer target) {
            if (left == 0) {
                return -1;
            }
            left--;
            target.put((byte) 1);
            return 1;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
