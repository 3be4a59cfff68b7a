/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** What a queue may hold of its pool, and the hook of a pool that has no room. */
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
