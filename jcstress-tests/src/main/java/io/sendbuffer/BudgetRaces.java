/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What queues may hold of their pool, what counts as used of it, and the hook of a pool that has no room. */
public class BudgetRaces {
    /** Two of them are more than what each queue may hold in any case. */
    private static final int LENGTH = 40 << 10;

    private static final QueueLimits LARGE = QueueLimits.DEFAULT;

    @JCStressTest
    @Description("Q32: two senders, of which the queue's share of its pool has room for one")
    @Outcome(id = "1, 40960", expect = ACCEPTABLE, desc = "One was queued, and the other one refused.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "Both were queued: more than the share.")
    @Outcome(expect = FORBIDDEN, desc = "Neither was queued, or it was counted wrong.")
    @State
    public static class Q32_ShareIsStrict {
        /** For all states: a share of next to nothing is left of it, so that the least that is granted decides. */
        private static final SendBufferPool POOL = SendBufferPool.builder()
                .chunkSize(64 << 10)
                .maxMemory(1 << 20)
                .queueShare(1e-9)
                .build();

        private static final SendBuffer MESSAGE = POOL.acquire(LENGTH).seal(LENGTH);

        private final SendQueue queue = new SendQueue(LARGE);
        private final AtomicInteger queued = new AtomicInteger();

        private void offer() {
            if (queue.offer(MESSAGE) == OfferResult.QUEUED) {
                queued.incrementAndGet();
            }
        }

        @Actor
        public void first() {
            offer();
        }

        @Actor
        public void second() {
            offer();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = queued.get();
            r.r2 = (int) queue.queuedBytes();
            queue.close();
        }
    }

    /** A store where a queue may hold as much as is left. */
    private static ChunkStore storeWithBudget(MemorySource source, long cap) {
        return new ChunkStore(new StoreSettings(
                source,
                StripePool.CHUNK,
                cap,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                1,
                Long.MAX_VALUE,
                DirectMemory.UNKNOWN,
                new DiscardedMemory(),
                SystemNanoClock.INSTANCE,
                look -> {},
                Throwable::printStackTrace));
    }

    /**
     * Each queue holds a message that it may hold in any case. A second one is more, and there is as much left while
     * three of the four are in use, but not while all are.
     */
    @JCStressTest
    @Description("Q34: two senders to two queues, of which the budget has room for one to hold more")
    @Outcome(id = "1, 3, 0", expect = ACCEPTABLE, desc = "One was queued before the other one's memory was in use.")
    @Outcome(id = "0, 2, 0", expect = ACCEPTABLE, desc = "Both found all memory in use.")
    @Outcome(id = "2, .*, .*", expect = FORBIDDEN, desc = "Both were queued: more than the budget allows.")
    @Outcome(id = ".*, .*, [^0].*", expect = FORBIDDEN, desc = "Not all of the budget came back.")
    @Outcome(expect = FORBIDDEN, desc = "What is used of the budget is not what the queues hold.")
    @State
    public static class Q34_TwoQueuesAtOneBudget {
        private static final int GUARANTEED = (int) MeasuredRing.GUARANTEED_BYTES;
        private static final long CAP = 5 * GUARANTEED + GUARANTEED / 2;

        /** Of all messages: nothing is written to it. */
        private static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(GUARANTEED);

        private final ChunkStore store = storeWithBudget(bytes -> MEMORY.slice(0, bytes), CAP);
        private final SendQueue near = new SendQueue(LARGE);
        private final SendQueue far = new SendQueue(LARGE);
        private final AtomicInteger queued = new AtomicInteger();

        public Q34_TwoQueuesAtOneBudget() {
            sendTo(near);
            sendTo(far);
            queued.set(0);
        }

        private void sendTo(SendQueue queue) {
            SendBuffer message = store.allocateLarge(GUARANTEED, 1).seal(GUARANTEED);
            if (queue.offer(message) == OfferResult.QUEUED) {
                queued.incrementAndGet();
            }
            message.release();
        }

        @Actor
        public void first() {
            sendTo(near);
        }

        @Actor
        public void second() {
            sendTo(far);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = queued.get();
            r.r2 = (int) (store.stats(0).budgetUsedBytes() / GUARANTEED);
            near.close();
            far.close();
            r.r3 = (int) (CAP - store.queueShareOpaque());
        }
    }

    @JCStressTest
    @Description("Q34: a queue that is written against another one that is closed")
    @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "The share is of the whole budget again.")
    @Outcome(id = "[^0].*, .*, .*", expect = FORBIDDEN, desc = "The share is of less: something counts as used.")
    @Outcome(expect = FORBIDDEN, desc = "A message was not written, or never came back.")
    @State
    public static class Q34_BudgetComesBack {
        private static final int CAP = 8 * StripePool.CHUNK;

