package io.sendbuffer;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A pool cut down to one store and one stripe, used as {@link SendBufferPool} uses them for virtual threads: any actor
 * may carve, and none of the millions of states leaves a thread-local behind.
 */
public final class StripePool {
    static final int CHUNK = 64;

    /** A thread that never ran is as dead as one that ended; a state can afford no thread of its own. */
    static final Thread DEAD = new Thread(() -> {}, "never started");

    final SlabMemory memory = new SlabMemory();
    final ChunkStore store;
    final Carver stripe = Carver.stripe();

    /** Of at most 16 chunks. */
    public StripePool() {
        this(16);
    }

    StripePool(int mostChunks) {
        store = new ChunkStore(memory, CHUNK, (long) mostChunks * CHUNK, Throwable::printStackTrace);
        store.register(stripe);
    }

    /** A store of eight chunks, of which threads may own a given number, where no back-off after a refusal lasts. */
    static ChunkStore storeWithoutBackOff(MemorySource source, int maxOwnChunks) {
        return storeWithoutBackOff(source, maxOwnChunks, new LetGoMemory());
    }

    /** The same, with discarded memory that it may share with another store. */
    static ChunkStore storeWithoutBackOff(MemorySource source, int maxOwnChunks, LetGoMemory letGoMemory) {
        return new ChunkStore(new StoreSettings(
                source,
                CHUNK,
                8 * CHUNK,
                maxOwnChunks,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                DirectMemory.UNKNOWN,
                letGoMemory,
                new HastyClock(),
                look -> {},
                Throwable::printStackTrace));
    }

    /** Between two reads it advances further than any back-off takes. */
    private static final class HastyClock implements NanoClock {
        private final AtomicLong now = new AtomicLong();

        @Override
        public long nanoTime() {
            return now.addAndGet(Growth.MAX_BACK_OFF_NANOS);
        }
    }

    /** Carves from the stripe's chunk, or from the next one; null if the cap leaves no room. */
    @Nullable
    SendBuffer carve(int capacity) {
        return carve(stripe, capacity);
    }

    /** Another stripe of this pool. */
    Carver anotherStripe() {
        Carver another = Carver.stripe();
        store.register(another);
        return another;
    }

    /** Leaves the carver of a dead thread behind. Its current chunk has no live slice. */
    void leaveADeadThreadsChunk() {
        Carver dead = Carver.of(DEAD);
        dead.carve(store, 16, 1).release();
        store.register(dead); // not before: its own carve would reap it
    }

    /** Carves from the chunk of another stripe. */
    @Nullable
    SendBuffer carve(Carver another, int capacity) {
        return another.carveShared(store, capacity, 1);
    }

    /** A sealed message, the neighbor of the one before. */
    public SendBuffer message(int... digits) {
        return filled(carve(digits.length), digits);
    }

    /** A sealed message in a chunk of its own: its last release frees the chunk. */
    public SendBuffer alone(int... digits) {
        return filled(store.carveLarge(digits.length, 1), digits);
    }

    private static SendBuffer filled(SendBuffer buffer, int... digits) {
        for (int digit : digits) {
            buffer.putByte((byte) digit);
        }
        return buffer.seal();
    }

    /** Closes the store as the pool does: it locks the stripes, in order, before the store. */
    void close() {
        synchronized (stripe) {
            store.close(List.of(stripe));
        }
    }

    public int frees() {
        return memory.frees();
    }
}
