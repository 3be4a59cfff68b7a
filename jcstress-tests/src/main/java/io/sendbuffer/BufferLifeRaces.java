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

/** The reference count with memory behind it: the same races on real buffers. Their memory is poisoned when freed. */
public class BufferLifeRaces {
    /** As on the bare count, checked down to the bytes. */
    @JCStressTest
    @Description("R1: a buffer's last release against a retain and a read")
    @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "The retain came in time and read good memory.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The retain came too late and was refused.")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "The retain succeeded on a buffer that was already freed.")
    @Outcome(id = "9, .*", expect = FORBIDDEN, desc = "Memory was read after it was freed.")
    @Outcome(
            id = ".*, 2",
            expect = FORBIDDEN,
            desc = "A freed buffer came back to life and its memory was freed again.")
    @State
    public static class R1_RetainedBufferIsReadable {
        private final StripePool pool = new StripePool();
        private final SendBuffer buffer = pool.alone(7);

        @Actor
        public void releaser() {
            buffer.release();
        }

        @Actor
        public void retainer(II_Result r) {
            if (!buffer.tryRetainReferences(1)) {
                return;
            }
            try {
                r.r1 = buffer.getByte(0);
            } catch (IllegalStateException e) {
                r.r1 = -1;
            }
            Counted.releaseOf(buffer);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = pool.frees();
        }
    }

    /** The memory comes back once, and with it the bytes that the store had reserved. */
    @JCStressTest
    @Description("R3: the last two releases of a buffer")
    @Outcome(
            id = {"0, 1, 1", "1, 0, 1"},
            expect = ACCEPTABLE,
            desc = "One of the two was the last, and the memory came back once.")
    @Outcome(id = ".*, .*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class R3_MemoryComesBackOnce {
        private final StripePool pool = new StripePool();
        private final SendBuffer buffer = pool.alone(7).retain();

        @Actor
        public void first(III_Result r) {
            r.r1 = Counted.releaseOf(buffer);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Counted.releaseOf(buffer);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = pool.store.stats(0).pinnedBytes() == 0 ? pool.frees() : 0;
        }
    }

    /** The queue's reference keeps the bytes until they are written, however early the owner releases. */
    @JCStressTest
    @Description("R9: the write of a message against the owner's release")
    @Outcome(id = "12, 1", expect = ACCEPTABLE, desc = "The bytes were read while valid; then freed once.")
    @Outcome(id = ".*9.*, .*", expect = FORBIDDEN, desc = "The queue released its reference before its last read.")
    @Outcome(id = ".*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class R9_LastReadBeforeTheRelease extends QueueState {
        private final SendBuffer message = pool.alone(1, 2);

        public R9_LastReadBeforeTheRelease() {
            queue.offer(message);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void owner() {
            message.release();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = pool.frees();
        }
    }
}
