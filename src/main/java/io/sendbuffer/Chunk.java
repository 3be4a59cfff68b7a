package io.sendbuffer;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A piece of off-heap memory, and the {@link SendBuffer} objects that name its slices.
 *
 * <pre>{@code
 * 0                                        position                size
 * | slice 0 | slice 1 |   ...   | slice n-1 |        free           |
 *             messages sealed in sequence are neighbors: one view covers them all
 * }</pre>
 *
 * <p>Life: free (in the store's list) -> current (a {@link Carver} bumps {@code position}) -> retired (slices still
 * live) -> free. A chunk for one large buffer, which has no carver, starts as retired and ends unreachable.
 *
 * <p>One word, {@code live}, holds how many slices are alive (upper half) and how many bytes they take (lower half), so
 * that one atomic add per release keeps both. While the chunk is current the word carries a bias that belongs to the
 * owner: it cannot reach zero, and carving need not touch it. Retiring exchanges the bias for what was really carved;
 * from then on the add that reaches zero, whoever does it, recycles the chunk.
 */
final class Chunk extends ChunkFields.Padded {
    private static final VarHandle LIVE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "live", VarHandle.class, ChunkFields.Live.class, long.class);
    private static final VarHandle CARVED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "carved", VarHandle.class, ChunkFields.OfOwner.class, long.class);

    private static final long BIAS = 1L << 62;
    private static final long ONE_SLICE = 1L << 32;

    /** Bounds the heap that a chunk of tiny messages costs: one slice object for each so many bytes. */
    private static final int LEAST_BYTES_PER_SLICE = 32;

    private static final int FIRST_SLICES = 16;
    private static final int VIEWS = 64;

    /** Most released buffers stay released for so long, and who uses one by mistake is told. */
    private static final int LEAST_SLICES_BEFORE_REUSE = 64;

    final ByteBuffer memory;
    final int size;
    final boolean forOneBuffer;
    final ViewCache views;
    final ChunkStore store;
    private final int maxSlices;

    /** Who carves, or carved last; null for the chunk of one large buffer. Set before a slice is carved. */
    private @Nullable Carver carver;

    // Guarded by the store's lock.
    boolean current;
    int registryIndex = -1;

    @Nullable
    Chunk nextFree;

    Chunk(ChunkStore store, ByteBuffer memory, boolean forOneBuffer) {
        this.store = store;
        this.memory = memory;
        this.size = memory.capacity();
        this.forOneBuffer = forOneBuffer;
        this.maxSlices = forOneBuffer ? 1 : Math.max(FIRST_SLICES, size / LEAST_BYTES_PER_SLICE);
        this.slices = new SendBuffer[Math.min(FIRST_SLICES, maxSlices)];
        this.views = new ViewCache(memory, forOneBuffer ? 1 : VIEWS);
    }

    /** What a slice of this footprint adds to {@link #live}. */
    static long weightOf(int bytes) {
        return ONE_SLICE + bytes;
    }

    static long slicesIn(long live) {
        return live >>> 32;
    }

    static long bytesIn(long live) {
        return live & 0xFFFF_FFFFL;
    }

    // ---- the owner's side: the carver's thread, or the holder of its lock

    /** Carves the next slice, or returns null if it does not fit: the chunk is then to be retired. */
    @Nullable
    SendBuffer carve(int capacity, int alignment) {
        int start = position;
        if (alignment != 1) {
            start += -memory.alignmentOffset(start, alignment) & (alignment - 1);
        }
        if (capacity > size - start || sliceCount == maxSlices) {
            return null;
        }
        SendBuffer slice = nextSlice();
        position = start + capacity;
        carvedOpaque(carvedPlain() + weightOf(capacity));
        slice.start(start, capacity);
        return slice;
    }

    /** Carves the only slice of a chunk that was made for one large buffer. */
    SendBuffer carveWhole(int capacity, int alignment) {
        int start = -memory.alignmentOffset(0, alignment) & (alignment - 1);
        SendBuffer slice = nextSlice();
        LIVE.setVolatile(this, weightOf(capacity));
        slice.start(start, capacity);
        return slice;
    }

    private SendBuffer nextSlice() {
        int index = sliceCount;
        if (index == slices.length) {
            slices = Arrays.copyOf(slices, Math.min(maxSlices, slices.length * 2));
        }
        SendBuffer slice = slices[index];
        if (slice == null) {
            slice = new SendBuffer(this);
            slices[index] = slice;
        }
        sliceCount = index + 1; // after what may fail for want of memory
        return slice;
    }

    /**
     * Carves a message that covers slices which are there already, and whose references the caller holds until it is
     * released.
     *
     * @return null if this is not the caller's chunk to carve from any more, or its slices are used up
     */
    @Nullable
    SendBuffer carveOver(int start, int length) {
        Carver owner = carver;
        if (owner == null || !owner.enter(this)) {
            return null;
        }
        try {
            if (sliceCount == maxSlices) {
                return null;
            }
            SendBuffer cover = nextSlice();
            carvedOpaque(carvedPlain() + weightOf(0));
            cover.startOver(start, length);
            return cover;
        } finally {
            owner.leave();
        }
    }

    /**
     * Gives the unused tail of a slice back, if it was the last one carved and the caller is still its carver, so that
     * the next slice becomes its neighbor.
     *
     * @return how many bytes the slice keeps
     */
    int giveBackTail(int start, int capacity, int length) {
        Carver owner = carver;
        if (owner == null || length == capacity || !owner.enter(this)) {
            return capacity;
        }
        try {
            if (position != start + capacity) {
                return capacity;
            }
            position = start + length;
            carvedOpaque(carvedPlain() - (capacity - length));
            return length;
        } finally {
            owner.leave();
        }
    }

    // ---- anybody's side

    /** Counts a freed slice off. The owner does so without an atomic while the chunk is its current one. */
    void release(long weight) {
        Carver owner = carver;
        if (owner != null && owner.isCurrentOfCaller(this)) {
            long left = carvedPlain() - weight;
            carvedOpaque(left);
            if (left == 0) {
                rewind();
            }
            return;
        }
        if ((long) LIVE.getAndAdd(this, -weight) == weight) {
            store.recycle(this);
        } else if (store.isClosedVolatile()) {
            store.dropIfUnused(this);
        }
    }

    /**
     * Begins again at the start, where memory and objects are still in the cache: the owner has released all that it
     * carved, so nothing is alive and nobody else has released anything.
     */
    private void rewind() {
        position = 0;
        if (sliceCount >= LEAST_SLICES_BEFORE_REUSE) {
            sliceCount = 0;
        }
    }

    // ---- the store's side, under its lock

    void makeCurrent(Carver owner) {
        carver = owner;
        current = true;
        LIVE.setVolatile(this, BIAS);
    }

    /**
     * Exchanges the bias for what was carved.
     *
     * @return true if no slice is alive: the caller recycles the chunk, nobody else will
     */
    boolean retire() {
        current = false;
        long unused = BIAS - carvedPlain();
        return (long) LIVE.getAndAdd(this, -unused) == unused;
    }

    /** Makes an unused chunk ready for its next owner. Before anybody can see it in the free list. */
    void reset() {
        sliceCount = 0;
        position = 0;
        CARVED.setOpaque(this, 0L);
    }

    /**
     * What is alive, as of a moment ago: {@link #slicesIn} and {@link #bytesIn} tell it apart. The word is read before
     * the owner's count, so that a slice carved in between is at worst counted, never subtracted.
     */
    long liveSnapshot() {
        long word = (long) LIVE.getVolatile(this);
        return current ? Math.max(0, (long) CARVED.getOpaque(this) - (BIAS - word)) : word;
    }

    private long carvedPlain() {
        return carved;
    }

    private void carvedOpaque(long value) {
        CARVED.setOpaque(this, value);
    }
}
