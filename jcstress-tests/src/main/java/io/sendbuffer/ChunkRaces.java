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
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A chunk from its first slice to its next life: current, retired, recycled once, reset before it is seen. */
public class ChunkRaces {
    /** The owner's hold keeps the current chunk; retiring drops it once, and then the last slice decides. */
    @JCStressTest
    @Description("C1: allocate, release and retire on a stripe against the last release of another slice")
    @Outcome(
            id = "7, 1",
            expect = ACCEPTABLE,
            desc = "Freed once, after the chunk was retired and its last slice released.")
    @Outcome(id = "9, .*", expect = FORBIDDEN, desc = "The current chunk was freed under its owner.")
    @Outcome(id = ".*, [^1]", expect = FORBIDDEN, desc = "The chunk was freed twice, or never.")
    @State
    public static class C1_CurrentChunkIsNotFreed {
        private final StripePool pool = new StripePool();
        private final SendBuffer other = pool.allocate(16);

        @Actor
        public void owner(II_Result r) {
            SendBuffer mine = pool.allocate(16);
            mine.putByte((byte) 7);
            r.r1 = mine.getByte(0);
            mine.release();
            pool.allocate(StripePool.CHUNK); // does not fit: the chunk is retired
        }

        @Actor
        public void releaser() {
            other.release();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = pool.frees();
        }
    }

    /** Retiring and the last release meet: one of them recycles. */
    @JCStressTest
    @Description("C1: retire against the last release")
    @Outcome(
            id = "1, 64",
            expect = ACCEPTABLE,
            desc = "Freed once; what is reserved is the next chunk, or the same one again.")
    @Outcome(id = "1, 128", expect = ACCEPTABLE, desc = "Freed once; it waits in the free list, beside the next chunk.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "Each left it to the other: never freed.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "Both freed it: two owners will allocate from it.")
    @State
    public static class C1_RetireDropsTheHoldOnce {
        private final StripePool pool = new StripePool();
        private final SendBuffer other = pool.allocate(16);

        @Actor
        public void owner() {
            pool.allocate(StripePool.CHUNK);
        }

        @Actor
        public void releaser() {
            other.release();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = pool.frees();
            r.r2 = (int) pool.store.stats(0).reservedBytes();
        }
    }

    /** A thread's own allocator counts without an atomic; another thread's release must not use that path. */
    @JCStressTest
    @Description("C1: allocate, release and retire by the owning thread against a release by another one")
    @Outcome(id = "7, [01], 1", expect = ACCEPTABLE, desc = "Freed once, whichever thread released the shared slice.")
    @Outcome(id = "9, .*, .*", expect = FORBIDDEN, desc = "The current chunk was freed under its owner.")
    @Outcome(id = ".*, .*, [^1]", expect = FORBIDDEN, desc = "A count was lost: the chunk is freed twice, or never.")
    @State
    public static class C1_OwnerCountsWithoutAtomics {
        private static final int PATIENCE = 200;

        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store =
                new ChunkStore(memory, StripePool.CHUNK, 16 * StripePool.CHUNK, Throwable::printStackTrace);
        private volatile SendBuffer shared;

        @Actor
        public void owner(III_Result r) {
            ChunkAllocator allocator = ChunkAllocator.ofCallingThread();
            shared = allocator.allocate(store, 16, 1);
            SendBuffer mine = allocator.allocate(store, 16, 1);
            mine.putByte((byte) 7);
            r.r1 = mine.getByte(0);
            mine.release();
            allocator.allocate(store, StripePool.CHUNK, 1);
        }

        @Actor
        public void releaser(III_Result r) {
            for (int i = 0; i < PATIENCE; i++) {
                if (shared != null) {
                    shared.release();
                    r.r2 = 1;
                    return;
                }
                Thread.onSpinWait();
            }
        }

        @Arbiter
        public void end(III_Result r) {
            if (r.r2 == 0) {
                shared.release();
            }
            r.r3 = memory.frees();
        }
    }

