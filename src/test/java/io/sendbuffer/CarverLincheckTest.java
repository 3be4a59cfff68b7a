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
 * Carvers of one store, two slices to a chunk: the order of the operations alone decides which slice of which chunk an
 * acquire gets, in every interleaving of their steps, and no two live slices share a byte.
 */
class CarverLincheckTest {
    private static final int SLICE = 2;
    private static final int SLICES = 2;
    private static final int CHUNK = SLICES * SLICE;
    private static final int MAX_CHUNKS = 2;
    private static final int CARVERS = 3;

    private static final ModelChecking CHECK = ModelChecking.ignoring(Memory.class);

    @Test
    void shouldCarveFromStripesInSomeOrder() {
        CHECK.assertKeeps(
                Stripes.class,
                Slices.class,
                "carve:1 carve:1 | carve:1 carve:1",
                "carve:1 carve:1; release:1 | release:1",
                "carve:1 carve:1 release:1; carve:1 | release:1",
                "carve:1 carve:1 carve:2 carve:2; release:1 release:1 | carve:2 carve:1",
                "carve:1 carve:1 carve:1 carve:1 release:1 release:1; carve:1 | release:1 release:1 | carve:2");
    }

    @Test
    void shouldCarveFromStripesUntilTheClose() {
        CHECK.assertKeeps(
                Stripes.class,
                Slices.class,
                "carve:1; carve:1 carve:1 | close",
                "carve:1 carve:1; release:1 release:1 | close | carve:2");
    }

    @Test
    void shouldCarveFromChunksOfThreadsInSomeOrder() {
        CHECK.assertKeeps(
                OwnChunks.class,
                SlicesOfOwners.class,
                "carve carve release release | carve carve carve",
                "carve carve release carve | carve release carve");
    }

    @Test
    void shouldCarveFromChunksOfThreadsUntilTheClose() {
        CHECK.assertKeeps(
                OwnChunks.class,
                SlicesOfOwners.class,
                "carve release carve | close",
                "carve carve release | carve close");
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
        private final List<Queue<SendBuffer>> aliveByCarver = new ArrayList<>();

        Model() {
            for (int i = 0; i < CARVERS; i++) {
                aliveByCarver.add(new ArrayDeque<>());
            }
        }

        abstract @Nullable SendBuffer carveFrom(int carver);

        abstract void closeStore();

        boolean countsWhatIsAlive() {
            return true;
        }

        /** Returns where in its chunk the slice lies; -1 if the cap leaves no room. */
        @Operation
        public int carve(@Param(gen = ThreadIdGen.class) int carver) {
            SendBuffer slice = carveFrom(carver);
            if (slice == null) {
                return -1;
            }
            slice.putShort(stampOf(slice));
            Queue<SendBuffer> alive = aliveByCarver.get(carver);
            synchronized (alive) {
                alive.add(slice);
            }
            return slice.offset();
        }

        /** Releases the oldest slice of a carver; false if there is none. */
        @Operation
        public boolean release(@Param(gen = ThreadIdGen.class) int carver) {
            SendBuffer slice;
            Queue<SendBuffer> alive = aliveByCarver.get(carver);
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
                assertEquals(aliveByCarver.stream().mapToInt(Queue::size).sum(), stats.outstandingBuffers());
            }
            closeStore();
            aliveByCarver.forEach(alive -> alive.forEach(Model::releaseUnchanged));
            assertEquals(0, store.stats(0).reservedBytes(), "bytes that did not come back");
        }
    }

    /** The carvers that virtual threads share: any thread carves from any of them. */
    public static class Stripes extends Model {
        private final List<Carver> stripes = new ArrayList<>();

        public Stripes() {
            for (int i = 0; i < CARVERS; i++) {
                Carver stripe = Carver.stripe();
                store.register(stripe);
                stripes.add(stripe);
            }
        }

        @Override
        @Nullable
        SendBuffer carveFrom(int carver) {
            Carver stripe = stripes.get(carver);
            return stripe.carveShared(store, SLICE, 1);
        }

        @Override
        void closeStore() {
            Carver.withAll(stripes.toArray(Carver[]::new), 0, () -> {
                store.close(stripes);
                return true;
            });
        }
    }

    /** One carver per thread, created when the thread first carves, as in {@link SendBufferPool}. */
    public static class OwnChunks extends Model {
        private final @Nullable Carver[] carvers = new Carver[CARVERS];

        @Override
        @Nullable
        SendBuffer carveFrom(int thread) {
            if (store.isClosedVolatile()) {
                store.requireOpen();
            }
            Carver carver = carvers[thread];
            if (carver == null) {
                carver = Carver.ofCallingThread();
                store.register(carver);
                carvers[thread] = carver;
            }
            return carver.carve(store, SLICE, 1);
        }

        /** The caller's own chunk stays with its carver: the closing thread knows only that threads may be carving. */
        @Override
        void closeStore() {
            store.close(List.of());
        }

        /** A slice that was being carved while the store closed is not counted; its memory is not reused either. */
        @Override
        boolean countsWhatIsAlive() {
            return !store.isClosedVolatile();
        }
    }

    /** Specification: chunks that are carved, at most {@code MAX_CHUNKS} at a time. */
    public static class Slices {
        private static final class Piece {
            private int carved;
            private int alive;
            private boolean current = true;
        }

        private final @Nullable Piece[] currentByCarver = new Piece[CARVERS];
        private final List<Queue<Piece>> aliveByCarver = new ArrayList<>();
        private int chunks;
        private boolean closed;

        public Slices() {
            for (int i = 0; i < CARVERS; i++) {
                aliveByCarver.add(new ArrayDeque<>());
            }
        }

        public int carve(int carver) {
            if (closed) {
                throw new IllegalStateException();
            }
            Piece chunk = currentByCarver[carver];
            if (chunk == null || chunk.carved == SLICES) {
                chunk = next(carver, chunk);
            }
            if (chunk == null) {
                return -1;
            }
            aliveByCarver.get(carver).add(chunk);
            chunk.alive++;
            chunk.carved++;
            return (chunk.carved - 1) * SLICE;
        }

        private @Nullable Piece next(int carver, @Nullable Piece full) {
            if (full != null && full.alive == 0) {
                currentByCarver[carver] = null;
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
            currentByCarver[carver] = chunk;
            return chunk;
        }

        public boolean release(int carver) {
            Piece chunk = aliveByCarver.get(carver).poll();
            if (chunk == null) {
                return false;
            }
            chunk.alive--;
            if (chunk.alive == 0 && !chunk.current) {
                chunks--;
            } else if (chunk.alive == 0 && beginsAgain()) {
                chunk.carved = 0;
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

    /** Specification: as {@link Slices}, where the thread that carved also releases. */
    public static class SlicesOfOwners extends Slices {
        @Override
        boolean beginsAgain() {
            return true;
        }
    }
}
