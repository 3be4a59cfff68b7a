/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * <p>Life: free (in the store's list) -> current (a {@link ChunkAllocator} bumps {@code position}) -> retired (slices
 * still live) -> free. A chunk for one large buffer, which has no allocator, is retired or free.
 *
 * <p>One word, {@code live}, holds how many slices are alive (upper half) and how many bytes they take (lower half), so
 * that one atomic add per release keeps both. While the chunk is current the word carries a bias that belongs to the
 * owner: it cannot reach zero, and allocating need not touch it. Retiring exchanges the bias for what was really
 * allocated; from then on the thread whose add reaches zero recycles the chunk.
 */
final class Chunk extends ChunkFields.Padded {
    private static final VarHandle LIVE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "live", VarHandle.class, ChunkFields.Live.class, long.class);
    private static final VarHandle ALLOCATED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "allocated", VarHandle.class, ChunkFields.OfOwner.class, long.class);
    private static final VarHandle CHOSEN = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "chosen", VarHandle.class, Chunk.class, boolean.class);
    private static final VarHandle AGE =
            ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "age", VarHandle.class, Chunk.class, long.class);

    private static final VarHandle SINCE_NANOS = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "sinceNanos", VarHandle.class, Chunk.class, long.class);

    /** The age of a current chunk: a queue that holds one of its messages keeps no other thread from its memory. */
    static final long CURRENT = Long.MAX_VALUE;

    private static final long BIAS = 1L << 62;
    private static final long ONE_SLICE = 1L << 32;

    /**
     * Heap bytes of a slice object and of its place in {@link #slices}, rounded up: what it counts for the cap. The
     * first few of each chunk don't count.
     */
    static final int HEAP_BYTES_PER_SLICE = 80;

    /** Bounds the heap that a chunk of tiny messages costs: one slice object per this many bytes. */
    private static final int MIN_BYTES_PER_SLICE = 32;

    private static final int INITIAL_SLICES = 16;
    private static final int VIEWS = 64;

    /** One for each of some threads that write it at the same time. */
    private static final int VIEWS_OF_ONE_BUFFER = 8;

    /** About what the objects of a constant take of the heap, rounded up: what it counts for the cap. */
    static final int HEAP_BYTES_OF_A_CONSTANT = 1 << 10;

    /**
     * A large buffer's object is reused only after this many others, so a caller that uses it by mistake gets an
     * exception.
     */
    private static final int SLICES_OF_A_LARGE_ONE = 8;

    /**
     * Most released buffers stay released for this many slices, so a caller that uses one by mistake gets an exception.
     */
    private static final int MIN_SLICES_BEFORE_REUSE = 64;

    final ByteBuffer memory;
    final int size;
    final boolean forOneBuffer;
    final ViewCache views;
    final ChunkStore store;

    /** Where the memory is found again after the chunk was discarded. */
    final DiscardedMemory.Piece piece;

    private final int maxSlices;

    /** Written under the store's lock. Through the accessors alone. */
    @SuppressWarnings("unused")
    private long age = CURRENT;

    /** Likewise. */
    @SuppressWarnings("unused")
    private long sinceNanos;

    /** Written under the store's lock. Through the accessors alone. */
    @SuppressWarnings("unused")
    private boolean chosen;

    /**
     * The allocator that allocates here, or was the last to do so; null for the chunk of one large buffer. Set before a
     * slice is allocated.
     */
    private @Nullable ChunkAllocator allocator;

    /** It was made for a constant, is never old, and is discarded with it. Set before its slice is allocated. */
    boolean forConstant;

    // Guarded by the store's lock.
    boolean current;
    boolean registered;

    /** What its slice objects count for the cap. */
    long heapBytes;

    /** What was alive when its messages were moved last, and could not be, or had been moved here; 0: nothing. */
    long stayed;

    @Nullable
    Chunk nextFree;

    @Nullable
    Chunk nextRegistered;

    @Nullable
    Chunk previousRegistered;

    Chunk(ChunkStore store, DiscardedMemory.Taken taken, boolean forOneBuffer) {
        this.store = store;
        this.memory = taken.memory();
        this.piece = taken.piece();
        this.size = memory.capacity();
        this.forOneBuffer = forOneBuffer;
        this.maxSlices = forOneBuffer ? SLICES_OF_A_LARGE_ONE : Math.max(INITIAL_SLICES, size / MIN_BYTES_PER_SLICE);
        this.slices = new SendBuffer[Math.min(INITIAL_SLICES, maxSlices)];
        this.views = new ViewCache(memory, forOneBuffer ? VIEWS_OF_ONE_BUFFER : VIEWS);
    }

    /**
     * How many bytes of chunks its store had handed out when this one was retired, or made for one buffer: the smaller,
     * the longer its messages have kept it. {@link #CURRENT} before.
     */
    long ageOpaque() {
        return (long) AGE.getOpaque(this);
    }

    void ageOpaque(long handedOut) {
        AGE.setOpaque(this, handedOut);
    }

    /** Messages were moved here from another chunk: what they keep from others is as old as there. */
    void keepAgeOf(Chunk source) {
        ageOpaque(Math.min(ageOpaque(), source.ageOpaque()));
        if (source.sinceNanosOpaque() - sinceNanosOpaque() < 0) {
            sinceNanosOpaque(source.sinceNanosOpaque());
        }
    }

    /** The time at which its store handed it out last: none of its messages is older. */
    long sinceNanosOpaque() {
        return (long) SINCE_NANOS.getOpaque(this);
    }

    void sinceNanosOpaque(long nowNanos) {
        SINCE_NANOS.setOpaque(this, nowNanos);
    }

    /** True while its messages are moved to other memory. */
    boolean isChosenOpaque() {
        return (boolean) CHOSEN.getOpaque(this);
    }

    void chosenOpaque(boolean isChosen) {
        CHOSEN.setOpaque(this, isChosen);
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

    // ---- the owner's side: the allocator's thread, or the holder of its lock

    /** Allocates the next slice, or returns null if it does not fit: the chunk is then to be retired. */
    @Nullable
    SendBuffer allocate(int capacity, int alignment) {
        int start = position;
        if (alignment != 1) {
            start += -memory.alignmentOffset(start, alignment) & (alignment - 1);
        }
        if (capacity > size - start || (sliceCount == slices.length && !growSlices())) {
            return null;
        }
        SendBuffer slice = nextSlice();
        position = start + capacity;
        allocatedOpaque(allocatedPlain() + weightOf(capacity));
        slice.start(start, capacity);
        return slice;
    }

    /**
     * True if {@link #allocate} may succeed, or if the chunk may begin again. A hint for threads that do not own the
     * chunk: they read plainly what the owner writes.
     */
    boolean mayFit(int capacity) {
        return (capacity <= size - position && sliceCount < maxSlices) || liveSnapshot() == 0;
    }

    /** Allocates the only slice of a chunk that was made for one large buffer. */
    SendBuffer allocateWhole(int capacity, int alignment) {
        int start = -memory.alignmentOffset(0, alignment) & (alignment - 1);
        SendBuffer slice = nextSlice();
        LIVE.setVolatile(this, weightOf(capacity));
        slice.start(start, capacity);
        return slice;
    }

    /** Allocates the only slice of a chunk that was made for one constant. */
    SendBuffer allocateConstant(int length) {
        forConstant = true;
        return allocateWhole(length, 1);
    }

    /** The caller has made sure that there is a place for it. */
    private SendBuffer nextSlice() {
        int index = sliceCount;
        SendBuffer slice = slices[index];
        if (slice == null) {
            slice = new SendBuffer(this);
            slices[index] = slice;
        }
        sliceCount = index + 1; // after what may fail for want of memory
        return slice;
    }

    /** Makes places for twice as many slices. False if there may be no more, or the cap or the heap has no room. */
    private boolean growSlices() {
        int now = slices.length;
        int grown = Math.min(maxSlices, 2 * now);
        int cost = (grown - now) * HEAP_BYTES_PER_SLICE;
        if (grown == now || !store.reserveHeap(this, cost)) {
            return false;
        }
        try {
            slices = Arrays.copyOf(slices, grown);
            return true;
        } catch (OutOfMemoryError e) {
            store.giveHeapBack(this, cost);
            return false; // the chunk counts as full, and the acquire tries another or is refused
        }
    }

    /**
     * Allocates a message that covers existing slices. The caller holds their references until the message is released.
     *
     * @return null if the caller may no longer allocate from this chunk, or its slices are used up
     */
    @Nullable
    SendBuffer allocateOver(int start, int length) {
        ChunkAllocator owner = allocator;
        if (owner == null) {
            return null;
        }
        if (owner.isStripe()) {
            synchronized (owner) {
                return owner.current == this ? allocateOverAsOwner(start, length) : null;
            }
        }
        return owner.isCurrentOfCaller(this) ? allocateOverAsOwner(start, length) : null;
    }

    private @Nullable SendBuffer allocateOverAsOwner(int start, int length) {
        try {
            if (sliceCount == slices.length && !growSlices()) {
                return null;
            }
            SendBuffer cover = nextSlice();
            allocatedOpaque(allocatedPlain() + weightOf(0));
            cover.startOver(start, length);
            return cover;
        } catch (OutOfMemoryError e) {
            return null; // no heap for the cover: nothing has changed, and its messages are sent one by one
        }
    }

    /**
     * Gives the unused tail of a slice back, if it was the last one allocated and the caller is still its allocator, so
     * that the next slice becomes its neighbor.
     *
     * @return how many bytes the slice keeps
     */
    int giveBackTail(int start, int capacity, int length) {
        ChunkAllocator owner = allocator;
        if (owner == null || length == capacity) {
            return capacity;
        }
        if (owner.isStripe()) {
            synchronized (owner) {
                return owner.current == this ? giveBackTailAsOwner(start, capacity, length) : capacity;
            }
        }
        return owner.isCurrentOfCaller(this) ? giveBackTailAsOwner(start, capacity, length) : capacity;
    }

    private int giveBackTailAsOwner(int start, int capacity, int length) {
        if (position != start + capacity) {
            return capacity;
        }
        position = start + length;
        allocatedOpaque(allocatedPlain() - (capacity - length));
        return length;
    }

    // ---- any thread's side

    /** Counts off a freed slice. The owner does so without an atomic operation while the chunk is its current one. */
    void release(long weight) {
        ChunkAllocator owner = allocator;
        if (owner != null && owner.isCurrentOfCaller(this)) {
            long left = allocatedPlain() - weight;
            allocatedOpaque(left);
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
     * allocated, so nothing is alive and no other thread has released anything.
     */
    private void rewind() {
        position = 0;
        if (sliceCount >= MIN_SLICES_BEFORE_REUSE) {
            sliceCount = 0;
        }
    }

    /** For tests: the allocator that allocates here, or was the last to do so. */
    @Nullable
    ChunkAllocator allocator() {
        return allocator;
    }

    // ---- the store's side, under its lock

    void makeCurrent(ChunkAllocator owner) {
        allocator = owner;
        current = true;
        LIVE.setVolatile(this, BIAS);
    }

    /**
     * Drops the places of slices that this life did not need, if they are many: before the chunk is retired, since
     * buffers that live long may pin it.
     *
     * @return how much less it counts for the cap
     */
    long dropUnneededSlices() {
        int needed = Math.max(INITIAL_SLICES, 2 * sliceCount);
        if (slices.length <= 2 * needed) {
            return 0;
        }
        try {
            long dropped = (slices.length - needed) * (long) HEAP_BYTES_PER_SLICE;
            slices = Arrays.copyOf(slices, needed);
            return dropped;
        } catch (OutOfMemoryError e) {
            return 0; // they stay, and stay counted
        }
    }

    /**
     * Exchanges the bias for what was allocated.
     *
     * @return true if no slice is alive: the caller recycles the chunk, since no other thread will
     */
    boolean retire() {
        long unused = BIAS - allocatedPlain();
        boolean unusedNow = (long) LIVE.getAndAdd(this, -unused) == unused;
        current = false; // last: if the exchange ends with an Error, the chunk is still current
        return unusedNow;
    }

    /** Makes an unused chunk ready for its next owner. Called before any other thread can see it in the free list. */
    void reset() {
        if (!forOneBuffer || sliceCount == maxSlices) {
            sliceCount = 0;
        }
        position = 0;
        stayed = 0;
        ALLOCATED.setOpaque(this, 0L);
    }

    /** What its slice objects count at most, in bytes of heap. */
    static long mostHeapBytes(int size) {
        return (long) HEAP_BYTES_PER_SLICE * Math.max(INITIAL_SLICES, size / MIN_BYTES_PER_SLICE);
    }

    /**
     * True if at most half is alive, of its bytes and of the slices that it may have, and some has gone since that was
     * moved last, to elsewhere or to here.
     */
    boolean isSparse() {
        long live = liveSnapshot();
        return live != 0
                && live != stayed
                && !current
                && !forOneBuffer
                && 2 * bytesIn(live) <= size
                && 2 * slicesIn(live) <= maxSlices;
    }

    /** About what copies of all that is alive will count for the cap. */
    long costOfCopies() {
        long live = liveSnapshot();
        return bytesIn(live) + HEAP_BYTES_PER_SLICE * slicesIn(live);
    }

    /** What it counts for the cap. */
    long cost() {
        return size + heapBytes;
    }

    /**
     * What is alive, possibly stale; {@link #slicesIn} and {@link #bytesIn} take the value apart. The word is read
     * before the owner's count, so that a slice allocated in between is at worst counted, never subtracted.
     */
    long liveSnapshot() {
        long word = (long) LIVE.getVolatile(this);
        return current ? Math.max(0, (long) ALLOCATED.getOpaque(this) - (BIAS - word)) : word;
    }

    private long allocatedPlain() {
        return allocated;
    }

    private void allocatedOpaque(long value) {
        ALLOCATED.setOpaque(this, value);
    }
}
