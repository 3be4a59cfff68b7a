/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.lincheck.ModelChecking;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * ChunkAllocators of one store, two slices to a chunk: the order of the operations alone decides which slice of which
 * chunk an acquire gets, in every interleaving of their steps, and no two live slices share a byte.
 */
class ChunkAllocatorLincheckTest {
    private static final int SLICE = 2;
    private static final int SLICES = 2;
    private static final int CHUNK = SLICES * SLICE;
    private static final int MAX_CHUNKS = 2;
    private static final int ALLOCATORS = 3;

    private static final ModelChecking CHECK = ModelChecking.ignoring(Memory.class);

    @Test
    void shouldAllocateFromStripesInSomeOrder() {
        CHECK.assertKeeps(
                Stripes.class,
                Slices.class,
                "allocate:1 allocate:1 | allocate:1 allocate:1",
                "allocate:1 allocate:1; release:1 | release:1",
                "allocate:1 allocate:1 release:1; allocate:1 | release:1",
                "allocate:1 allocate:1 allocate:2 allocate:2; release:1 release:1 | allocate:2 allocate:1",
                "allocate:1 allocate:1 allocate:1 allocate:1 release:1 release:1; allocate:1 | release:1 release:1 | allocate:2");
    }

    @Test
    void shouldAllocateFromStripesUntilTheClose() {
        CHECK.assertKeeps(
                Stripes.class,
                Slices.class,
                "allocate:1; allocate:1 allocate:1 | close",
                "allocate:1 allocate:1; release:1 release:1 | close | allocate:2");
    }

    @Test
    void shouldAllocateFromChunksOfThreadsInSomeOrder() {
        CHECK.assertKeeps(
                OwnChunks.class,
                SlicesOfOwners.class,
                "allocate allocate release release | allocate allocate allocate",
                "allocate allocate release allocate | allocate release allocate");
    }

    @Test
    void shouldAllocateFromChunksOfThreadsUntilTheClose() {
        CHECK.assertKeeps(
                OwnChunks.class,
                SlicesOfOwners.class,
                "allocate release allocate | close",
                "allocate allocate release | allocate close");
    }

    /** Chunk memory that is poisoned when it comes back. */
    static final class Memory implements MemorySource {
        private static final byte[] POISON = {-1, -1, -1, -1};

        @Override
        public ByteBuffer allocate(int bytes) {
            return ByteBuffer.allocate(bytes);
        }

        @Override
        public void freed(ByteBuffer memory) {
            memory.put(0, POISON, 0, memory.capacity());
        }
    }

    public abstract static class Model {
        final ChunkStore store =
                new ChunkStore(new Memory(), CHUNK, (long) MAX_CHUNKS * CHUNK, Throwable::printStackTrace);
        private final List<Queue<SendBuffer>> aliveByAllocator = new ArrayList<>();

        Model() {
            for (int i = 0; i < ALLOCATORS; i++) {
                aliveByAllocator.add(new ArrayDeque<>());
            }
        }

        abstract @Nullable SendBuffer allocateFrom(int allocator);

        abstract void closeStore();

        boolean countsWhatIsAlive() {
            return true;
        }

        /** Returns where in its chunk the slice lies; -1 if the cap leaves no room. */
        @Operation
        public int allocate(@Param(gen = ThreadIdGen.class) int allocator) {
            SendBuffer slice = allocateFrom(allocator);
            if (slice == null) {
                return -1;
            }
            slice.putShort(stampOf(slice));
            Queue<SendBuffer> alive = aliveByAllocator.get(allocator);
            synchronized (alive) {
                alive.add(slice);
            }
            return slice.offset();
        }

        /** Releases the oldest slice of an allocator; false if there is none. */
        @Operation
        public boolean release(@Param(gen = ThreadIdGen.class) int allocator) {
            SendBuffer slice;
            Queue<SendBuffer> alive = aliveByAllocator.get(allocator);
            synchronized (alive) {
                slice = alive.poll();
            }
            if (slice == null) {
                return false;
            }
            releaseUnchanged(slice);
            return true;
        }

        private static void releaseUnchanged(SendBuffer slice) {
            assertEquals(stampOf(slice), slice.getShort(0), "this slice shares a byte with another one");
            slice.release();
        }

        private static short stampOf(SendBuffer slice) {
            return (short) (0x101 * (slice.offset() + 1));
        }

        @Operation
        public void close() {
            closeStore();
        }

