package io.sendbuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.agrona.BitUtil;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * Hands out {@link SendBuffer}s: slices of large off-heap chunks, under one hard cap.
 *
 * <p>A platform thread carves slices from a chunk of its own by bumping an index: no lock, no atomic. Virtual threads
 * share a few chunks. Slices lie side by side, so messages sealed one after the other by one thread are contiguous
 * memory and leave in one write. A chunk is reused when its last slice was released, so a long-lived buffer keeps a
 * whole chunk: copy what you mean to keep. In the steady state nothing is allocated.
 *
 * <p>A pool is meant to live as long as its server, and to be closed: a thread that acquired from it refers to it until
 * then. Safe for use by any number of threads.
 */
public final class SendBufferPool implements AutoCloseable {
    private final int chunkSize;
    private final ErrorHandler errorHandler;
    private final ChunkStore store;

    /** Of this pool, not of all: a thread carves from each pool separately. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Carver> carverOfThread = new ThreadLocal<>();

    /**
     * The carver of a thread that acquires often, so that this thread is spared the look-up in its thread-locals. A
     * hint: whoever reads it asks whose it is.
     */
    private @Nullable Carver frequent;

    private final Carver[] stripes;
    private final LongAdder refusedAcquires = new LongAdder();

    private SendBufferPool(Builder settings) {
        this.chunkSize = settings.chunkSize;
        this.errorHandler = settings.errorHandler;
        this.store =
                new ChunkStore(settings.memorySource, settings.chunkSize, settings.maxMemory, settings.errorHandler);
        this.stripes = new Carver[settings.stripes];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = Carver.stripe();
            store.register(stripes[i]);
        }
    }

    /** Starts a pool with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Acquires a buffer to be written, with one reference that is the caller's. Never waits for a release.
     *
     * <p>A capacity above {@link Builder#chunkSize} gets memory of its own from the JVM, which is slow, and goes back
     * to it with the last release: choose a chunk size that your usual messages fit into.
     *
     * @param capacity how many bytes the message may take, 0 or more. What the message does not use goes back to the
     *     pool at the seal, if the same thread acquired nothing meanwhile
     * @throws PoolExhaustedException if the cap leaves no room
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
        SendBuffer buffer = carve(capacity, alignment);
        if (buffer == null) {
            throw new PoolExhaustedException(capacity, stats());
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
        return carve(capacity, 1);
    }

    private @Nullable SendBuffer carve(int capacity, int alignment) {
        if (capacity < 0 || alignment != 1) {
            checkSize(capacity, alignment);
        }
        if (store.isClosedVolatile()) {
            store.requireOpen();
        }
        SendBuffer buffer = capacity > chunkSize - alignment + 1
                ? carveLarge(capacity, alignment)
                : carveFromChunk(capacity, alignment);
        if (buffer == null) {
            refusedAcquires.increment();
        }
        return buffer;
    }

    private @Nullable SendBuffer carveLarge(int capacity, int alignment) {
        SendBuffer buffer = store.carveLarge(capacity, alignment);
        // The store made room of its free chunks; idle chunks that are somebody's current ones make room too.
        boolean tryAgain = buffer == null && store.canEverHold((long) capacity + alignment - 1);
        return tryAgain && trim() > 0 ? store.carveLarge(capacity, alignment) : buffer;
    }

    private @Nullable SendBuffer carveFromChunk(int capacity, int alignment) {
        Thread thread = Thread.currentThread();
        Carver carver = frequentPlain();
        if (carver == null || !carver.isOwnedBy(thread)) {
            if (VirtualThreads.isVirtual(thread)) {
                SendBuffer buffer = carveFromIdleStripe(indexOf(thread), capacity, alignment);
                return buffer != null ? buffer : carveFromAnyStripe(capacity, alignment);
            }
            carver = carverOfCaller();
        }
        SendBuffer buffer = carver.carve(store, capacity, alignment);
        return buffer != null ? buffer : carveFromAnyStripe(capacity, alignment);
    }

    private Carver carverOfCaller() {
        Carver carver = carverOfThread.get();
        if (carver == null) {
            carver = newCarver();
        }
        if (carver.isLookedUpOften()) {
            frequent = carver;
        }
        return carver;
    }

    private @Nullable Carver frequentPlain() {
        return frequent;
    }

    private Carver newCarver() {
        Carver carver = store.carverOfCaller();
        carverOfThread.set(carver);
        return carver;
    }

    /** Of the caller's stripe, or of the next one that nobody carves from at this moment: who waits, allocates. */
    @Nullable
    SendBuffer carveFromIdleStripe(int index, int capacity, int alignment) {
        for (int i = 0; i < stripes.length; i++) {
            Carver stripe = stripes[(index + i) & (stripes.length - 1)];
            if (stripe.tryLock()) {
                try {
                    return stripe.carve(store, capacity, alignment);
                } finally {
                    stripe.unlock();
                }
            }
        }
        return carveFromStripe(index, capacity, alignment);
    }

    /** Of those that virtual threads share. */
    @Nullable
    SendBuffer carveFromStripe(int index, int capacity, int alignment) {
        Carver stripe = stripes[index];
        stripe.lock();
        try {
            return stripe.carve(store, capacity, alignment);
        } finally {
            stripe.unlock();
        }
    }

    /** When the cap leaves a thread no other chunk, a shared one may still have room. */
    private @Nullable SendBuffer carveFromAnyStripe(int capacity, int alignment) {
        for (int i = 0; i < stripes.length; i++) {
            SendBuffer buffer = carveFromStripe(i, capacity, alignment);
            if (buffer != null) {
                return buffer;
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
     * Lets idle memory go: free chunks, chunks of threads that ended, the caller's own chunk if nothing in it is alive.
     * What is let go no longer counts for the cap and is freed by the garbage collector.
     *
     * @return how many bytes were let go
     */
    public long trim() {
        return withCarversOfCaller(store::trim);
    }

    /** Takes a snapshot. Walks all chunks: for monitoring, not for each message. Works after close too. */
    public PoolStats stats() {
        return store.stats(refusedAcquires.sum());
    }

    /**
     * Closes the pool. Later acquires throw. Idle memory is let go now, that of outstanding buffers with their last
     * release (or, if that came in the very moment of the close, with the next {@link #stats()}); they stay valid until
     * then. If there are any, their number is reported to the error handler, and {@link #stats()} goes on telling it.
     * Closing twice does nothing more.
     */
    @Override
    public void close() {
        boolean first = withCarversOfCaller(store::close);
        PoolStats left = stats();
        if (first && left.outstandingBuffers() > 0) {
            errorHandler.onError(new IllegalStateException(String.format(
                    Locale.ROOT,
                    "the pool was closed with %,d buffers outstanding: %,d bytes in use, %,d pinned;"
                            + " they are let go with their last release",
                    left.outstandingBuffers(),
                    left.inUseBytes(),
                    left.pinnedBytes())));
        }
    }

    /** The caller's own, which its thread-locals may have forgotten while {@link #frequent} knows it. */
    private @Nullable Carver ownCarver() {
        Carver carver = frequentPlain();
        if (carver != null && carver.isOwnedByCaller()) {
            return carver;
        }
        return VirtualThreads.isVirtual(Thread.currentThread()) ? null : carverOfThread.get();
    }

    /** Runs an action on the carvers that the caller may touch: the stripes, all locked, and its own. */
    private <R> R withCarversOfCaller(Function<List<Carver>, R> action) {
        List<Carver> carvers = new ArrayList<>(List.of(stripes));
        Carver own = ownCarver();
        if (own != null) {
            carvers.add(own);
        }
        for (Carver stripe : stripes) {
            stripe.lock();
        }
        try {
            return action.apply(carvers);
        } finally {
            for (Carver stripe : stripes) {
                stripe.unlock();
            }
        }
    }

    /** The settings of a pool, each checked when it is set. Not safe for use by several threads. */
    public static final class Builder {
        private static final int LEAST_CHUNK = 1 << 10;
        private static final int MOST_CHUNK = 1 << 30;

        private int chunkSize = 128 << 10;
        private long maxMemory = 256L << 20;
        private int stripes = BitUtil.findNextPositivePowerOfTwo(
                Math.min(64, Runtime.getRuntime().availableProcessors()));
        private ErrorHandler errorHandler = error -> System.err.println("sendbuffer: " + error);
        private MemorySource memorySource = MemorySource.DIRECT;

        private Builder() {}

        /**
         * Bytes of a chunk, 1 KiB to 1 GiB. A buffer larger than that gets a chunk of its own. Smaller chunks stay in
         * the cache and come back sooner; larger ones are taken less often. Default: 128 KiB.
         */
        public Builder chunkSize(int bytes) {
            Checks.inRange("chunkSize", bytes, LEAST_CHUNK, MOST_CHUNK);
            this.chunkSize = bytes;
            return this;
        }

        /**
         * The hard cap on all bytes that the pool holds, used or idle; at least one chunk. Each thread that acquires
         * has a chunk of its own, so leave room for as many chunks as there are such threads; a thread that gets none
         * falls back on those that virtual threads share. What the pool let go counts no longer, though the JVM frees
         * it only with its next collection. The JVM has a cap of its own, {@code -XX:MaxDirectMemorySize}, by default
         * the size of the heap. Default: 256 MiB.
         */
        public Builder maxMemory(long bytes) {
            Checks.inRange("maxMemory", bytes, LEAST_CHUNK, Long.MAX_VALUE);
            this.maxMemory = bytes;
            return this;
        }

        /**
         * How many chunks virtual threads share, 1 to 64, rounded up to a power of two. Default: one for each
         * processor.
         */
        public Builder stripes(int count) {
            Checks.inRange("stripes", count, 1, 64);
            this.stripes = BitUtil.findNextPositivePowerOfTwo(count);
            return this;
        }

        /**
         * Who is told what has no other listener: buffers outstanding at close, what a {@link ReleaseListener} threw.
         * Default: a line on standard error.
         */
        public Builder errorHandler(ErrorHandler handler) {
            this.errorHandler = Objects.requireNonNull(handler, "errorHandler");
            return this;
        }

        Builder memorySource(MemorySource source) {
            this.memorySource = source;
            return this;
        }

        /**
         * Builds the pool. No memory is taken before the first acquire.
         *
         * @throws IllegalArgumentException if maxMemory is less than one chunk
         */
        public SendBufferPool build() {
            Checks.inRange("maxMemory", maxMemory, chunkSize, Long.MAX_VALUE);
            return new SendBufferPool(this);
        }
    }
}
