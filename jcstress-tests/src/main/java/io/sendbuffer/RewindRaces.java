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

/**
 * Steps that a thread makes without an atomic because it alone allocates: it begins a chunk again, and skips a lookup.
 */
public class RewindRaces {
    private static final int PATIENCE = 200;
    private static final byte OURS = 7;

    /** The owner has released all its slices, and another thread holds one, or has released it. */
    @JCStressTest
    @Description("C8: the owner releases all but one and allocates on against a read and the release of that one")
    @Outcome(id = "0, [07], 1", expect = ACCEPTABLE, desc = "No slice overlaps another; the chunk was freed once.")
    @Outcome(id = ".*, 9, .*", expect = FORBIDDEN, desc = "The chunk began again while a slice was still held.")
    @Outcome(id = "[^0].*, .*, .*", expect = FORBIDDEN, desc = "The owner's own slices overlap.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A count was lost: the chunk was freed twice, or never.")
    @State
    public static class C8_BeginsAgainWhenNothingIsAlive {
        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store =
                new ChunkStore(memory, StripePool.CHUNK, 16 * StripePool.CHUNK, Throwable::printStackTrace);
        private final SendBuffer[] later = new SendBuffer[4];
        private volatile SendBuffer shared;

        @Actor
        public void owner() {
            ChunkAllocator allocator = ChunkAllocator.ofCallingThread();
            SendBuffer mine = allocator.allocate(store, 16, 1);
            SendBuffer toBeShared = allocator.allocate(store, 16, 1);
            toBeShared.putByte(OURS).seal(16);
            shared = toBeShared;
            mine.release();
            for (int i = 0; i < later.length; i++) {
                later[i] = allocator.allocate(store, 16, 1);
                for (int at = 0; at < 16; at++) {
                    later[i].putByte(at, SlabMemory.POISON);
                }
            }
        }

        @Actor
        public void holder(III_Result r) {
            for (int i = 0; i < PATIENCE; i++) {
                if (shared != null) {
                    r.r2 = read();
                    shared.release();
                    return;
                }
                Thread.onSpinWait();
            }
        }

        private int read() {
            int last = OURS;
            for (int i = 0; i < PATIENCE && last == OURS; i++) {
                last = shared.getByte(0);
            }
            return last;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = overlaps();
            if (r.r2 == 0) {
                shared.release();
            }
            for (SendBuffer buffer : later) {
                buffer.release();
            }
            r.r3 = memory.frees();
        }

        private int overlaps() {
            int count = 0;
            for (int i = 0; i < later.length; i++) {
                for (int j = 0; j < i; j++) {
                    boolean same = later[i].chunk() == later[j].chunk() && later[i].offset() == later[j].offset();
                    count += same ? 1 : 0;
                }
            }
            return count;
        }
    }

    /** One pool for all states: each of the two threads is looked up often, so the hint alternates between them. */
    @JCStressTest
    @Description("C9: acquire, write, read and release by a platform thread against the same by another one")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Each has memory of its own.")
    @Outcome(id = "-1, .*|.*, -1", expect = FORBIDDEN, desc = "Two threads broke the one allocator that they used.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Two threads have the same memory.")
    @State
    public static class C9_HintIsTheCallersOwn {
        private static final int CHUNK = 1 << 10;
        private static final int ROUNDS = 8;
        private static final SendBufferPool POOL = SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(1_000 * CHUNK)
                .stripes(1)
                .build();

        @Actor
        public void one(II_Result r) {
            r.r1 = use(1);
        }

        @Actor
        public void another(II_Result r) {
            r.r2 = use(2);
        }

        /** Returns the value read back where it wrote its own number; -1 if something threw. */
        private static int use(int number) {
            int[] read = {number};
            Calls calls = new Calls();
            calls.run(() -> {
                for (int i = 0; i < ROUNDS && read[0] == number; i++) {
                    SendBuffer first = POOL.acquire(8).putLong(number);
                    SendBuffer second = POOL.acquire(8).putLong(number);
                    read[0] = (int) (first.getLong(0) | second.getLong(0));
                    first.release();
                    second.release();
                }
            });
            return calls.threw() ? -1 : read[0];
        }
    }
}
