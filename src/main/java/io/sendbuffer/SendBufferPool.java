/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import io.sendbuffer.internal.ErrorHandlers;
import io.sendbuffer.internal.VirtualThreads;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.agrona.BitUtil;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out {@link SendBuffer}s: slices of large off-heap chunks, under one hard cap.
 *
 * <p>A platform thread allocates slices from a chunk of its own by bumping an index: no lock, no atomic. Virtual
 * threads share a few chunks. Slices lie side by side, so messages sealed one after the other by one thread are
 * contiguous memory and leave in one write. A chunk is reused when its last slice was released, so a long-lived buffer
 * keeps a whole chunk: make a {@linkplain #constant(byte[]) constant} of what you mean to keep. In the steady state
 * nothing is allocated.
 *
 * <p><b>What may be refused.</b> At most a quarter of the cap (one chunk, if that is more; nothing, if the cap is less
 * than two) are chunks that threads own, idle or not; a thread that finds no chunk to own shares those of the virtual
 * threads. So a buffer of up to {@link Builder#chunkSize} is refused only when the other three quarters are pinned by
 * buffers that are alive, or the JVM has no memory; what one thread fails to get because another one is just allocating
 * it, or ending a slow consumer for it, is available a moment later. A larger buffer needs its size, rounded up by an
 * eighth where the cap allows it, beside what is pinned and owned; chunks that were cut out of a larger one are not
 * joined again, so at the JVM's own limit it can be refused while as many bytes of smaller chunks are free. A refusal
 * takes about half a microsecond, up to two for a buffer larger than a chunk, whatever the number of threads and chunks
 * (one in many looks for slow consumers to end, which takes up to a fiftieth of the time in all), and never asks the
 * JVM for what it would refuse after half a second; where the module {@code java.management} is absent, one attempt at
 * the JVM's limit may take that long after each back-off, of 100 ms to 5 s.
 *
 * <p><b>What is kept.</b> Memory that no thread has needed for some seconds is discarded, half of it each second, down
 * to {@link Builder#idleFloor}; above that stay only the chunks that threads own and that virtual threads share. What
 * was discarded is taken again, before the JVM is asked for more, until the garbage collector has freed it.
 *
 * <p>A pool is meant to live as long as its server, and to be closed: a thread that acquired from it refers to it until
 * then. Thread-safe.
 */
public final class SendBufferPool implements AutoCloseable {
    /** How many times one acquire ends the slowest queues before it is refused after all. */
    private static final int MAX_SHEDS = 8;

    private final int chunkSize;
    private final ChunkStore store;

    /** Of this pool, not of all: a thread allocates from each pool separately. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable ChunkAllocator> allocatorOfThread = new ThreadLocal<>();

    /**
     * The allocator of a thread that acquires often, so that this thread is spared the look-up in its thread-locals. A
     * hint: a thread that reads it checks that the allocator is its own.
     */
    private @Nullable ChunkAllocator frequent;

    private final ChunkAllocator[] stripes;

    /** Not an adder, which allocates: an acquire may be refused because the heap is full. */
    private final AtomicLong refusedAcquires = new AtomicLong();

    private final ReclaimHook reclaimHook;

    private SendBufferPool(Builder settings) {
        this.chunkSize = settings.chunkSize;
        this.store = new ChunkStore(settings.ofStore());
        this.reclaimHook = new ReclaimHook(settings.reclaimer, store, settings.clock);
        this.stripes = new ChunkAllocator[settings.stripes];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = ChunkAllocator.stripe();
            store.register(stripes[i]);
        }
    }

    /** Starts a pool with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Acquires a buffer to be written, with one reference that is the caller's. Waits for no receiver; only where it
     * ends slow ones to make room, it waits a moment for their memory, see {@link Builder#shedSlowConsumers}.
     *
     * <p>A capacity above {@link Builder#chunkSize} gets a chunk of its own, which waits for a buffer of about the same
     * size when it is released: choose a chunk size that your usual messages fit into.
     *
     * @param capacity how many bytes the message may take, 0 or more. What the message does not use goes back to the
     *     pool at the seal, if the same thread acquired nothing meanwhile
     * @throws PoolExhaustedException if the cap or the JVM leaves no room
     * @throws IllegalStateException if the pool is closed
     */
    public SendBuffer acquire(int capacity) {
        return acquire(capacity, 1);
    }

    /**
     * Acquires a buffer whose first byte lies at a multiple of an alignment. Padding in front of it ends a run of
     * neighbors, so use it only where the memory is read in aligned words.
     *
     * @param alignment a power of two, 1 to 4,096
     * @see #acquire(int)
     */
    public SendBuffer acquire(int capacity, int alignment) {
        SendBuffer buffer = allocate(capacity, alignment);
        if (buffer == null) {
            throw new PoolExhaustedException(capacity, store.shortage(capacity));
        }
        return buffer;
    }

    /**
     * Acquires a buffer, or returns null where {@link #acquire(int)} throws {@link PoolExhaustedException}: for servers
     * that expect to run out, and then shed load.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public @Nullable SendBuffer tryAcquire(int capacity) {
        return allocate(capacity, 1);
    }

    /**
     * Makes a message of bytes that live long: a page, a greeting, what clients get when they come. It has memory of
     * its own, exactly as much as it needs, outside of the chunks, so it keeps no chunk however long it lives, and its
     * memory is discarded with its last release. Otherwise it is a message like others, for queues, batches, groups and
     * logs; never evacuated, never a neighbor, and a receiver that holds it, but nothing else that is old, is not among
     * the slow ones that end when the pool is exhausted.
     *
     * <p>It counts toward {@link Builder#maxMemory}, with its bytes and 1 KiB for its objects on the heap, and is shown
     * by {@link PoolStats#constantBytes} and among the outstanding buffers. So release it before the pool is closed.
     * Making one asks the JVM for memory: not for each message.
     *
     * @return a sealed message, with one reference that is the caller's
     * @throws PoolExhaustedException if the cap or the JVM leaves no room; no receiver ends to make some
     * @throws IllegalStateException if the pool is closed
     */
    public SendBuffer constant(byte[] bytes) {
        return constant(ByteBuffer.wrap(bytes));
    }

    /**
     * Makes a message that lives long, of what remains in a {@link ByteBuffer}, and moves its position to its limit;
     * see {@link #constant(byte[])}. Of a message that is to be kept,
     * {@code pool.constant(message.asReadOnlyByteBuffer())} makes a copy that keeps no chunk.
     *
     * @throws PoolExhaustedException if the cap or the JVM leaves no room; the position is where it was
     * @throws IllegalStateException if the pool is closed
     */
    public SendBuffer constant(ByteBuffer bytes) {
        StackRoom.require();
        store.requireOpen();
        int length = bytes.remaining();
        SendBuffer constant = allocateConstant(length);
        if (constant == null) {
            refusedAcquires.incrementAndGet();
            throw new PoolExhaustedException(length, store.shortage(length));
        }
        boolean done = false;
        try {
            constant.putBytes(bytes).seal();
            done = true;
            return constant;
        } finally {
            if (!done) {
                constant.release();
            }
        }
    }

    private @Nullable SendBuffer allocateConstant(int length) {
        if (!store.canEverHold((long) length + Chunk.HEAP_BYTES_OF_A_CONSTANT)) {
            return null;
        }
        try {
            SendBuffer constant = store.allocateConstant(length);
            if (constant == null && retireIdleChunks()) {
                constant = store.allocateConstant(length);
            }
            if (constant == null && store.evacuation().isDue() && evacuateForRoom() != 0) {
                constant = store.allocateConstant(length);
            }
            if (constant == null && reclaimHook.run(length)) {
                constant = store.allocateConstant(length);
            }
            return constant;
        } catch (OutOfMemoryError e) {
            return null; // no heap for its objects: nothing has changed
        }
    }

    /**
     * Makes a writer for messages whose length is not known beforehand: it appends, and moves to a larger buffer when
     * one is full.
     *
     * @param maxLength bytes of its longest message, headroom included, 1 or more
     * @see SendWriter
     */
    public SendWriter writer(int maxLength) {
        Checks.inRange("maxLength", maxLength, 1, Integer.MAX_VALUE);
        return new SendWriter(this, chunkSize, maxLength);
    }

    private @Nullable SendBuffer allocate(int capacity, int alignment) {
        if (capacity < 0 || alignment != 1) {
            checkSize(capacity, alignment);
        }
        if (store.isClosedVolatile()) {
            store.requireOpen();
        }
        SendBuffer buffer = allocateWithinHeap(capacity, alignment);
        return buffer != null ? buffer : refused(capacity, alignment);
    }

    private @Nullable SendBuffer allocateWithinHeap(int capacity, int alignment) {
        try {
            return capacity > chunkSize - alignment + 1
                    ? allocateLarge(capacity, alignment)
                    : allocateFromChunk(capacity, alignment);
        } catch (OutOfMemoryError e) {
            return null; // no heap for the buffer's objects: nothing has changed
        }
    }

    /**
     * Every acquire that is about to be refused comes here, under no lock, after everything that is available without a
     * release was tried. Makes room by moving what slow receivers hold together, and then by ending the queues that
     * hold the oldest messages.
     */
    private @Nullable SendBuffer refused(int capacity, int alignment) {
        SendBuffer buffer = null;
        if (canEverFit(capacity, alignment)) {
            long start = System.nanoTime();
            buffer = allocateAfterEvacuation(capacity, alignment, start);
            if (buffer == null && reclaimHook.run(capacity)) {
                buffer = allocateWithinHeap(capacity, alignment);
            }
            Shed shed;
            for (int i = 0; i < MAX_SHEDS && buffer == null && (shed = shedSlowest()) != null; i++) {
                buffer = allocateAfter(shed, capacity, alignment, start);
            }
        }
        if (buffer == null) {
            refusedAcquires.incrementAndGet();
        }
        return buffer;
    }

    /**
     * Tries again after each turn of an evacuation, as long as one gains something. Waits for a moment while another
     * thread evacuates.
     */
    private @Nullable SendBuffer allocateAfterEvacuation(int capacity, int alignment, long start) {
        if (!store.evacuation().isDue()) {
            return null;
        }
        long copied;
        do {
            copied = evacuateForRoom();
            SendBuffer buffer = allocateWithinHeap(capacity, alignment);
            if (buffer != null) {
                return buffer;
            }
        } while (copied > 0 || (copied == Evacuation.BUSY_ELSEWHERE && mayWaitOn(start) && Shed.pause(start)));
        return null;
    }

    private static boolean mayWaitOn(long startNanos) {
        return System.nanoTime() - startNanos < Shed.MAX_WAIT_NANOS;
    }

    private long evacuateForRoom() {
        try {
            return store.evacuation().turn();
        } catch (StackOverflowError | OutOfMemoryError e) {
            return 0; // nothing is lost, and the acquire is refused
        }
    }

    private boolean canEverFit(int capacity, int alignment) {
        return store.canEverHold((long) capacity + alignment - 1);
    }

    private @Nullable Shed shedSlowest() {
        try {
            return store.holders().shed();
        } catch (OutOfMemoryError e) {
            store.holders().keepQuiet(); // no heap for the search
            return null;
        }
    }

    /** Tries again as the memory of the ended queues comes back. */
    private @Nullable SendBuffer allocateAfter(Shed shed, int capacity, int alignment, long start) {
        boolean mayComeBack;
        do {
            mayComeBack = shed.isWorthWaiting(); // before the attempt, which may miss what comes after it
            SendBuffer buffer = allocateWithinHeap(capacity, alignment);
            if (buffer != null) {
                return buffer;
            }
        } while (mayComeBack && Shed.pause(start));
        if (shed.isLate()) {
            store.holders().keepQuiet();
        }
        return null;
    }

    private @Nullable SendBuffer allocateLarge(int capacity, int alignment) {
        SendBuffer buffer = store.allocateLarge(capacity, alignment);
        // The store made room from its free chunks; idle chunks that are an allocator's current ones make room too.
        boolean tryAgain = buffer == null && store.canEverHold((long) capacity + alignment - 1);
        return tryAgain && retireIdleChunks() ? store.allocateLarge(capacity, alignment) : buffer;
    }

    /** Retires those that the caller may touch; true if there was one. Locks only what looks idle. */
    private boolean retireIdleChunks() {
        boolean retired = false;
        for (ChunkAllocator stripe : stripes) {
            if (stripe.isIdle()) {
                synchronized (stripe) {
                    retired |= store.retireIfIdle(stripe);
                }
            }
        }
        ChunkAllocator own = ownAllocator();
        retired |= own != null && store.retireIfIdle(own);
        store.scheduleCheckIfDue();
        return retired;
    }

    private @Nullable SendBuffer allocateFromChunk(int capacity, int alignment) {
        Thread thread = Thread.currentThread();
        ChunkAllocator allocator = frequentPlain();
        if (allocator == null || !allocator.isOwnedBy(thread)) {
            if (VirtualThreads.isVirtual(thread)) {
                return allocateFromStripes(indexOf(thread), capacity, alignment);
            }
            allocator = allocatorOfCaller();
        }
        SendBuffer buffer = allocator.allocate(store, capacity, alignment);
        return buffer != null ? buffer : allocateFromStripes(indexOf(thread), capacity, alignment);
    }

    /**
     * Allocates from a chunk that virtual threads share with threads that have no chunk of their own or get no other
     * one.
     */
    private @Nullable SendBuffer allocateFromStripes(int index, int capacity, int alignment) {
        SendBuffer buffer = allocateFromIdleStripe(index, capacity, alignment);
        return buffer != null ? buffer : allocateFromAnyStripe(capacity, alignment);
    }

    private ChunkAllocator allocatorOfCaller() {
        ChunkAllocator allocator = allocatorOfThread.get();
        if (allocator == null) {
            allocator = newAllocator();
        }
        if (allocator.isLookedUpOften()) {
            frequent = allocator;
        }
        return allocator;
    }

    private @Nullable ChunkAllocator frequentPlain() {
        return frequent;
    }

    private ChunkAllocator newAllocator() {
        ChunkAllocator allocator = store.allocatorOfCaller();
        allocatorOfThread.set(allocator);
        return allocator;
    }

    /**
     * Allocates from the caller's stripe, or the next one that no thread is allocating from: a thread that waits
     * allocates.
     */
    @Nullable
    SendBuffer allocateFromIdleStripe(int index, int capacity, int alignment) {
        for (int i = 0; i < stripes.length; i++) {
            ChunkAllocator stripe = stripes[(index + i) & (stripes.length - 1)];
            boolean ours = false;
            SendBuffer slice = null;
            try {
                ours = stripe.casBusy();
                slice = ours ? stripe.allocateFromFreeShared(store, capacity, alignment) : null;
            } finally {
                if (ours) {
                    stripe.busy = false;
                }
            }
            if (ours) {
                return slice != null ? slice : stripe.allocateFromNew(store, capacity, alignment);
            }
        }
        return allocateFromStripe(index, capacity, alignment);
    }

    /** Allocates from the stripe with this index, a chunk that virtual threads share. */
    @Nullable
    SendBuffer allocateFromStripe(int index, int capacity, int alignment) {
        return stripes[index].allocateShared(store, capacity, alignment);
    }

    /**
     * When there is no room for another chunk, a shared one may still have some. Locks only those that look as if they
     * do, and asks for no memory, which was just refused.
     */
    private @Nullable SendBuffer allocateFromAnyStripe(int capacity, int alignment) {
        for (ChunkAllocator stripe : stripes) {
            if (stripe.mayFit(capacity)) {
                SendBuffer buffer = stripe.allocateFromFreeShared(store, capacity, alignment);
                if (buffer != null) {
                    return buffer;
                }
            }
        }
        return null;
    }

    private int indexOf(Thread thread) {
        return (int) thread.getId() & (stripes.length - 1);
    }

    private static void checkSize(int capacity, int alignment) {
        Checks.inRange("capacity", capacity, 0, Integer.MAX_VALUE);
        Checks.inRange("alignment", alignment, 1, 4096);
        if (!BitUtil.isPowerOfTwo(alignment)) {
            throw new IllegalArgumentException("alignment must be a power of two, was " + alignment);
        }
    }

    /**
     * Discards idle memory at once, the floor included: free chunks, chunks of threads that ended, those that virtual
     * threads share and the caller's own, if nothing in them is alive. What other threads own stays theirs; it is
     * bounded, see above. What is discarded no longer counts for the cap and is freed by the garbage collector.
     *
     * @return how many bytes were discarded
     */
    public long trim() {
        return withAllocatorsOfCaller(store::trim);
    }

    /**
     * Moves what slow receivers have queued out of old chunks of which at most half is in use, each message once, to
     * where it lies close together, so that those chunks come back: a receiver that stalls then costs about the bytes
     * that it has queued, where a message of less than 32 bytes counts as 32. An acquire that finds no room does this
     * by itself before it ends any receiver; call this for a smaller footprint earlier, from time to time, on a thread
     * that may take some milliseconds.
     *
     * <p>Order and content of what is sent stay as they are. Not moved: what is being written at this moment, what a
     * {@link BroadcastLog} retains, buffers larger than a chunk, constants, and messages with a
     * {@link ReleaseListener}. A chunk comes back when nothing of it is left, so not while the application holds one of
     * its buffers.
     *
     * <p>Any thread may call this; if another thread is at it, this returns at once.
     *
     * @return how many bytes were copied; 0 if there was nothing to gain, or the pool is closed. Where the heap or the
     *     pool's close cuts it short, what was moved until then stays so
     */
    public long evacuate() {
        return Math.max(0, store.evacuation().runToTheEnd());
    }

    /**
     * The queues that hold the oldest memory of this pool, the one that is farthest behind first: those that would end
     * first if an acquire found no room. Walks all queues that had a message of this pool: for monitoring.
     * {@link SendQueue#receiver()} is the session of a queue.
     *
     * @param most how many, 0 or more
     */
    public List<SendQueue> farthestBehind(int most) {
        Checks.inRange("most", most, 0, Integer.MAX_VALUE);
        record Behind(SendQueue queue, long age) {}
        return store.holders().living().stream()
                .map(holder -> new Behind(holder.queue(), holder.oldestAge(store)))
                .filter(behind -> behind.age() != Chunk.CURRENT)
                .sorted(Comparator.comparingLong(Behind::age))
                .limit(most)
                .map(Behind::queue)
                .toList();
    }

    /** Takes a snapshot. Walks all chunks: for monitoring, not for each message. Works after close too. */
    public PoolStats stats() {
        return store.stats(refusedAcquires.get());
    }

    /**
     * Closes the pool. Later acquires throw. Idle memory is discarded now, that of outstanding buffers with their last
     * release (or, if that came at the very moment of the close, with the next {@link #stats()}); they stay valid until
     * then. If there are any, their number is reported to the error handler, and {@link #stats()} continues to report
     * it. Closing twice has no further effect.
     */
    @Override
    public void close() {
        boolean first = withAllocatorsOfCaller(store::close);
        PoolStats left = stats();
        if (first && left.outstandingBuffers() > 0) {
            store.report(new IllegalStateException(String.format(
                    Locale.ROOT,
                    "the pool was closed with %,d buffers outstanding: %,d bytes in use, %,d pinned;"
                            + " they are discarded with their last release",
                    left.outstandingBuffers(),
                    left.inUseBytes(),
                    left.pinnedBytes())));
        }
    }

    /** The caller's own, which its thread-locals may have forgotten while {@link #frequent} knows it. */
    private @Nullable ChunkAllocator ownAllocator() {
        ChunkAllocator allocator = frequentPlain();
        if (allocator != null && allocator.isOwnedByCaller()) {
            return allocator;
        }
        return VirtualThreads.isVirtual(Thread.currentThread()) ? null : allocatorOfThread.get();
    }

    /** Runs an action on the allocators that the caller may touch: the stripes, all locked, and its own. */
    private <R> R withAllocatorsOfCaller(Function<List<ChunkAllocator>, R> action) {
        ChunkAllocator[] shared = Arrays.copyOf(stripes, stripes.length + 1);
        shared[stripes.length] = store.evacuation().target();
        List<ChunkAllocator> allocators = new ArrayList<>(List.of(shared));
        ChunkAllocator own = ownAllocator();
        if (own != null) {
            allocators.add(own);
        }
        return ChunkAllocator.withAll(shared, 0, () -> action.apply(allocators));
    }

    /** The settings of a pool, each checked when it is set. Not thread-safe. */
    public static final class Builder {
        private static final int MIN_CHUNK = 1 << 10;
        private static final int MAX_CHUNK = 1 << 30;
        private static final long DEFAULT_MAX_MEMORY = 256L << 20;
        private static final long NOT_SET = 0;

        /** A queue that is less than this part of the cap behind is not slow. */
        private static final int LAG_DIVISOR = 4;

        /** Of the cap, threads own this part at most. */
        private static final int OWN_DIVISOR = 4;

        private int chunkSize = 128 << 10;
        private long maxMemory = NOT_SET;
        private long idleFloor = 8L << 20;
        private double sharePerQueue = Double.POSITIVE_INFINITY;
        private boolean shedsSlowConsumers = true;
        private @Nullable Reclaimer reclaimer;
        private int stripes = BitUtil.findNextPositivePowerOfTwo(
                Math.min(64, Runtime.getRuntime().availableProcessors()));
        private ErrorHandler errorHandler = ErrorHandlers.STANDARD_ERROR;
        private MemorySource memorySource = MemorySource.DIRECT;
        private DirectMemory directMemory = JvmDirectMemory.get();
        private NanoClock clock = SystemNanoClock.INSTANCE;
        private IdleTimer idleTimer = IdleTimer.every(TimeUnit.SECONDS.toNanos(1));

        private Builder() {}

        /**
         * Bytes of a chunk, 1 KiB to 1 GiB. A buffer larger than that gets a chunk of its own. Smaller chunks stay in
         * the cache and come back sooner; larger ones are taken less often. Give a pool 128 chunks or more, so that it
         * moves what slow receivers hold, see {@link #maxMemory}; of a few chunks, one that stalls can keep all.
         * Default: 128 KiB.
         */
        public Builder chunkSize(int bytes) {
            Checks.inRange("chunkSize", bytes, MIN_CHUNK, MAX_CHUNK);
            this.chunkSize = bytes;
            return this;
        }

        /**
         * The hard cap on all bytes that the pool holds, used or idle; at least one chunk. It counts the chunks off the
         * heap and, about, the heap objects that name their slices: 80 bytes for each buffer that is or was alive in a
         * chunk, beyond the first 16, and 1 KiB for each {@linkplain SendBufferPool#constant(byte[]) constant}. So a
         * pool that is full of 32-byte messages holds two and a half times as much heap as messages, and both together
         * are within the cap. A pool of 128 chunks or more keeps room for a chunk of such messages free, three and a
         * half chunks, once it has receivers: what slow ones hold is moved there, see {@link SendBufferPool#evacuate}.
         * Beside that a chunk costs up to 6 KiB of heap. What the pool has discarded no longer counts, though the JVM
         * frees it only with its next collection.
         *
         * <p>The JVM has a limit of its own on direct memory, {@code -XX:MaxDirectMemorySize}, by default the size of
         * the heap, that all code in it shares. A cap above it is never reached, and {@link #build} warns; leave room
         * below it for others, such as the receive buffers of sessions. Where it refuses, and enough of what pools have
         * discarded is not collected yet, a thread of the library calls {@code System.gc()}, once a second at most, and
         * less often if the refusals continue; the acquire is refused meanwhile. Default: 256 MiB, or the JVM's limit
         * if that is less.
         */
        public Builder maxMemory(long bytes) {
            Checks.inRange("maxMemory", bytes, MIN_CHUNK, Long.MAX_VALUE);
            this.maxMemory = bytes;
            return this;
        }

        /**
         * How much free memory the pool keeps however long it is not needed, 0 or more bytes. What is above that is
         * discarded when no thread has needed it for a second or more: half of it, after another second half of the
         * rest, and so on, so that 200 MiB are gone after ten seconds or so. The JDK's own thread for delays looks at
         * it, and only while there is something above the floor. {@code Long.MAX_VALUE} keeps all. Default: 8 MiB.
         */
        public Builder idleFloor(long bytes) {
            Checks.inRange("idleFloor", bytes, 0, Long.MAX_VALUE);
            this.idleFloor = bytes;
            return this;
        }

        /**
         * What happens when the pool is exhausted because receivers do not read. True: the {@link SendQueue}s, and so
         * the sessions, that hold the oldest messages end with a {@link SlowConsumerException}, and the acquire that
         * found no room succeeds. So a receiver that stalls ends alone, and does not keep all others from sending. A
         * queue is slow if the pool has handed out a quarter of the cap, in chunks, since its oldest message. Among the
         * slowest, queues with a channel that takes nothing end first; those that still take something follow only if
         * that makes no room, since a shared message stays until its last receiver releases it. If most queues are slow
         * though they take what they can, the sender is too fast: then only queues with a channel that has taken
         * nothing meanwhile end; if there is none, the acquire is refused, until some have taken nothing for half a
         * second.
         *
         * <p>The thread that acquires ends them: it closes their channels and runs the {@link ReleaseListener}s of what
         * they held; callbacks run where they always do. Where another thread is in a write of one of them, the acquire
         * waits for that write to return, for up to 20 ms after the last was ended, and ends no other queue meanwhile;
         * on a thread that runs an event loop of this library, for 0.2 ms, and without parking. A thread that completes
         * such writes itself, by {@link SendQueue#completeWrite}, would wait for itself: it gets its refusal after 20
         * ms, and succeeds once it has completed the write.
         *
         * <p>False: the acquire is refused. Default: true.
         */
        public Builder shedSlowConsumers(boolean sheds) {
            this.shedsSlowConsumers = sheds;
            return this;
        }

        /**
         * What the application releases before an acquire is refused: a cache of sealed messages, say. When there is no
         * room, idle memory is given up first, then what slow receivers hold of old chunks moves together, as
         * {@link SendBufferPool#evacuate} does it; then this is called; and only if that makes no room either, slow
         * receivers end, see {@link #shedSlowConsumers}. So nothing that can be spared costs a receiver its connection.
         * Called by the thread that acquires, a constant too; see {@link Reclaimer#reclaim} for what it may do. Not for
         * what could never fit. Default: none.
         */
        public Builder reclaim(Reclaimer hook) {
            this.reclaimer = Objects.requireNonNull(hook, "hook");
            return this;
        }

        /**
         * One budget for all receivers: what one of them may hold is this part of what the pool has left, above 0. A
         * queue that holds more than 64 KiB and as much as its share refuses with {@link OfferResult#REFUSED_BUDGET},
         * and its {@link OverrunPolicy} applies; a message that finds its queue empty is never refused so. As memory
         * fills, the shares become smaller, so the queues that hold most are refused first, and with n of them, a part
         * of 1 / (1 + n × share) of the memory stays free for the others. A queue counts what it holds, shared with
         * others or not, and looks at its share whenever 64 KiB more wait. Its own limits apply as well. For servers
         * that send much to each receiver alone; 0.125 is a good value there. Default: no budget, which is
         * {@code Double.POSITIVE_INFINITY}, since what is shared by many is easily counted too often.
         */
        public Builder queueShare(double part) {
            if (!(part > 0)) {
                throw new IllegalArgumentException("queueShare must be above 0, was " + part);
            }
            this.sharePerQueue = part;
            return this;
        }

        /**
         * How many chunks virtual threads share, and threads that own none, 1 to 64, rounded up to a power of two.
         * Default: one for each processor.
         */
        public Builder stripes(int count) {
            Checks.inRange("stripes", count, 1, 64);
            this.stripes = BitUtil.findNextPositivePowerOfTwo(count);
            return this;
        }

        /**
         * Receives what has no other listener: buffers outstanding at close, what a {@link ReleaseListener} threw, what
         * ending a slow consumer threw, a look at idle memory that failed, a thread for a collection that could not be
         * started, a cap that the JVM cannot hold. Called on the thread that met it, under no lock of this library; may
         * call anything, must not block. What it throws goes to standard error and does no harm. Default: a line on
         * standard error.
         */
        public Builder errorHandler(ErrorHandler handler) {
            this.errorHandler = Objects.requireNonNull(handler, "errorHandler");
            return this;
        }

        Builder memorySource(MemorySource source) {
            this.memorySource = source;
            return this;
        }

        Builder directMemory(DirectMemory jvm) {
            this.directMemory = jvm;
            return this;
        }

        Builder clock(NanoClock nanos) {
            this.clock = nanos;
            return this;
        }

        Builder idleTimer(IdleTimer timer) {
            this.idleTimer = timer;
            return this;
        }

        /**
         * Builds the pool. No memory is taken before the first acquire. If maxMemory was set to more than the JVM's
         * limit on direct memory, the error handler gets a warning.
         *
         * @throws IllegalArgumentException if maxMemory is less than one chunk
         */
        public SendBufferPool build() {
            Checks.inRange("maxMemory", cap(), chunkSize, Long.MAX_VALUE);
            SendBufferPool pool = new SendBufferPool(this);
            if (cap() > directMemory.limit() && maxMemory != NOT_SET) {
                pool.store.report(new IllegalStateException(String.format(
                        Locale.ROOT,
                        "warning: maxMemory %,d is more than the %,d bytes of direct memory that the JVM allows;"
                                + " acquires will be refused before the cap: raise -XX:MaxDirectMemorySize, or lower"
                                + " maxMemory",
                        maxMemory,
                        directMemory.limit())));
            }
            return pool;
        }

        /** The default is what the JVM can hold, but at least one chunk. */
        private long cap() {
            return maxMemory != NOT_SET
                    ? maxMemory
                    : Math.max(chunkSize, Math.min(DEFAULT_MAX_MEMORY, directMemory.limit()));
        }

        StoreSettings ofStore() {
            long cap = cap();
            return new StoreSettings(
                    memorySource,
                    chunkSize,
                    cap,
                    maxOwnChunks(cap / chunkSize),
                    idleFloor,
                    sharePerQueue,
                    shedsSlowConsumers ? cap / LAG_DIVISOR : Long.MAX_VALUE,
                    directMemory,
                    discardedMemory(),
                    clock,
                    idleTimer,
                    errorHandler);
        }

        /** Pools of tests, with a source or a limit of their own, must not mix their memory with that of others. */
        private DiscardedMemory discardedMemory() {
            return memorySource == MemorySource.DIRECT && directMemory == JvmDirectMemory.get()
                    ? DiscardedMemory.OF_THIS_JVM
                    : new DiscardedMemory();
        }

        /** With a single chunk under the cap, the thread that owned it would keep all others from it. */
        private static int maxOwnChunks(long chunks) {
            return chunks < 2 ? 0 : (int) Math.min(Integer.MAX_VALUE, Math.max(1, chunks / OWN_DIVISOR));
        }
    }
}
