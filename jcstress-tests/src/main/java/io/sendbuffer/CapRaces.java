/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.Slices.offset;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** C6: the reserved bytes never exceed the cap, and match the memory that exists. */
public class CapRaces {
    private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("on purpose");

    /** The cap holds for two concurrent acquires. */
    @JCStressTest
    @Description("C6: two acquires where the cap has room for one chunk")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "One got the chunk, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both got one: the pool holds more than its cap.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "Both were refused, though there was room for one.")
    @State
    public static class C6_CapIsNotPassed {
        private final StripePool pool = new StripePool(1);

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(pool.store.allocateLarge(StripePool.CHUNK, 1));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(pool.store.allocateLarge(StripePool.CHUNK, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = reserved(pool);
        }
    }

    /** The cap holds for the chunks of two allocators as it does for large buffers. */
    @JCStressTest
    @Description("C6: two allocators that need a chunk, where the cap has room for one")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "One got the chunk, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both got one: the pool holds more than its cap.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "Both were refused, though there was room for one.")
    @State
    public static class C6_CapHoldsForChunks {
        private final StripePool pool = new StripePool(1);
        private final ChunkAllocator other = pool.anotherStripe();

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(pool.allocate(16));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(pool.allocate(other, 16));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = reserved(pool);
        }
    }

    /** And for constants, which count their objects too. */
    @JCStressTest
    @Description("C6: two constants, where the cap has room for one and its objects")
    @Outcome(
            id = {"0, -1, 1088", "-1, 0, 1088"},
            expect = ACCEPTABLE,
            desc = "One was made, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both were made: the pool holds more than its cap.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "Both were refused, though there was room for one.")
    @State
    public static class C6_CapHoldsForConstants {
        private final StripePool pool = new StripePool(18); // less than twice 64 bytes and a KiB

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(pool.store.allocateConstant(StripePool.CHUNK));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(pool.store.allocateConstant(StripePool.CHUNK));
        }

        @Arbiter
        public void end(III_Result r) {
            PoolStats stats = pool.store.stats(0);
            r.r3 = (int) (stats.reservedBytes() + stats.heapBytes());
        }
    }

    /** A free chunk is discarded for a large buffer; that frees its bytes for one buffer, not for two. */
    @JCStressTest
    @Description("C6: two large buffers, where all that the cap holds is one free chunk")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "One got the bytes of the free chunk, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both got the same bytes: the pool holds more than its cap.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "Both were refused, though there was room for one.")
    @Outcome(id = ".*-2.*", expect = FORBIDDEN, desc = "Both discarded the same chunk: the free list is broken.")
    @State
    public static class C6_LastFreeBytesGoToOne {
        private final StripePool pool = new StripePool(1);

        public C6_LastFreeBytesGoToOne() {
            pool.leaveADeadThreadsChunk();
            reserved(pool); // reaps: the chunk is free
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = allocateLarge();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = allocateLarge();
        }

        @Arbiter
        public void end(III_Result r) {
            try {
                r.r3 = reserved(pool);
            } catch (RuntimeException | AssertionError e) {
                r.r3 = -2;
            }
        }

        private int allocateLarge() {
            try {
                return offset(pool.store.allocateLarge(StripePool.CHUNK, 1));
            } catch (RuntimeException | AssertionError e) {
                return -2;
            }
        }
    }

    /** A reservation for memory that the JVM then could not provide. */
    @JCStressTest
    @Description("C6: a large buffer for which there is no memory against one for which there is")
    @Outcome(id = "-1, 0, 64", expect = ACCEPTABLE, desc = "The one existing buffer is reserved, and nothing else.")
    @Outcome(id = "[^-].*, .*, .*", expect = FORBIDDEN, desc = "A buffer without memory was handed out.")
    @Outcome(
            id = ".*, .*, [^6].*",
            expect = FORBIDDEN,
            desc = "The failed reservation was not given back, or the other one was lost.")
    @State
    public static class C6_FailedReservationComesBack {
        private static final int TOO_LARGE = 4 * StripePool.CHUNK;

        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store = StripePool.storeWithoutBackOff(
                bytes -> {
                    if (bytes == TOO_LARGE) {
                        throw NO_MEMORY;
                    }
                    return memory.allocate(bytes);
                },
                Integer.MAX_VALUE);

        @Actor
        public void unlucky(III_Result r) {
            r.r1 = offset(store.allocateLarge(TOO_LARGE, 1));
        }

        @Actor
        public void lucky(III_Result r) {
            r.r2 = offset(store.allocateLarge(StripePool.CHUNK, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) store.stats(0).reservedBytes();
        }
    }

    private static int reserved(StripePool pool) {
        return (int) pool.store.stats(0).reservedBytes();
    }
}
