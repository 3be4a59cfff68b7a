/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** C4: a closed pool keeps nothing, whatever comes back to it while it closes. */
public class CloseRaces {
    /** The chunk comes back before the close, which discards it, or after the close, and is discarded at once. */
    @JCStressTest
    @Description("C4: the last release of a retired chunk against close")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Freed once, and nothing is kept.")
    @Outcome(id = ".*, [^0].*, .*", expect = FORBIDDEN, desc = "The free list of a closed pool holds a chunk.")
    @Outcome(id = ".*, .*, [^0].*", expect = FORBIDDEN, desc = "A closed pool with no live slice still counts bytes.")
    @Outcome(id = "[02], .*, .*", expect = FORBIDDEN, desc = "The chunk was freed twice, or never.")
    @State
    public static class C4_NothingIsRecycledIntoAClosedPool {
        private final StripePool pool = new StripePool();
        private final SendBuffer last = pool.allocate(StripePool.CHUNK);

        public C4_NothingIsRecycledIntoAClosedPool() {
            retireCurrent(pool);
        }

        @Actor
        public void releaser() {
            last.release();
        }

        @Actor
        public void closer() {
            pool.close();
        }

        @Arbiter
        public void end(III_Result r) {
            left(pool, r, 1);
        }
    }

    /** Close retires the stripe's chunk while its last slice is released. */
    @JCStressTest
    @Description("C4: the last release of a current chunk against close")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Freed once, and nothing is kept.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "Both discarded the same chunk: the registry is broken.")
    @Outcome(id = ".*, [^0].*, .*", expect = FORBIDDEN, desc = "The free list of a closed pool holds a chunk.")
    @Outcome(id = ".*, .*, [^0].*", expect = FORBIDDEN, desc = "A closed pool with no live slice still counts bytes.")
    @Outcome(id = "[02], .*, .*", expect = FORBIDDEN, desc = "The chunk was freed twice, or never.")
    @State
    public static class C4_CloseRetiresOnce {
        private final StripePool pool = new StripePool();
        private final SendBuffer last = pool.allocate(16);
        private final Calls calls = new Calls();

        @Actor
        public void releaser() {
            calls.run(last::release);
        }

        @Actor
        public void closer() {
            calls.run(pool::close);
        }

        @Arbiter
        public void end(III_Result r) {
            calls.run(() -> left(pool, r, 0));
            r.r1 = calls.threw() ? -1 : r.r1;
        }
    }

    /**
     * Another thread's current chunk keeps its bias at close, and is discarded when that thread's last slice is
     * released: at once, or with the next call of stats, which is therefore made first.
     */
    @JCStressTest
    @Description("C4: acquire and release by the owning thread against close by another one")
    @Outcome(id = "7, 1, 0", expect = ACCEPTABLE, desc = "The acquire came in time; nothing is kept.")
    @Outcome(id = "-1, 0, 0", expect = ACCEPTABLE, desc = "The acquire was refused: the pool was closed.")
    @Outcome(id = ".*, .*, [^0].*", expect = FORBIDDEN, desc = "A closed pool with no live slice still counts bytes.")
    @Outcome(id = "7, .*, .*", expect = FORBIDDEN, desc = "The chunk was freed twice, or never.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A chunk was freed that no thread got.")
    @State
    public static class C4_CloseWhileAnotherThreadAllocates {
        private final StripePool pool = new StripePool();

        @Actor
        public void owner(III_Result r) {
            try {
                ChunkAllocator own = ChunkAllocator.ofCallingThread();
                pool.store.register(own);
                SendBuffer mine = own.allocate(pool.store, 16, 1);
                mine.putByte((byte) 7);
                mine.release();
                r.r1 = 7;
            } catch (IllegalStateException e) {
                r.r1 = -1;
            }
        }

        @Actor
        public void closer() {
            pool.close();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) pool.store.stats(0).reservedBytes();
            r.r2 = pool.frees();
        }
    }

    /** Of the close and the release, the later one discards the chunk: no call of stats is needed. */
    @JCStressTest
    @Description("C4: the last release of another thread's current chunk against close")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Freed once, and nothing is kept.")
    @Outcome(
            id = "., [^0].*",
            expect = FORBIDDEN,
            desc = "Each left it to the other: the chunk stays in a closed pool.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The chunk was freed twice, or never; or a call threw.")
    @State
    public static class C4_LastReleaseDropsTheChunk {
        private static final Thread OWNER = aliveForever();

        private final StripePool pool = new StripePool();
        private final SendBuffer last;
        private final Calls calls = new Calls();

        public C4_LastReleaseDropsTheChunk() {
            ChunkAllocator owner = ChunkAllocator.of(OWNER);
            pool.store.register(owner);
            last = owner.allocate(pool.store, 16, 1);
        }

        @Actor
        public void releaser() {
            calls.run(last::release);
        }

        @Actor
        public void closer() {
            calls.run(pool::close);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.threw() ? -1 : pool.frees();
            r.r2 = (int) pool.store.reservedBytesNow();
        }

        /** Keeps the owner alive, or the close would reap it and retire its chunk. */
        private static Thread aliveForever() {
            Thread owner = new Thread(LockSupport::park, "owner of the chunks");
            owner.setDaemon(true);
            owner.start();
            return owner;
        }
    }

    /**
     * The pool itself: it has to lock a stripe before it retires the stripe's chunk, since a virtual thread may be
     * allocating from it.
     */
    @JCStressTest
    @Description("C4: acquire from a stripe of a pool against close of that pool")
    @Outcome(id = "7, 1, 0", expect = ACCEPTABLE, desc = "The acquire came in time, and the buffer outlived the close.")
    @Outcome(id = "-1, 1, 0", expect = ACCEPTABLE, desc = "The acquire was refused: the pool was closed.")
    @Outcome(id = "9, .*, .*", expect = FORBIDDEN, desc = "The close freed the chunk of a live buffer.")
    @Outcome(id = "-2, .*, .*", expect = FORBIDDEN, desc = "A call threw: close and acquire broke the chunk's count.")
    @Outcome(id = ".*, [^1], .*", expect = FORBIDDEN, desc = "The chunk was freed twice, or never.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A closed pool with no live slice still counts bytes.")
    @State
    public static class C4_CloseWhileAStripeAllocates {
        private static final int STRIPE = 1;

        private final SlabMemory memory = new SlabMemory();
        private final SendBufferPool pool = SendBufferPool.builder()
                .chunkSize(1 << 10)
                .maxMemory(4 << 10)
                .stripes(2)
                .errorHandler(error -> {}) // the buffer may be outstanding at the close
                .memorySource(memory)
                .build();
        private SendBuffer mine;
        private final Calls calls = new Calls();

        public C4_CloseWhileAStripeAllocates() {
            pool.allocateFromStripe(STRIPE, 16, 1).release(); // the stripe has a chunk: the race is close
        }

        @Actor
        public void allocator() {
            try {
                mine = pool.allocateFromStripe(STRIPE, 16, 1);
                mine.putByte((byte) 7);
            } catch (IllegalStateException e) {
                mine = null; // closed
            }
        }

        @Actor
        public void closer() {
            calls.run(pool::close);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = -1;
            if (mine != null) {
                r.r1 = mine.getByte(0);
                calls.run(mine::release);
            }
            r.r1 = calls.threw() ? -2 : r.r1;
            r.r2 = memory.frees();
            r.r3 = (int) pool.stats().reservedBytes();
        }
    }

    private static void retireCurrent(StripePool pool) {
        pool.allocate(StripePool.CHUNK).release();
    }

    /** How often memory came back; what a trim still finds in the free list; what is still reserved. */
    private static void left(StripePool pool, III_Result r, int freesOfIdleChunks) {
        r.r1 = pool.frees() - freesOfIdleChunks;
        r.r2 = (int) pool.store.trim(List.of());
        r.r3 = (int) pool.store.stats(0).reservedBytes();
    }
}
