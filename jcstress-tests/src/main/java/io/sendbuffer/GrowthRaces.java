/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Requests to the JVM, which is slow to refuse. */
public class GrowthRaces {
    private static final ByteBuffer MEMORY = ByteBuffer.allocate(64);

    /** Both find that the back-off is over. */
    @JCStressTest
    @Description("C14: two attempts after a back-off")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "One tried, and the other was refused, or came after the next one.")
    @Outcome(id = "2", expect = FORBIDDEN, desc = "Both tried within one back-off.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "Neither tried.")
    @State
    public static class C14_OneTriesAgain {
        private final AtomicInteger attempts = new AtomicInteger();
        private long now;
        private final Growth growth = new Growth(this::refuse, DirectMemory.UNKNOWN, () -> now);

        public C14_OneTriesAgain() {
            growth.allocate(64);
            now += Growth.MIN_BACK_OFF_NANOS;
            attempts.set(0);
        }

        private ByteBuffer refuse(int bytes) {
            attempts.incrementAndGet();
            throw new OutOfMemoryError("on purpose");
        }

        @Actor
        public void one() {
            growth.allocate(64);
        }

        @Actor
        public void another() {
            growth.allocate(64);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = attempts.get();
        }
    }

    /** The JVM has room for one of the two, and counts it once it is allocated. */
    @JCStressTest
    @Description("C15: two allocations where there is room for one")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "One was tried; nothing stays announced.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "Each refused for the sake of the other.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "Both were tried: the JVM would refuse one of them.")
    @Outcome(id = ".*, [^0].*", expect = FORBIDDEN, desc = "A finished attempt is still counted.")
    @State
    public static class C15_NoMoreThanTheJvmHas {
        private final AtomicLong used = new AtomicLong();
        private final AtomicInteger attempts = new AtomicInteger();
        private final DirectMemory jvm = new DirectMemory(100, used::get, CollectionRequests.NONE);
        private final Growth growth = new Growth(this::allocate, jvm, () -> 0);

        private ByteBuffer allocate(int bytes) {
            attempts.incrementAndGet();
            used.addAndGet(bytes);
            return MEMORY;
        }

        @Actor
        public void one() {
            growth.allocate(64);
        }

        @Actor
        public void another() {
            growth.allocate(64);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = attempts.get();
            r.r2 = jvm.hasRoomFor(100 - used.get()) && jvm.mayAllocate(100 - used.get()) ? 0 : 1;
        }
    }
}
