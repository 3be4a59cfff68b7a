/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.ErrorHandlers;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * Every chunk of one pool, the cap over their bytes, and the free ones. Touched once per chunk, not once per message,
 * so one plain lock guards it all; memory is allocated outside the lock.
 *
 * <p>The cap counts chunks and what their slice objects take of the heap. A chunk is free, some allocator's current
 * one, or pinned by buffers that are alive; how many chunks threads may have as current ones is limited, so that idle
 * threads cannot keep all others from the rest. A discarded chunk is only forgotten: its memory is taken again, before
 * the JVM is asked for more, if the collector has not found it.
 */
final class ChunkStore {
    private static final VarHandle QUEUE_SHARE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "queueShare", VarHandle.class, ChunkStore.class, long.class);

    private static final VarHandle HANDED_OUT = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "handedOut", VarHandle.class, ChunkStore.class, long.class);

    /** How many allocators an acquire in need of a chunk looks at, to find those of dead threads. */
    private static final int MAX_LOOKS_FOR_DEAD_THREADS = 4;

    private static final long MIN_NANOS_BETWEEN_MEASURES = TimeUnit.MILLISECONDS.toNanos(1);

    /** When less than this part of the cap is left, an evacuation begins. */
    private static final int LITTLE = 8;

    /** A pool with fewer chunks keeps none for an evacuation, which then has to find room. */
    private static final int MIN_CHUNKS_TO_HOLD_BACK = 128;

    /** How many chunks are discarded under one hold of the lock. */
    private static final int MAX_DISCARDED_AT_ONCE = 256;

    private final MemorySource source;
    private final int chunkSize;
    private final int maxOwnChunks;
    private final long idleFloor;

    /** Of what is left, one queue may hold this part. */
    private final double sharePerQueue;

    private final ChunkMaker maker;
    private final IdleCheck idleCheck;
    private final DiscardedMemory discardedMemory;
    private final Holders holders;
    private final Evacuation evacuation = new Evacuation(this);

    /** Bytes under the cap that only an evacuation may take, once there are receivers. */
    private final long heldBack;

    private final ErrorHandler errorHandler;

    /** Made once: close has no memory to count on. */
    private final Consumer<Chunk> discardIfUnused = this::discardIfUnused;

    private final Object lock = new Object();

    // Guarded by the lock.
    private final ChunkAllocators allocators = new ChunkAllocators();
    private final FreeChunks free = new FreeChunks();
    private final ChunkRegistry registry = new ChunkRegistry();
    private final MemoryAccount account;
    private int ownChunks;

    /**
     * Bytes of all chunks that became current, or were given to one buffer, since the beginning: age is measured in
     * these.
     */
    private long handedOut;

    /**
     * What was not in use when that was measured last, and what had been handed out: since then no more can have come
     * into use than was handed out. Chunks of which little is in use do not count as used up: what is in them will
     * move.
     */
    private long leftAfterMoving;

    private long measuredNanos = System.nanoTime() - MIN_NANOS_BETWEEN_MEASURES;

    /** What one queue may hold at the moment, in bytes: a part of what is left. */
    @SuppressWarnings("unused")
    private long queueShare;

    private boolean checkScheduled;

    /** Written under the lock. */
    private volatile boolean closed;

    ChunkStore(MemorySource source, int chunkSize, long maxMemory, ErrorHandler errorHandler) {
        this(StoreSettings.plain(source, chunkSize, maxMemory, errorHandler));
    }

    ChunkStore(StoreSettings settings) {
        this.source = settings.source();
        this.chunkSize = settings.chunkSize();
        this.account = new MemoryAccount(settings.maxMemory());
        this.maxOwnChunks = settings.maxOwnChunks();
        this.idleFloor = settings.idleFloor();
        this.sharePerQueue = settings.sharePerQueue();
        this.queueShare = share(settings.maxMemory());
        this.discardedMemory = settings.discardedMemory();
        this.maker = new ChunkMaker(this, new Growth(source, settings.jvm(), settings.clock()), discardedMemory);
        this.idleCheck = new IdleCheck(this, settings.timer());
        this.holders = new Holders(this, settings.minLag());
        this.heldBack = heldBack(settings.maxMemory(), chunkSize);
        this.errorHandler = settings.errorHandler();
        allocators.add(evacuation.target());
    }

    /** A chunk, and the objects of as many messages as it can take; nothing where that is a large part of the cap. */
    private static long heldBack(long cap, int chunkSize) {
        return cap / chunkSize < MIN_CHUNKS_TO_HOLD_BACK ? 0 : chunkSize + Chunk.mostHeapBytes(chunkSize);
    }

    /**
     * Reports an error that has no other listener, as if a release listener had thrown it: now, or after the listener
     * or the error handler that this thread is in. Never throws, so the caller continues.
     */
    void report(Throwable error) {
        try {
            ReleaseNotifications.call(unwritten -> reportNow(error), 0, this);
        } catch (Throwable e) { // no memory for that
            reportNow(error);
        }
    }

    /** To be called where no handler or listener runs: see {@link ReleaseNotifications}. Never throws. */
    void reportNow(Throwable error) {
        ErrorHandlers.call(errorHandler, error);
    }

    /** The queues that hold messages of this pool. */
    Holders holders() {
        return holders;
    }

    /** Bytes of all chunks that were handed out, since the beginning. Possibly stale, except under the lock. */
    long handedOutOpaque() {
        return (long) HANDED_OUT.getOpaque(this);
    }

    private long handOut(Chunk chunk) {
        long sum = handedOut + chunk.size;
        HANDED_OUT.setOpaque(this, sum);
        chunk.sinceNanosOpaque(System.nanoTime());
        shareOutOpaque();
        return sum;
    }

    /**
     * What a queue may hold at the moment, in bytes. As memory fills, that is less, for all of them: so those that hold
     * most are refused first, and some memory is always left (A. K. Choudhury and E. L. Hahne, "Dynamic Queue Length
     * Thresholds for Shared-Memory Packet Switches", 1998). Possibly stale.
     */
    long queueShareOpaque() {
        return (long) QUEUE_SHARE.getOpaque(this);
    }

    /**
     * Measures what is in use, for a queue that was refused for its share; but not twice in a moment.
     *
     * @return false if that was done a moment ago
     */
    boolean measureShareAgain() {
        if (sharePerQueue == Double.POSITIVE_INFINITY) {
            return false;
        }
        synchronized (lock) {
            long now = System.nanoTime();
            if (now - measuredNanos < MIN_NANOS_BETWEEN_MEASURES) {
                return false;
            }
            measuredNanos = now;
            measureInUse();
            return true;
        }
    }

    private void measureInUse() {
        long inUse = registry.live().bytes() + account.heapBytes();
        leftAfterMoving = account.cap() - inUse + handedOut;
        shareOutOpaque();
    }

    /** Whenever a chunk comes or goes, so that a queue that asks needs no lock. */
    private void shareOutOpaque() {
        QUEUE_SHARE.setOpaque(this, share(leftOfBudget()));
    }

    private long leftOfBudget() {
        return Math.max(account.room() + free.bytes(), leftAfterMoving - handedOut);
    }

    private long share(long left) {
        return sharePerQueue == Double.POSITIVE_INFINITY ? Long.MAX_VALUE : (long) (sharePerQueue * left);
    }

    boolean isClosedVolatile() {
        return closed;
    }

    void register(ChunkAllocator allocator) {
        synchronized (lock) {
            requireOpen();
            allocators.add(allocator);
        }
    }

    /**
     * The allocator of the calling thread. The thread may have one that it does not know of: executors clear the
     * thread-locals of their threads, and JDK 25 does so in its common pool.
     */
    ChunkAllocator allocatorOfCaller() {
        synchronized (lock) {
            requireOpen();
            ChunkAllocator known = allocators.of(Thread.currentThread());
            if (known != null) {
                return known;
            }
            reapSomeDeadThreads(); // looks at several for each one added, so the dead ones never pile up
            ChunkAllocator fresh = ChunkAllocator.ofCallingThread();
            allocators.add(fresh);
            return fresh;
        }
    }

    /** The cap, in bytes. */
    long cap() {
        return account.cap();
    }

    /** True if this many bytes could be reserved if nothing else were. */
    boolean canEverHold(long bytes) {
        return bytes <= account.cap() - heldBackNow();
    }

    /**
     * Retires an allocator's chunk and gives it another one. Called by the allocator's owner.
     *
     * @return null if there is no room, or no more threads may have a chunk of their own; the allocator then keeps the
     *     chunk that it has, for smaller slices
     */
    @Nullable
    Chunk nextChunk(ChunkAllocator allocator) {
        Chunk next = freeOrFreshChunk(allocator);
        scheduleCheckIfDue(); // the chunks of dead threads, for instance, may have come free
        if (next != null && roomNow() < heldBack + account.cap() / LITTLE) {
            evacuation.runWhileRoomIsLeft();
        }
        return next;
    }

    private @Nullable Chunk freeOrFreshChunk(ChunkAllocator allocator) {
        synchronized (lock) {
            requireOpen();
            retireIfUnused(allocator);
            if (!free.hasChunk()) {
                reapSomeDeadThreads();
            }
            if (!mayHaveChunk(allocator)) {
                return null;
            }
            Chunk chunk = free.pop();
            if (chunk != null) {
                return makeCurrent(allocator, chunk);
            }
            if (!reserve(chunkSize)) {
                return null;
            }
        }
        Chunk fresh = make(chunkSize, false);
        if (fresh == null) {
            return null;
        }
        synchronized (lock) {
            requireOpenFor(fresh);
            registry.add(fresh);
            if (mayHaveChunk(allocator)) {
                return makeCurrent(allocator, fresh);
            }
            free.push(fresh);
            shareOutOpaque();
            return null;
        }
    }

    /**
     * Retires a stripe's chunk and gives it a free one. Called by the holder of the stripe's lock, which calls
     * {@link #scheduleCheckIfDue} when it has left it.
     *
     * @return null if no chunk is free; the stripe then keeps the chunk that it has, for smaller slices
     */
    @Nullable
    Chunk nextFreeChunk(ChunkAllocator stripe) {
        synchronized (lock) {
            requireOpen();
            retireIfUnused(stripe);
            if (!free.hasChunk()) {
                reapSomeDeadThreads();
            }
            Chunk chunk = free.pop();
            return chunk == null ? null : makeCurrent(stripe, chunk);
        }
    }

    /**
     * Makes another chunk. The caller holds no lock, and must then call {@link #use} or {@link #putFree}.
     *
     * @return null if there is no room
     */
    @Nullable
    Chunk grow() {
        return grow(false);
    }

    /** Likewise, for an evacuation: from what is held back, too. */
    @Nullable
    Chunk growToEvacuate() {
        return grow(true);
    }

    private @Nullable Chunk grow(boolean toEvacuate) {
        synchronized (lock) {
            requireOpen();
            if (!makeRoom(chunkSize, toEvacuate)) {
                return null;
            }
            account.reserve(chunkSize);
        }
        return make(chunkSize, false);
    }

    /** Makes a chunk from {@link #grow} a stripe's current one. Called by the holder of the stripe's lock. */
    Chunk use(Chunk fresh, ChunkAllocator stripe) {
        synchronized (lock) {
            requireOpenFor(fresh);
            registry.add(fresh);
            return makeCurrent(stripe, fresh);
        }
    }

    /** Puts a chunk from {@link #grow} that is not needed after all into the free list. */
    void putFree(Chunk fresh) {
        synchronized (lock) {
            if (closed) {
                discardUnregistered(fresh);
                return;
            }
            registry.add(fresh);
            free.push(fresh);
            shareOutOpaque();
        }
        scheduleCheckIfDue();
    }

    /**
     * Has idle memory looked at soon, if some came free and no look is scheduled. After each call that may have freed a
     * chunk; under no lock, as this may start a thread.
     */
    void scheduleCheckIfDue() {
        boolean checkIsDue;
        synchronized (lock) {
            checkIsDue = mustScheduleCheck();
        }
        if (checkIsDue) {
            idleCheck.schedule();
        }
    }

    /**
     * Takes a chunk for one buffer that is too large for the others.
     *
     * @return null if there is no room
     */
    @Nullable
    SendBuffer allocateLarge(int capacity, int alignment) {
        long needed = (long) capacity + alignment - 1;
        if (needed > Integer.MAX_VALUE) {
            return null;
        }
        int bytes;
        synchronized (lock) {
            requireOpen();
            SendBuffer again = allocateFreeLarge(needed, capacity, alignment);
            if (again != null) {
                return again;
            }
            bytes = reserveLarge(needed);
            if (bytes == 0) {
                return null;
            }
        }
        Chunk chunk = make(bytes, true);
        if (chunk == null) {
            return null;
        }
        SendBuffer whole = allocateFresh(chunk, capacity, alignment);
        synchronized (lock) {
            requireOpenFor(chunk);
            registry.add(chunk);
            chunk.ageOpaque(handOut(chunk));
        }
        return whole;
    }

    /**
     * Makes a chunk for a constant, which is as large as this, and discarded with it. Nobody waits for its memory, so
     * it is not handed out as other chunks are, and never becomes old.
     *
     * @return null if there is no room
     */
    @Nullable
    SendBuffer allocateConstant(int length) {
        int size = Math.max(1, length);
        long cost = (long) size + Chunk.HEAP_BYTES_OF_A_CONSTANT;
        synchronized (lock) {
            requireOpen();
            if (!makeRoom(cost, false)) {
                reapSomeDeadThreads();
                if (!makeRoom(cost, false)) {
                    return null;
                }
            }
            account.reserve(cost);
        }
        Chunk fresh = null;
        SendBuffer constant = null;
        try {
            fresh = maker.make(size, true);
            constant = fresh == null ? null : fresh.allocateConstant(length);
        } finally {
            if (constant == null) {
                giveBackConstant(fresh, cost);
            }
        }
        if (constant != null) {
            registerConstant(constant.chunk());
        }
        return constant;
    }

    private void giveBackConstant(@Nullable Chunk fresh, long cost) {
        synchronized (lock) {
            account.giveBack(cost);
            shareOutOpaque();
        }
        if (fresh != null) {
            discardedMemory.add(fresh.piece);
        }
    }

    private void registerConstant(Chunk fresh) {
        synchronized (lock) {
            account.giveBack(Chunk.HEAP_BYTES_OF_A_CONSTANT); // from here on it counts as heap
            requireOpenFor(fresh);
            registry.add(fresh);
            fresh.sinceNanosOpaque(System.nanoTime());
            account.reserveHeap(fresh, Chunk.HEAP_BYTES_OF_A_CONSTANT);
            shareOutOpaque();
        }
    }

    /** Takes back a chunk when the caller has released its last slice. */
    void recycle(Chunk chunk) {
        boolean checkIsDue = false;
        synchronized (lock) {
            if (chunk.registered) { // otherwise close, or stats after it, was faster
                source.freed(chunk.memory);
                recycleUnderLock(chunk);
                checkIsDue = mustScheduleCheck();
            }
        }
        if (checkIsDue) {
            idleCheck.schedule();
        }
    }

    /** After close, discards a chunk that is still some thread's current one when nothing of it is alive. */
    void dropIfUnused(Chunk chunk) {
        synchronized (lock) {
            if (closed && chunk.registered) {
                discardIfUnused(chunk);
            }
        }
    }

    /**
     * Counts what a chunk's slice objects will take of the heap. Called by the chunk's owner.
     *
     * @return false if the cap has no room for it
     */
    boolean reserveHeap(Chunk chunk, int bytes) {
        synchronized (lock) {
            if (!chunk.registered) {
                return true; // of a pool that was closed meanwhile: it counts nothing of this chunk
            }
            if (!makeRoom(bytes, chunk.allocator() == evacuation.target())) {
                return false;
            }
            account.reserveHeap(chunk, bytes);
            return true;
        }
    }

    /** Counts off what {@link #reserveHeap} counted and did not use. */
    void giveHeapBack(Chunk chunk, int bytes) {
        synchronized (lock) {
            if (chunk.registered) {
                account.giveHeapBack(chunk, bytes);
            }
        }
    }

    /**
     * Frees an allocator's current chunk if nothing of it is alive. Called by the allocator's owner, or by the holder
     * of the stripe's lock, which calls {@link #scheduleCheckIfDue} when it has left it.
     *
     * @return true if it was
     */
    boolean retireIfIdle(ChunkAllocator allocator) {
        synchronized (lock) {
            Chunk before = allocator.current;
            retireIfUnused(allocator);
            return before != allocator.current;
        }
    }

    /**
     * Discards the idle chunks: the free ones, those of dead threads, and the current ones of the given allocators.
     *
     * @return how many bytes
     */
    long trim(List<ChunkAllocator> ofCaller) {
        synchronized (lock) {
            long before = account.reservedBytes();
            reapDeadThreads();
            ofCaller.forEach(this::retireIfUnused);
            discardFree();
            return before - account.reservedBytes();
        }
    }

    /**
     * Discards half of the memory that no thread has needed since the last look, beyond the floor that stays; all of it
     * when little is left.
     */
    void checkIdleMemory() {
        long unneeded;
        synchronized (lock) {
            unneeded = Math.max(0, free.minBytes() - idleFloor);
        }
        long toDiscard = unneeded > 2L * chunkSize ? unneeded / 2 : unneeded;
        while (toDiscard > 0) {
            toDiscard = discardSome(toDiscard);
        }
        synchronized (lock) {
            free.restartMin();
            checkScheduled = false;
        }
        scheduleCheckIfDue();
    }

    /** The scheduled look will not take place; the next chunk that is freed asks for another one. */
    void checkFailed() {
        synchronized (lock) {
            checkScheduled = false;
        }
    }

    PoolStats stats(long refusedAcquires) {
        PoolStats stats;
        synchronized (lock) {
            reapDeadThreads();
            if (closed) {
                discardAllUnused();
            }
            stats = statsUnderLock(refusedAcquires);
        }
        scheduleCheckIfDue();
        return stats;
    }

    // ---- for the evacuation

    Evacuation evacuation() {
        return evacuation;
    }

    /** True once there are receivers, if the cap is large enough for an evacuation by an acquire. */
    boolean isAnyHeldBack() {
        return heldBack > 0 && holders.isAnyKnownVolatile();
    }

    private long heldBackNow() {
        return isAnyHeldBack() ? heldBack : 0;
    }

    /** Bytes that acquires could take of chunks now. */
    long roomNow() {
        synchronized (lock) {
            return account.room() + free.bytes();
        }
    }

    /**
     * Chooses the oldest chunks of which at most half is alive, as many as there is room for what is alive of them.
     *
     * @param maxBytes what is alive of them together at most, unless that is one
     * @return false if there is none
     */
    boolean chooseSparse(List<Chunk> chosen, long minLag, long maxBytes) {
        synchronized (lock) {
            if (closed) {
                return false; // there is nothing to gain, and no memory for copies
            }
            registry.addSparse(chosen, handedOut - minLag);
            chosen.sort(Comparator.comparingLong(Chunk::ageOpaque));
            long room = account.room() + free.bytes();
            long sum = 0;
            int count = 0;
            while (count < chosen.size()
                    && (sum += chosen.get(count).costOfCopies()) <= room
                    && (count == 0 || sum <= maxBytes)) {
                chosen.get(count++).chosenOpaque(true);
            }
            chosen.subList(count, chosen.size()).clear();
            return count > 0;
        }
    }

    /**
     * The messages of these chunks were moved; what is left stays, so it is not tried again before it is less. What was
     * held back is made free again.
     */
    void evacuated(List<Chunk> chosen, boolean isDone) {
        synchronized (lock) {
            for (Chunk chunk : chosen) {
                chunk.chosenOpaque(false);
                chunk.stayed = isDone ? chunk.liveSnapshot() : 0;
            }
            while (account.room() < heldBack && free.bytes() > 0) {
                discardOneFree();
            }
            measureInUse();
        }
    }

    /** Why a buffer of this capacity was just refused. */
    PoolShortage shortage(int capacity) {
        long bytes = Math.max(chunkSize, capacity);
        DirectMemory jvm = maker.growth().jvm();
        boolean jvmRefuses = maker.growth().isRefusing(bytes);
        synchronized (lock) {
            PoolShortage.Cause cause = bytes > account.room() + free.bytes() - heldBackNow()
                    ? PoolShortage.Cause.CAP
                    : jvmRefuses ? PoolShortage.Cause.JVM_DIRECT_MEMORY : PoolShortage.Cause.JVM_HEAP;
            return new PoolShortage(
                    account.cap(),
                    chunkSize,
                    account.reservedBytes(),
                    account.heapBytes(),
                    free.bytes(),
                    ownChunks,
                    cause,
                    jvm.limit(),
                    jvm.used());
        }
    }

    /** What chunks count for the cap at this moment. Unlike {@link #stats}, discards nothing before it looks. */
    long reservedBytesNow() {
        synchronized (lock) {
            return account.reservedBytes();
        }
    }

    /** How many threads have a chunk of their own at this moment. */
    int ownChunksNow() {
        synchronized (lock) {
            return ownChunks;
        }
    }

    /**
     * Closes the store: idle memory is discarded now, the rest with the last release.
     *
     * @return false if it was closed before
     */
    boolean close(List<ChunkAllocator> ofCaller) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            reapDeadThreads(); // what may run out of memory comes first
            closed = true;
            for (ChunkAllocator allocator : ofCaller) {
                retireCurrent(allocator);
            }
            // A living thread may be allocating at this moment, so the bias of its chunk stays; see dropIfUnused.
            allocators.clear(allocator -> allocator.current = null);
            ownChunks = 0;
            discardFree();
            discardAllUnused();
            return true;
        }
    }

    // ---- under the lock

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the pool is closed; acquire before closing it, or build another one");
        }
    }

    /** The pool may have been closed while memory was allocated: then what was reserved for it is given back. */
    private void requireOpenFor(Chunk fresh) {
        if (closed) {
            discardUnregistered(fresh);
            requireOpen();
        }
    }

    /** Discards a chunk that was never registered. */
    private void discardUnregistered(Chunk fresh) {
        account.giveBack(fresh.size);
        discardedMemory.add(fresh.piece);
    }

    /** Discards free chunks until there is this much room under the cap. */
    private boolean makeRoom(long bytes, boolean toEvacuate) {
        long needed = toEvacuate ? bytes : bytes + heldBackNow();
        if (needed > account.room() + free.bytes()) {
            return false; // before a free chunk is discarded for nothing
        }
        while (needed > account.room()) {
            discardOneFree();
        }
        return true;
    }

    private boolean reserve(long bytes) {
        if (!makeRoom(bytes, false)) {
            return false;
        }
        account.reserve(bytes);
        return true;
    }

    /** Reserves a whole size class, or only what is needed where that would pass the cap; returns how much, or 0. */
    private int reserveLarge(long needed) {
        long ofClass = SizeClasses.roundedUp(needed);
        if (ofClass <= Integer.MAX_VALUE && reserve(ofClass)) {
            return (int) ofClass;
        }
        if (!reserve(needed)) {
            reapSomeDeadThreads();
            return reserve(needed) ? (int) needed : 0;
        }
        return (int) needed;
    }

    private @Nullable SendBuffer allocateFreeLarge(long needed, int capacity, int alignment) {
        Chunk chunk = free.popLarge(needed);
        if (chunk == null) {
            return null;
        }
        boolean done = false;
        try {
            SendBuffer whole = chunk.allocateWhole(capacity, alignment);
            chunk.ageOpaque(handOut(chunk));
            done = true;
            return whole;
        } finally {
            if (!done) {
                free.push(chunk);
            }
        }
    }

    private boolean mayHaveChunk(ChunkAllocator allocator) {
        return allocator.owner() == null || allocator.current != null || ownChunks < maxOwnChunks;
    }

    private Chunk makeCurrent(ChunkAllocator allocator, Chunk chunk) {
        retireCurrent(allocator);
        handOut(chunk);
        chunk.ageOpaque(Chunk.CURRENT);
        chunk.chosenOpaque(false);
        chunk.makeCurrent(allocator);
        allocator.current = chunk;
        ownChunks += allocator.owner() == null ? 0 : 1;
        return chunk;
    }

    private void retireCurrent(ChunkAllocator allocator) {
        Chunk chunk = allocator.current;
        if (chunk != null) {
            allocator.current = null;
            ownChunks -= allocator.owner() == null ? 0 : 1;
            account.giveHeapBack(chunk, chunk.dropUnneededSlices());
            if (chunk.ageOpaque() == Chunk.CURRENT) { // else what was moved there is older
                chunk.ageOpaque(handedOut);
            }
            if (chunk.retire()) {
                source.freed(chunk.memory);
                recycleUnderLock(chunk);
            } else if (allocator == evacuation.target()) {
                chunk.stayed = chunk.liveSnapshot(); // full of copies, however few: to copy them again gains nothing
            }
        }
    }

    private void retireIfUnused(ChunkAllocator allocator) {
        Chunk chunk = allocator.current;
        if (chunk != null && chunk.liveSnapshot() == 0) {
            retireCurrent(allocator);
        }
    }

    private void reapDeadThreads() {
        allocators.takeOutAllDead(this::retireCurrent);
    }

    private void reapSomeDeadThreads() {
        allocators.takeOutDead(MAX_LOOKS_FOR_DEAD_THREADS, this::retireCurrent);
    }

    private void recycleUnderLock(Chunk chunk) {
        if (closed) {
            discard(chunk);
            return;
        }
        if (chunk.forConstant) {
            discard(chunk);
        } else {
            free.push(chunk);
        }
        shareOutOpaque();
    }

    /** True if the caller must schedule a look at what is idle, when it has left the lock. */
    private boolean mustScheduleCheck() {
        if (checkScheduled || closed || free.bytes() <= idleFloor) {
            return false;
        }
        checkScheduled = true;
        free.restartMin();
        return true;
    }

    private void discardFree() {
        while (free.bytes() > 0) {
            discardOneFree();
        }
    }

    private void discardOneFree() {
        Chunk chunk = free.popAny();
        if (chunk == null) {
            throw new AssertionError("no chunk is free");
        }
        discard(chunk);
    }

    private void discardAllUnused() {
        registry.forEach(discardIfUnused);
    }

    private void discardIfUnused(Chunk chunk) {
        if (chunk.liveSnapshot() == 0) { // the last release may be on its way to recycle
            source.freed(chunk.memory);
            discard(chunk);
        }
    }

    /**
     * Forgets a chunk. Its memory is never unmapped by hand: a buffer, a view or a pending write may still refer to it,
     * even by mistake, and must not crash the JVM. The collector frees it when nothing does, or a pool takes it again;
     * not if it is current, as it may be after close: then its owner may still allocate from it.
     */
    private void discard(Chunk chunk) {
        forget(chunk);
        if (chunk.current) {
            discardedMemory.addForTheCollector(chunk.piece);
        } else {
            discardedMemory.add(chunk.piece);
        }
    }

    private void forget(Chunk chunk) {
        registry.remove(chunk);
        account.forget(chunk);
    }

    private PoolStats statsUnderLock(long refusedAcquires) {
        ChunkRegistry.Live live = registry.live();
        boolean hasBudget = sharePerQueue != Double.POSITIVE_INFINITY;
        if (hasBudget) {
            measureInUse();
        }
        return new PoolStats(
                account.cap(),
                account.reservedBytes(),
                live.bytes(),
                live.pinnedBytes(),
                account.reservedBytes() - live.pinnedBytes(),
                live.slices(),
                refusedAcquires,
                account.heapBytes(),
                live.constantBytes(),
                hasBudget ? account.cap() - leftOfBudget() : 0,
                Math.max(queueShare, MeasuredRing.GUARANTEED_BYTES));
    }

    // ---- for the maker, which holds no lock

    /** Discards all free chunks, for the collector to make room below the JVM's limit. */
    void discardFreeChunks() {
        synchronized (lock) {
            discardFree();
        }
    }

    /**
     * Cuts memory off the largest free chunk that was for one buffer, which ceases to be one; null if none is large
     * enough.
     */
    DiscardedMemory.@Nullable Taken cutFromFree(int bytes) {
        synchronized (lock) {
            Chunk largest = free.popLargest();
            if (largest == null) {
                return null;
            }
            if (largest.size < bytes) {
                free.push(largest);
                return null;
            }
            forget(largest);
            return discardedMemory.cut(new DiscardedMemory.Taken(largest.piece, largest.memory), bytes);
        }
    }

    // ---- outside the lock

    /** Makes a chunk of what was reserved; returns null, the reservation given back, if there is no memory for it. */
    private @Nullable Chunk make(int bytes, boolean forOneBuffer) {
        Chunk made = null;
        try {
            made = maker.make(bytes, forOneBuffer);
            return made;
        } finally {
            if (made == null) {
                giveBack(bytes);
            }
        }
    }

    private void giveBack(int bytes) {
        synchronized (lock) {
            account.giveBack(bytes);
            shareOutOpaque(); // another thread may have shared out without these
        }
    }

    /** The caller alone has the chunk, and its bytes are reserved. */
    private SendBuffer allocateFresh(Chunk chunk, int capacity, int alignment) {
        boolean done = false;
        try {
            SendBuffer whole = chunk.allocateWhole(capacity, alignment);
            done = true;
            return whole;
        } finally {
            if (!done) {
                giveBack(chunk.size);
                discardedMemory.add(chunk.piece);
            }
        }
    }

    /** Discards some free chunks, under one hold of the lock; returns how many bytes are left to discard. */
    private long discardSome(long bytes) {
        synchronized (lock) {
            long left = bytes;
            for (int i = 0; i < MAX_DISCARDED_AT_ONCE && left > 0; i++) {
                long before = free.bytes();
                if (before <= idleFloor) {
                    return 0;
                }
                discardOneFree();
                left -= before - free.bytes();
            }
            return left;
        }
    }
}
