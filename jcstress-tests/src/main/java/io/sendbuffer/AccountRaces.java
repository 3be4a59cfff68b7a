/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.Slices.offset;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a store counts and keeps besides the cap: threads' own chunks, slice objects, discarded memory. */
public class AccountRaces {
    private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("on purpose");
    private static final Thread ONE = parked();
    private static final Thread ANOTHER = parked();

    /** Two threads, of which one may own a chunk; allocators of live threads, each used by one actor. */
    @JCStressTest
    @Description("C10: two threads that ask for a chunk of their own, where one may have one")
    @Outcome(
            id = {"0, -1, 1", "-1, 0, 1"},
            expect = ACCEPTABLE,
            desc = "One owns a chunk, the other shares.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both own one: idle threads may keep more than their share.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "What threads own was counted twice, or never.")
    @State
    public static class C10_ThreadsOwnTheirPart {
        private final ChunkStore store = StripePool.storeWithoutBackOff(new SlabMemory(), 1);
        private final ChunkAllocator one = ChunkAllocator.of(ONE);
        private final ChunkAllocator another = ChunkAllocator.of(ANOTHER);

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(one.allocate(store, 16, 1));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(another.allocate(store, 16, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = store.ownChunksNow();
        }
    }

    /** A chunk of a dead thread is taken back while another thread asks for one of its own. */
    @JCStressTest
    @Description("C10: a thread that asks for its own chunk against statistics, which reap a dead thread's")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The share of the dead thread is now the live one's.")
    @Outcome(id = "-1, .*", expect = FORBIDDEN, desc = "The dead thread kept its share.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "What threads own was counted off twice, or never.")
    @State
    public static class C10_PartOfADeadThread {
        private final ChunkStore store = StripePool.storeWithoutBackOff(new SlabMemory(), 1);
        private final ChunkAllocator one = ChunkAllocator.of(ONE);
        private final Calls calls = new Calls();

        public C10_PartOfADeadThread() {
            ChunkAllocator dead = ChunkAllocator.of(StripePool.DEAD);
            dead.allocate(store, 16, 1);
            store.register(dead);
        }

        @Actor
        public void asker(II_Result r) {
            calls.run(() -> r.r1 = offset(one.allocate(store, 16, 1)));
        }

        @Actor
        public void looker() {
            calls.run(() -> store.stats(0));
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.threw() ? -2 : r.r1;
            r.r2 = store.ownChunksNow();
        }
    }

    /** Discarded memory is noted weakly, and held by the test: the JVM has no more. */
    @JCStressTest
    @Description("C11: acquires from two pools look for memory where one piece was discarded")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "One found it, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both have the same memory.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "The piece was lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "What is reserved does not match what exists; or a call threw.")
    @State
    public static class C11_DiscardedMemoryHasOneTaker {
        private final OneChunk jvm = new OneChunk();
        private final ChunkStore store = jvm.store();
        private final ChunkStore another = jvm.store();
        private final ByteBuffer memory;

        public C11_DiscardedMemoryHasOneTaker() {
            SendBuffer buffer = store.allocateLarge(StripePool.CHUNK, 1);
            memory = buffer.chunk().memory;
            buffer.release();
            store.trim(List.of());
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = OneChunk.allocateLarge(store, memory);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = OneChunk.allocateLarge(another, memory);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) (store.stats(0).reservedBytes() + another.stats(0).reservedBytes());
        }
    }

    /** What the first pool discards is the only memory that the second one could get. */
    @JCStressTest
    @Description("C11: a pool discards memory against an acquire from another one")
    @Outcome(
            id = {"0, -1", "-1, 0"},
            expect = ACCEPTABLE,
            desc = "Found by the acquire, or by the one after it.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "Both have the same memory.")
    @Outcome(id = "-1, -1", expect = FORBIDDEN, desc = "The piece was lost.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A call threw, or what was taken is other memory.")
    @State
    public static class C11_DiscardedIsFoundByAnotherPool {
        private final OneChunk jvm = new OneChunk();
        private final ChunkStore store = jvm.store();
        private final ChunkStore another = jvm.store();
        private final SendBuffer held = store.allocateLarge(StripePool.CHUNK, 1);
        private final ByteBuffer memory = held.chunk().memory;

        @Actor
        public void releaser() {
            held.release();
            store.close(List.of());
        }

        @Actor
        public void taker(II_Result r) {
            r.r1 = OneChunk.allocateLarge(another, memory);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r2 = OneChunk.allocateLarge(another, memory);
        }
    }

    /** The chunk has no live slice when its pool is closed, and its owner may be allocating one. */
    @JCStressTest
    @Description("C11: allocate against close, then an acquire from another pool")
    @Outcome(
            id = {"1, -1", "0, -1"},
            expect = ACCEPTABLE,
            desc = "The chunk is left to the collector, whether the allocation came in time or not.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "The slice and another pool's buffer share memory.")
    @Outcome(
            id = ".*",
            expect = FORBIDDEN,
            desc = "A chunk that its owner may still use was handed out; or a call threw.")
    @State
    public static class C11_ClosedPoolsCurrentChunkIsLeft {
        private final OneChunk jvm = new OneChunk();
        private final ChunkStore store = jvm.store();
        private final ChunkStore another = jvm.store();
        private final ChunkAllocator owner = ChunkAllocator.ofCallingThread();
        private final ByteBuffer memory;

        public C11_ClosedPoolsCurrentChunkIsLeft() {
            SendBuffer first = owner.allocate(store, 1, 1);
            memory = first.chunk().memory;
            first.release();
        }

        @Actor
        public void allocator(II_Result r) {
            try {
                r.r1 = owner.allocate(store, 1, 1) == null ? 0 : 1;
            } catch (IllegalStateException e) {
                r.r1 = 0; // it was closed
            }
        }

        @Actor
        public void closer(II_Result r) {
            store.close(List.of());
            r.r2 = OneChunk.allocateLarge(another, memory);
        }
    }

    /** What two pools have together: the JVM gives one chunk and no more. */
    private static final class OneChunk {
        private final AtomicInteger left = new AtomicInteger(1);
        private final SlabMemory memory = new SlabMemory();
        private final DiscardedMemory shared = new DiscardedMemory();

        ChunkStore store() {
            return StripePool.storeWithoutBackOff(this::allocate, Integer.MAX_VALUE, shared);
        }

        private ByteBuffer allocate(int bytes) {
            if (left.getAndDecrement() <= 0) {
                throw NO_MEMORY;
            }
            return memory.allocate(bytes);
        }

        /** 0 if it got the expected memory, -1 if it was refused, -2 if the call threw, -3 if it is other memory. */
        static int allocateLarge(ChunkStore from, ByteBuffer expected) {
            try {
                SendBuffer buffer = from.allocateLarge(StripePool.CHUNK, 1);
                return buffer == null ? -1 : buffer.chunk().memory == expected ? 0 : -3;
            } catch (RuntimeException | AssertionError e) {
                return -2;
            }
        }
    }

    /** E4: whichever allocation fails, only the other one is counted. */
    @JCStressTest
    @Description("E4: the first allocation fails, of a chunk or of a large buffer, while both are requested")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "What is reserved matches what exists.")
    @Outcome(id = ".*, .*, 128", expect = FORBIDDEN, desc = "The failed reservation is kept.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A buffer without memory was handed out, or a count was lost.")
    @State
    public static class E4_FailedAllocationLeavesTheCounts {
        private final AtomicInteger asked = new AtomicInteger();
        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store = StripePool.storeWithoutBackOff(
                bytes -> {
                    if (asked.getAndIncrement() == 0) {
                        throw NO_MEMORY;
                    }
                    return memory.allocate(bytes);
                },
                Integer.MAX_VALUE);
        private final ChunkAllocator stripe = ChunkAllocator.stripe();

        @Actor
        public void small(III_Result r) {
            r.r1 = offset(stripe.allocateShared(store, 16, 1));
        }

        @Actor
        public void large(III_Result r) {
            r.r2 = offset(store.allocateLarge(StripePool.CHUNK, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) store.stats(0).reservedBytes();
        }
    }

    /** Slice objects of two chunks are counted while a free chunk, with its objects, is discarded. */
    @JCStressTest
    @Description("C12: two stripes whose chunks need more slice objects against trim")
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "All counts were undone.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Heap is counted that is not held, or the other way around.")
    @State
    public static class C12_HeapIsCountedOnce {
        private static final int CHUNK = 1 << 10;
        private static final int INITIAL_SLICES = 16;

        private final ChunkStore store =
                new ChunkStore(new SlabMemory(), CHUNK, 64 * CHUNK, Throwable::printStackTrace);
        private final ChunkAllocator one = ChunkAllocator.stripe();
        private final ChunkAllocator another = ChunkAllocator.stripe();

        public C12_HeapIsCountedOnce() {
            fill(one);
            fill(another);
        }

        private void fill(ChunkAllocator stripe) {
            for (int i = 0; i < INITIAL_SLICES; i++) {
                stripe.allocateShared(store, 0, 1).release();
            }
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = allocate(one);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = allocate(another);
        }

        private int allocate(ChunkAllocator stripe) {
            SendBuffer next = stripe.allocateShared(store, 0, 1);
            if (next == null) {
                return 0;
            }
            next.release();
            return 1;
        }

        @Arbiter
        public void end(III_Result r) {
            int counted = (int) store.stats(0).heapBytes();
            store.trim(List.of(one, another));
            int left = (int) store.stats(0).heapBytes();
            int expected = 2 * INITIAL_SLICES * Chunk.HEAP_BYTES_PER_SLICE;
            r.r3 = counted == expected ? left : -1;
        }
    }

    private static Thread parked() {
        Thread owner = new Thread(LockSupport::park, "owner of a chunk");
        owner.setDaemon(true);
        owner.start();
        return owner;
    }

    /** Each is refused memory, at a moment when a collection is due. */
    @JCStressTest
    @Description("C13: two threads that check whether a collection helps")
    @Outcome(
            id = {"1, 0, 1", "0, 1, 1"},
            expect = ACCEPTABLE,
            desc = "One checked, and called.")
    @Outcome(id = "1, 1, .*", expect = FORBIDDEN, desc = "Both called, one collection after the other.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "None called, or one of them without a check.")
    @State
    public static class C13_OneCalls {
        private final AtomicInteger count = new AtomicInteger();
        private final CollectionRequests calls = new CollectionRequests(() -> 0, count::incrementAndGet);

        @Actor
        public void one(III_Result r) {
            r.r1 = callIfDue();
        }

        @Actor
        public void another(III_Result r) {
            r.r2 = callIfDue();
        }

        private int callIfDue() {
            if (!calls.claimLook()) {
                return 0;
            }
            calls.call(true);
            return 1;
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = count.get();
        }
    }
}
