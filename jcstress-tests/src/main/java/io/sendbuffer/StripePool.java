package io.sendbuffer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool cut down to one store and one stripe, used as {@link SendBufferPool} uses them for virtual threads: any actor
 * may carve, and no thread-local is left behind by each of millions of states.
 */
public final class StripePool {
    static final int CHUNK = 64;

    /** A thread that never ran is as dead as one that ended; a state can afford no thread of its own. */
    private static final Thread DEAD = new Thread(() -> {}, "never started");

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

    /** Leaves the carver of a dead thread behind, whose current chunk has no live slice. */
    void leaveADeadThreadsChunk() {
        Carver dead = Carver.of(DEAD);
        dead.carve(store, 16, 1).release();
        store.register(dead); // not before: its own carve would reap it
    }

    /** Carves from the chunk of another stripe. */
    @Nullable
    SendBuffer carve(Carver another, int capacity) {
        another.lock();
        try {
            return another.carve(store, capacity, 1);
        } finally {
            another.unlock();
        }
    }

    /** A sealed message, the neighbor of the one before. */
    public SendBuffer message(int... digits) {
        return filled(carve(digits.length), digits);
    }

    /** A sealed message in a chunk of its own: its last release is what frees the chunk. */
    public SendBuffer alone(int... digits) {
        return filled(store.carveLarge(digits.length, 1), digits);
    }

    private static SendBuffer filled(SendBuffer buffer, int... digits) {
        for (int digit : digits) {
            buffer.putByte((byte) digit);
        }
        return buffer.seal();
    }

    /** Closes the store as the pool does: the stripes locked, in their order before the store. */
    void close() {
        stripe.lock();
        try {
            store.close(List.of(stripe));
        } finally {
            stripe.unlock();
        }
    }

    public int frees() {
        return memory.frees();
    }
}
