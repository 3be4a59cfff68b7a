/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.Slices.offset;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The owner of a chunk: one allocator takes it from the free list, and one reaper from a dead thread. */
public class ChunkOwnerRaces {
    /**
     * The ABA problem of a compare-and-set on the head of the list: the head comes back in between. Seven chunks come
     * back in all: the three of the constructor, the giver's first one, and the three current ones that the trim
     * retires.
     */
    @JCStressTest
    @Description("C3: take a free chunk against take, take, give the first one back")
    @Outcome(id = "1, 0, 7", expect = ACCEPTABLE, desc = "Each has a chunk of its own; each chunk came back once.")
    @Outcome(id = "0, .*, .*", expect = FORBIDDEN, desc = "Two allocators have the same chunk: their slices overlap.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "The list is broken: it ended early, or gave out nothing.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "A chunk was lost from the list, or is in it twice.")
    @State
    public static class C3_FreeChunkHasOneOwner {
        private final StripePool pool = new StripePool(4);
        private final ChunkAllocator near = pool.anotherStripe();
        private final ChunkAllocator far = pool.anotherStripe();
        private SendBuffer taken;
        private SendBuffer kept;
        private final Calls calls = new Calls();

        public C3_FreeChunkHasOneOwner() {
            SendBuffer[] free = {
                pool.allocate(StripePool.CHUNK), pool.allocate(StripePool.CHUNK), pool.allocate(StripePool.CHUNK)
            };
            pool.allocate(StripePool.CHUNK).release(); // the stripe has the fourth chunk
            for (SendBuffer slice : free) {
                slice.release();
            }
        }

        @Actor
        public void taker() {
            calls.run(() -> taken = pool.allocate(near, 16));
        }

        @Actor
        public void giver() {
            calls.run(() -> {
                SendBuffer first = pool.allocate(far, StripePool.CHUNK);
                kept = pool.allocate(far, StripePool.CHUNK);
                first.release();
            });
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> {
                r.r1 = near.current == far.current || taken.chunk() == kept.chunk() ? 0 : 1;
                taken.release();
                kept.release();
                pool.store.trim(List.of(pool.stripe, near, far));
            });
            r.r1 = calls.threw() ? -1 : r.r1;
            r.r2 = (int) pool.store.stats(0).reservedBytes();
            r.r3 = pool.frees();
        }
    }

    /**
     * The dead thread's chunk is the only one under the cap: an allocator that needs a chunk reaps it, unless stats
     * did.
     */
    @JCStressTest
    @Description("C7: stats against an allocator that needs a chunk, beside the allocator of a dead thread")
    @Outcome(id = "0, 1, 64", expect = ACCEPTABLE, desc = "The chunk was retired once, and is the living allocator's.")
    @Outcome(
            id = "-1, .*, .*",
            expect = FORBIDDEN,
            desc = "The dead thread's chunk was not found, and an acquire failed.")
    @Outcome(
            id = "-2, .*, .*",
            expect = FORBIDDEN,
            desc = "Both reaped the same allocator: the list of allocators is broken.")
    @Outcome(
            id = "0, .*",
            expect = FORBIDDEN,
            desc = "The chunk was retired twice: it is free, and an allocator uses it.")
    @State
    public static class C7_ReapedForTheNextOwner extends DeadThreadState {
        @Actor
        public void statsReader() {
            readStats();
        }

        @Actor
        public void allocator(III_Result r) {
            calls.run(() -> r.r1 = offset(pool.allocate(16)));
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    /** Two threads reap, and need no chunk. */
    @JCStressTest
    @Description("C7: stats against trim, beside the allocator of a dead thread")
    @Outcome(id = "64, 1, 0", expect = ACCEPTABLE, desc = "The chunk was retired once, and discarded.")
    @Outcome(
            id = "-2, .*, .*",
            expect = FORBIDDEN,
            desc = "Both reaped the same allocator: the list of allocators is broken.")
    @Outcome(id = ".*, [^1], .*", expect = FORBIDDEN, desc = "The chunk was retired twice, or never.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The bytes of the chunk were counted off twice, or never.")
    @State
    public static class C7_ReapedOnce extends DeadThreadState {
        @Actor
        public void statsReader() {
            readStats();
        }

        @Actor
        public void trimmer(III_Result r) {
            calls.run(() -> r.r1 = (int) pool.store.trim(List.of()));
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    /** A pool of one chunk, which is the current chunk of a dead thread. */
    abstract static class DeadThreadState {
        final StripePool pool = new StripePool(1);
        final Calls calls = new Calls();

        DeadThreadState() {
            pool.leaveADeadThreadsChunk();
        }

        /** Reads the stats, which reaps the allocators of dead threads. */
        final void readStats() {
            calls.run(() -> pool.store.stats(0));
        }

        final void show(III_Result r) {
            r.r2 = pool.frees();
            // Only the next search shows a hole in the list of allocators.
            calls.run(() -> r.r3 = (int) pool.store.stats(0).reservedBytes());
            r.r1 = calls.threw() ? -2 : r.r1;
        }
    }
}
