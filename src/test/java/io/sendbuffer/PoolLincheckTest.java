/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.lincheck.ModelChecking;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A pool of whole chunks: a thread that takes one gets it or, at the cap, nothing; after the close, an exception. In
 * every interleaving of the steps the pool behaves as a number of chunks, taken from and given back to.
 */
class PoolLincheckTest {
    private static final int MAX_CHUNKS = 2;
    private static final int MAX_THREADS = 4;

    private static final ModelChecking CHECK = ModelChecking.ignoring(ChunkAllocatorLincheckTest.Memory.class);

    @Test
    void shouldBeABoundedNumberOfChunks() {
        CHECK.assertKeeps(
                Taking.class,
                Count.class,
                "take; take | take | isWithinCap",
                "take; giveBack:0 take | take isWithinCap",
                "take giveBack | take giveBack take");
    }

    @Test
    void shouldKeepNothingAndGiveNothingAfterTheClose() {
        CHECK.assertKeeps(
                Taking.class, Count.class, "take giveBack | close take", "take; giveBack:0 | take giveBack | close");
    }

    @Test
    void shouldPassASmallPoolWithoutItsFlaws() {
        CHECK.assertKeeps(
                SmallPoolWithoutFlaw.class, Count.class, "take; take | take", "take; giveBack:0 take | close");
    }

    @Test
    void shouldRejectACapThatIsCheckedAndThenReserved() {
        CHECK.assertRejects(BrokenCheckThenReserve.class, Count.class, "take; take | take");
    }

    @Test
    void shouldRejectAPoolThatKeepsAChunkAfterTheClose() {
        CHECK.assertRejects(BrokenUnlockedClose.class, Count.class, "take; giveBack:0 | close");
    }

    /** The operations under test, those of a {@link ChunkStore} and a stripe together. */
    private interface Chunks {
        @Nullable
        Object take();

        void giveBack(Object chunk);

        void close();

        /** In chunks. */
        long reserved();
    }

    private static final class RealChunks implements Chunks {
        private static final int CHUNK = 4;

        private final ChunkStore store = new ChunkStore(
                new ChunkAllocatorLincheckTest.Memory(), CHUNK, (long) MAX_CHUNKS * CHUNK, Throwable::printStackTrace);
        private final ChunkAllocator stripe = ChunkAllocator.stripe();

        RealChunks() {
            store.register(stripe);
        }

        @Override
        public @Nullable Object take() {
            return stripe.allocateShared(store, CHUNK, 1);
        }

        @Override
        public void giveBack(Object chunk) {
            ((SendBuffer) chunk).release();
        }

        @Override
        public void close() {
            synchronized (stripe) {
                store.close(List.of(stripe));
            }
        }

        @Override
        public long reserved() {
            return store.stats(0).reservedBytes() / CHUNK;
        }
    }

    public abstract static class Model {
        private final Chunks chunks;
        private final List<List<Object>> takenByThread = new ArrayList<>();

        Model(Chunks chunks) {
            this.chunks = chunks;
            for (int i = 0; i < MAX_THREADS; i++) {
                takenByThread.add(new ArrayList<>());
            }
        }

        @Operation
        public boolean take(@Param(gen = ThreadIdGen.class) int thread) {
            Object chunk = chunks.take();
            return chunk != null && takenByThread.get(thread).add(chunk);
        }

        /** Gives back what a thread took; another thread may do that, if no third one does. */
        @Operation
        public boolean giveBack(@Param(gen = ThreadIdGen.class) int thread) {
            List<Object> taken = takenByThread.get(thread);
            if (taken.isEmpty()) {
                return false;
            }
            chunks.giveBack(taken.remove(0));
            return true;
        }

        @Operation
        public boolean isWithinCap() {
            return chunks.reserved() <= MAX_CHUNKS;
        }

        @Operation
        public void close() {
            chunks.close();
        }

        @Validate
        public void allComesBack() {
            assertTrue(isWithinCap(), "above the cap");
            chunks.close();
            takenByThread.forEach(taken -> taken.forEach(chunks::giveBack));
            assertEquals(0, chunks.reserved(), "chunks that did not come back");
        }
    }

    public static class Taking extends Model {
        public Taking() {
            super(new RealChunks());
        }
    }

    /** Specification: a number of chunks. */
    public static class Count {
        private final int[] takenByThread = new int[MAX_THREADS];
        private int taken;
        private boolean closed;

        public boolean take(int thread) {
            if (closed) {
                throw new IllegalStateException();
            }
            if (taken == MAX_CHUNKS) {
                return false;
            }
            taken++;
            takenByThread[thread]++;
            return true;
        }

        public boolean giveBack(int thread) {
            if (takenByThread[thread] == 0) {
                return false;
            }
            taken--;
            takenByThread[thread]--;
            return true;
        }

        public boolean isWithinCap() {
            return true;
        }

        public void close() {
            closed = true;
        }
    }

    // ---- pools that are broken on purpose

    private enum Flaw {
        NONE,
        CHECK_THEN_RESERVE,
        UNLOCKED_CLOSE
    }

    /** A minimal pool with one flaw. */
    private static final class SmallPool implements Chunks {
        private final Flaw flaw;
        private int reserved;
        private int kept;
        private boolean closed;

        SmallPool(Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        public @Nullable Object take() {
            if (flaw == Flaw.CHECK_THEN_RESERVE && reserved() == MAX_CHUNKS) {
                return null;
            }
            synchronized (this) {
                if (closed) {
                    throw new IllegalStateException();
                }
                if (kept > 0) {
                    kept--;
                } else if (flaw != Flaw.CHECK_THEN_RESERVE && reserved == MAX_CHUNKS) {
                    return null;
                } else {
                    reserved++;
                }
                return new Object();
            }
        }

        @Override
        public void giveBack(Object chunk) {
            boolean open = isOpen();
            synchronized (this) {
                if (flaw == Flaw.UNLOCKED_CLOSE ? open : !closed) {
                    kept++;
                } else {
                    reserved--;
                }
            }
        }

        private synchronized boolean isOpen() {
            return !closed;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                reserved -= kept;
                kept = 0;
            }
        }

        @Override
        public synchronized long reserved() {
            return reserved;
        }
    }

    public static class SmallPoolWithoutFlaw extends Model {
        public SmallPoolWithoutFlaw() {
            super(new SmallPool(Flaw.NONE));
        }
    }

    public static class BrokenCheckThenReserve extends Model {
        public BrokenCheckThenReserve() {
            super(new SmallPool(Flaw.CHECK_THEN_RESERVE));
        }
    }

    public static class BrokenUnlockedClose extends Model {
        public BrokenUnlockedClose() {
            super(new SmallPool(Flaw.UNLOCKED_CLOSE));
        }
    }
}
