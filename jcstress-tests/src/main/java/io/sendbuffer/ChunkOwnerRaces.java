package io.sendbuffer;

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

/** Who owns a chunk after the store gave it out, and what the store counts for it. */
public class ChunkOwnerRaces {
    /** A thread that never ran is as dead as one that ended; a state can afford no thread of its own. */
    private static final Thread DEAD = new Thread(() -> {}, "never started");

    private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("on purpose");

    /** The shape in which a compare-and-set on the head of the list is fooled: the head comes back in between. */
    @JCStressTest
    @Description("C3: take a free chunk against take, take, give the first one back")
    @Outcome(id = "1, 0, 7", expect = ACCEPTABLE, desc = "Each has a chunk of its own; all came back, each once.")
    @Outcome(id = "0, .*, .*", expect = FORBIDDEN, desc = "Two carvers have the same chunk: their slices overlap.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "The list is broken: it ended early, or gave out nothing.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "A chunk was lost from the list, or is in it twice.")
    @State
    public static class C3_FreeChunkHasOneOwner {
        private final StripePool pool = new StripePool(4);
        private final Carver near = pool.anotherStripe();
        private final Carver far = pool.anotherStripe();
        private SendBuffer taken;
        private SendBuffer kept;
        private boolean broken;

        public C3_FreeChunkHasOneOwner() {
            SendBuffer[] free = {
                pool.carve(StripePool.CHUNK), pool.carve(StripePool.CHUNK), pool.carve(StripePool.CHUNK)
            };
            pool.carve(StripePool.CHUNK).release(); // the stripe has the fourth chunk
            for (SendBuffer slice : free) {
                slice.release();
            }
        }

        @Actor
        public void taker() {
            try {
                taken = pool.carve(near, 16);
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Actor
        public void giver() {
            try {
                SendBuffer first = pool.carve(far, StripePool.CHUNK);
                kept = pool.carve(far, StripePool.CHUNK);
                first.release();
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            try {
                r.r1 = near.current == far.current || taken.chunk() == kept.chunk() ? 0 : 1;
                taken.release();
                kept.release();
                pool.store.trim(List.of(pool.stripe, near, far));
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
            r.r1 = broken ? -1 : r.r1;
            r.r2 = (int) pool.store.stats(0).reservedBytes();
            r.r3 = pool.frees();
        }
    }

    /** The cap holds for the chunks of two carvers as it does for large buffers. */
    @JCStressTest
    @Description("C6: two carvers that need a chunk, where the cap has room for one")
    @Outcome(
            id = {"0, -1, 64", "-1, 0, 64"},
            expect = ACCEPTABLE,
            desc = "One got the chunk, the other was refused.")
    @Outcome(id = "0, 0, .*", expect = FORBIDDEN, desc = "Both got one: the pool holds more than its cap.")
    @Outcome(id = "-1, -1, .*", expect = FORBIDDEN, desc = "Both were refused, though there was room for one.")
    @State
    public static class C6_CapHoldsForChunks {
        private final StripePool pool = new StripePool(1);
        private final Carver other = pool.anotherStripe();

        @Actor
        public void first(III_Result r) {
            r.r1 = offset(pool.carve(16));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = offset(pool.carve(other, 16));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) pool.store.stats(0).reservedBytes();
        }
    }

    /** What was reserved for memory that the JVM then did not have. */
    @JCStressTest
    @Description("C6: a large buffer for which there is no memory against one for which there is")
    @Outcome(id = "-1, 0, 64", expect = ACCEPTABLE, desc = "What is reserved is the one buffer that there is.")
    @Outcome(id = "[^-].*, .*, .*", expect = FORBIDDEN, desc = "A buffer without memory was given out.")
    @Outcome(
            id = ".*, .*, [^6].*",
            expect = FORBIDDEN,
            desc = "The reservation of the one that failed was not given back, or that of the other was lost.")
    @State
    public static class C6_FailedReservationComesBack {
        private static final int TOO_LARGE = 4 * StripePool.CHUNK;

        private final SlabMemory memory = new SlabMemory();
        private final ChunkStore store = new ChunkStore(
                bytes -> {
                    if (bytes == TOO_LARGE) {
                        throw NO_MEMORY;
                    }
                    return memory.allocate(bytes);
                },
                StripePool.CHUNK,
                8 * StripePool.CHUNK);

        @Actor
        public void unlucky(III_Result r) {
            r.r1 = offset(store.carveLarge(TOO_LARGE, 1));
        }

        @Actor
        public void lucky(III_Result r) {
            r.r2 = offset(store.carveLarge(StripePool.CHUNK, 1));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r3 = (int) store.stats(0).reservedBytes();
        }
    }

    /** The dead thread's chunk is the only one under the cap: who needs one reaps it, unless a look at the pool did. */
    @JCStressTest
    @Description("C7: stats against a carver that needs a chunk, beside the carver of a dead thread")
    @Outcome(id = "0, 1, 64", expect = ACCEPTABLE, desc = "The chunk was retired once, and is the living carver's.")
    @Outcome(
            id = "-1, .*, .*",
            expect = FORBIDDEN,
            desc = "The dead thread's chunk was not found, and an acquire failed.")
    @Outcome(
            id = "-2, .*, .*",
            expect = FORBIDDEN,
            desc = "Both reaped the same carver: the list of carvers is broken.")
    @Outcome(
            id = "0, .*",
            expect = FORBIDDEN,
            desc = "The chunk was retired twice: it is free, and somebody carves it.")
    @State
    public static class C7_ReapedForTheNextOwner {
        private final StripePool pool = new StripePool(1);
        private boolean broken;

        public C7_ReapedForTheNextOwner() {
            dieWithAChunk(pool);
        }

        @Actor
        public void looker() {
            try {
                pool.store.stats(0);
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Actor
        public void carver(III_Result r) {
            try {
                r.r1 = offset(pool.carve(16));
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = broken ? -2 : r.r1;
            r.r2 = pool.frees();
            r.r3 = (int) pool.store.stats(0).reservedBytes();
        }
    }

    /** Two who reap and need nothing. */
    @JCStressTest
    @Description("C7: stats against trim, beside the carver of a dead thread")
    @Outcome(id = "64, 1, 0", expect = ACCEPTABLE, desc = "The chunk was retired once, and let go.")
    @Outcome(
            id = "-2, .*, .*",
            expect = FORBIDDEN,
            desc = "Both reaped the same carver: the list of carvers is broken.")
    @Outcome(id = ".*, [^1], .*", expect = FORBIDDEN, desc = "The chunk was retired twice, or never.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The bytes of the chunk were counted off twice, or never.")
    @State
    public static class C7_ReapedOnce {
        private final StripePool pool = new StripePool(1);
        private boolean broken;

        public C7_ReapedOnce() {
            dieWithAChunk(pool);
        }

        @Actor
        public void looker() {
            try {
                pool.store.stats(0);
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Actor
        public void trimmer(III_Result r) {
            try {
                r.r1 = (int) pool.store.trim(List.of());
            } catch (RuntimeException | AssertionError e) {
                broken = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = broken ? -2 : r.r1;
            r.r2 = pool.frees();
            r.r3 = (int) pool.store.stats(0).reservedBytes();
        }
    }

    /** Leaves the carver of a dead thread behind, whose current chunk has no live slice. */
    private static void dieWithAChunk(StripePool pool) {
        Carver dead = Carver.of(DEAD);
        dead.carve(pool.store, 16, 1).release();
        pool.store.register(dead); // not before: its own carve would reap it
    }

    private static int offset(SendBuffer slice) {
        return slice == null ? -1 : slice.offset();
    }
}