    /** Two threads on one stripe get pieces of their own. */
    @JCStressTest
    @Description("C2: allocate against allocate on a shared stripe")
    @Outcome(
            id = {"0, 32, 16, 48", "16, 48, 0, 32", "0, 16, 32, 48", "32, 48, 0, 16", "0, 48, 16, 32", "16, 32, 0, 48"},
            expect = ACCEPTABLE,
            desc = "Four slices side by side.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Two slices share bytes, or bytes were lost between them.")
    @State
    public static class C2_SlicesDoNotOverlap {
        private final StripePool pool = new StripePool();

        @Actor
        public void first(IIII_Result r) {
            r.r1 = offset(pool.allocate(16));
            r.r2 = offset(pool.allocate(16));
        }

        @Actor
        public void second(IIII_Result r) {
            r.r3 = offset(pool.allocate(16));
            r.r4 = offset(pool.allocate(16));
        }
    }

    /** Of the last chunk under the cap, every byte is available, and not one more. */
    @JCStressTest
    @Description("C2: two slices where one fits, then the rest of the chunk")
    @Outcome(
            id = {"0, -1, 48", "-1, 0, 48"},
            expect = ACCEPTABLE,
            desc = "One fits, the other is refused, and the rest is still there.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both got the same bytes.")
    @Outcome(id = ".*, .*, -1", expect = FORBIDDEN, desc = "The refused slice took the rest of the chunk.")
    @Outcome(id = ".*48, .*|.*, 48, .*", expect = FORBIDDEN, desc = "A slice reaches beyond the end of its chunk.")
    @State
    public static class C2_LastSliceOfAChunk {
        private final StripePool pool = new StripePool(1);

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(pool.allocate(48));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(pool.allocate(48));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = offset(pool.allocate(16));
        }
    }

    /** A seal gives the unused tail back only if nothing was allocated after it. */
    @JCStressTest
    @Description("C2: seal, which gives the tail back, against allocate on a shared stripe")
    @Outcome(id = "4, 8", expect = ACCEPTABLE, desc = "The tail was given back first: the next slice is a neighbor.")
    @Outcome(
            id = "16, 20",
            expect = ACCEPTABLE,
            desc = "The next slice was allocated first: the tail stays where it is.")
    @Outcome(id = "4, .*", expect = FORBIDDEN, desc = "The tail was given back once more: the slice after overlaps.")
    @Outcome(id = "16, .*", expect = FORBIDDEN, desc = "The tail was given back though a slice was allocated after it.")
    @State
    public static class C2_SealGivesTheTailBack {
        private final StripePool pool = new StripePool();
        private final SendBuffer message = pool.allocate(16);

        @Actor
        public void sealer() {
            message.seal(4);
        }

        @Actor
        public void allocator(II_Result r) {
            r.r1 = offset(pool.allocate(4));
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = offset(pool.allocate(4));
        }
    }

    /** The next owner of a recycled chunk allocates from its beginning. The cap leaves no other chunk to take. */
    @JCStressTest
    @Description("C5: the last release, which recycles, against an allocation that takes the free chunk")
    @Outcome(id = "0, 32, 1", expect = ACCEPTABLE, desc = "The next owner allocates from the beginning.")
    @Outcome(id = "-1, -1, 1", expect = ACCEPTABLE, desc = "The next owner came too early, and got nothing.")
    @Outcome(id = "-2, .*, .*", expect = FORBIDDEN, desc = "The chunk was seen in the free list while still full.")
    @Outcome(id = "0, .*, .*", expect = FORBIDDEN, desc = "The chunk was reset under its next owner: slices overlap.")
    @State
    public static class C5_ResetBeforeOthersSeeIt {
        private static final int PATIENCE = 200;

        private final StripePool pool = new StripePool(2);
        private final ChunkAllocator next = ChunkAllocator.stripe();
        private final SendBuffer last = pool.allocate(StripePool.CHUNK);

        public C5_ResetBeforeOthersSeeIt() {
            pool.allocate(StripePool.CHUNK); // retires the chunk of the last slice
        }

        @Actor
        public void releaser() {
            last.release();
        }

        @Actor
        public void taker(III_Result r) {
            SendBuffer taken = null;
            for (int i = 0; i < PATIENCE && next.current == null; i++) {
                taken = next.allocateShared(pool.store, 32, 1);
            }
            r.r1 = taken == null && next.current != null ? -2 : offset(taken);
            r.r2 = taken == null ? -1 : offset(next.allocateShared(pool.store, 32, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = pool.frees();
        }
    }
}