        @Validate
        public void allComesBack() {
            PoolStats stats = store.stats(0);
            assertTrue(stats.reservedBytes() <= stats.maxMemory(), stats::toString);
            if (countsWhatIsAlive()) {
                assertEquals(aliveByAllocator.stream().mapToInt(Queue::size).sum(), stats.outstandingBuffers());
            }
            closeStore();
            aliveByAllocator.forEach(alive -> alive.forEach(Model::releaseUnchanged));
            assertEquals(0, store.stats(0).reservedBytes(), "bytes that did not come back");
        }
    }

    /** The allocators that virtual threads share: any thread allocates from any of them. */
    public static class Stripes extends Model {
        private final List<ChunkAllocator> stripes = new ArrayList<>();

        public Stripes() {
            for (int i = 0; i < ALLOCATORS; i++) {
                ChunkAllocator stripe = ChunkAllocator.stripe();
                store.register(stripe);
                stripes.add(stripe);
            }
        }

        @Override
        @Nullable
        SendBuffer allocateFrom(int allocator) {
            ChunkAllocator stripe = stripes.get(allocator);
            return stripe.allocateShared(store, SLICE, 1);
        }

        @Override
        void closeStore() {
            ChunkAllocator.withAll(stripes.toArray(ChunkAllocator[]::new), 0, () -> {
                store.close(stripes);
                return true;
            });
        }
    }

    /** One allocator per thread, created when the thread first allocates, as in {@link SendBufferPool}. */
    public static class OwnChunks extends Model {
        private final @Nullable ChunkAllocator[] allocators = new ChunkAllocator[ALLOCATORS];

        @Override
        @Nullable
        SendBuffer allocateFrom(int thread) {
            if (store.isClosedVolatile()) {
                store.requireOpen();
            }
            ChunkAllocator allocator = allocators[thread];
            if (allocator == null) {
                allocator = ChunkAllocator.ofCallingThread();
                store.register(allocator);
                allocators[thread] = allocator;
            }
            return allocator.allocate(store, SLICE, 1);
        }

        /**
         * The caller's own chunk stays with its allocator: the closing thread knows only that threads may be
         * allocating.
         */
        @Override
        void closeStore() {
            store.close(List.of());
        }

        /** A slice that was being allocated while the store closed is not counted; its memory is not reused either. */
        @Override
        boolean countsWhatIsAlive() {
            return !store.isClosedVolatile();
        }
    }

    /** Specification: chunks that are allocated, at most {@code MAX_CHUNKS} at a time. */
    public static class Slices {
        private static final class Piece {
            private int allocated;
            private int alive;
            private boolean current = true;
        }

        private final @Nullable Piece[] currentByAllocator = new Piece[ALLOCATORS];
        private final List<Queue<Piece>> aliveByAllocator = new ArrayList<>();
        private int chunks;
        private boolean closed;

        public Slices() {
            for (int i = 0; i < ALLOCATORS; i++) {
                aliveByAllocator.add(new ArrayDeque<>());
            }
        }

        public int allocate(int allocator) {
            if (closed) {
                throw new IllegalStateException();
            }
            Piece chunk = currentByAllocator[allocator];
            if (chunk == null || chunk.allocated == SLICES) {
                chunk = next(allocator, chunk);
            }
            if (chunk == null) {
                return -1;
            }
            aliveByAllocator.get(allocator).add(chunk);
            chunk.alive++;
            chunk.allocated++;
            return (chunk.allocated - 1) * SLICE;
        }

        private @Nullable Piece next(int allocator, @Nullable Piece full) {
            if (full != null && full.alive == 0) {
                currentByAllocator[allocator] = null;
                full.current = false;
                chunks--;
            }
            if (chunks == MAX_CHUNKS) {
                return null;
            }
            if (full != null) {
                full.current = false;
            }
            chunks++;
            Piece chunk = new Piece();
            currentByAllocator[allocator] = chunk;
            return chunk;
        }

        public boolean release(int allocator) {
            Piece chunk = aliveByAllocator.get(allocator).poll();
            if (chunk == null) {
                return false;
            }
            chunk.alive--;
            if (chunk.alive == 0 && !chunk.current) {
                chunks--;
            } else if (chunk.alive == 0 && beginsAgain()) {
                chunk.allocated = 0;
            }
            return true;
        }

        /** Whether a current chunk begins again when nothing in it is alive. */
        boolean beginsAgain() {
            return false;
        }

        public void close() {
            closed = true;
        }
    }

    /** Specification: as {@link Slices}, where the thread that allocated also releases. */
    public static class SlicesOfOwners extends Slices {
        @Override
        boolean beginsAgain() {
            return true;
        }
    }
}