        private final ChunkStore store = storeWithBudget(new SlabMemory(), CAP);
        private final SendQueue near = new SendQueue();
        private final SendQueue far = new SendQueue();
        private final DigitWire wire = DigitWire.whole();

        public Q34_BudgetComesBack() {
            sendTo(near, 1);
            sendTo(far, 2);
        }

        private void sendTo(SendQueue queue, int digit) {
            SendBuffer message = store.allocateLarge(1, 1).putByte((byte) digit).seal();
            queue.offer(message);
            message.release();
        }

        @Actor
        public void drainer() {
            near.flush(wire);
        }

        @Actor
        public void closer() {
            far.close();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) (CAP - store.queueShareOpaque());
            r.r2 = (int) store.stats(0).outstandingBuffers();
            r.r3 = (int) wire.digits();
        }
    }

    /** A chunk is free, which the other acquire is too large for. */
    @JCStressTest
    @Description("E4: an acquire that gets no memory from the JVM against one that takes a free chunk")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The share is that of what is left.")
    @Outcome(id = "[^0].*, .*", expect = FORBIDDEN, desc = "The share is of less: what was refused counts as used.")
    @Outcome(expect = FORBIDDEN, desc = "Memory was handed out that does not exist.")
    @State
    public static class E4_RefusedAcquireLeavesTheShare {
        private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("on purpose");

        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store = storeWithBudget(this::allocate, 8 * StripePool.CHUNK);

        public E4_RefusedAcquireLeavesTheShare() {
            store.allocateLarge(StripePool.CHUNK, 1).release();
        }

        private ByteBuffer allocate(int bytes) {
            if (bytes > StripePool.CHUNK) {
                throw NO_MEMORY;
            }
            return memory.allocate(bytes);
        }

        @Actor
        public void refused(II_Result r) {
            r.r2 = store.allocateLarge(2 * StripePool.CHUNK, 1) == null ? 0 : 1;
        }

        @Actor
        public void other() {
            store.allocateLarge(StripePool.CHUNK, 1);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = (int) (store.roomNow() - store.queueShareOpaque());
        }
    }

    @JCStressTest
    @Description("H5: two acquires that find no room, and the application's hook")
    @Outcome(id = "[12], 0", expect = ACCEPTABLE, desc = "One after the other was in it, or one alone.")
    @Outcome(id = ".*, 1", expect = FORBIDDEN, desc = "Both were in it at once.")
    @Outcome(expect = FORBIDDEN, desc = "It was not called.")
    @State
    public static class H5_HookIsCalledByOneAtATime {
        private static final ChunkStore STORE =
                new ChunkStore(MemorySource.DIRECT, 1 << 10, 1 << 10, Throwable::printStackTrace);

        private final AtomicInteger inside = new AtomicInteger();
        private volatile boolean twoAtOnce;
        private final ReclaimHook hook = new ReclaimHook(this::reclaim, STORE, SystemNanoClock.INSTANCE);
        private final AtomicInteger calls = new AtomicInteger();

        private boolean reclaim(int capacity) {
            calls.incrementAndGet();
            if (inside.incrementAndGet() > 1) {
                twoAtOnce = true;
            }
            inside.decrementAndGet();
            return true;
        }

        @Actor
        public void first() {
            hook.run(1);
        }

        @Actor
        public void second() {
            hook.run(1);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.get();
            r.r2 = twoAtOnce ? 1 : 0;
        }
    }
}
