package io.sendbuffer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;

/**
 * Every chunk of one pool, the cap over their bytes, and the list of the free ones. Touched once per chunk, not once
 * per message, so one plain lock guards it all; memory is allocated outside of it.
 */
final class ChunkStore {
    private final MemorySource source;
    private final int chunkSize;
    private final long maxMemory;
    private final ErrorHandler errorHandler;

    private final Object lock = new Object();

    // Guarded by the lock.
    private final List<Chunk> registry = new ArrayList<>();
    private final List<Carver> carvers = new ArrayList<>();
    private @Nullable Chunk firstFree;
    private long freeBytes;
    private long reservedBytes;

    /** Written under the lock. */
    private volatile boolean closed;

    ChunkStore(MemorySource source, int chunkSize, long maxMemory, ErrorHandler errorHandler) {
        this.source = source;
        this.chunkSize = chunkSize;
        this.maxMemory = maxMemory;
        this.errorHandler = errorHandler;
    }

    /** Tells what a release listener threw. Never throws: the release is done, and whoever released goes on. */
    void report(Throwable error) {
        try {
            errorHandler.onError(error);
        } catch (Throwable e) {
            e.addSuppressed(error);
            System.err.println("sendbuffer: the error handler failed");
            e.printStackTrace(System.err);
        }
    }

    boolean isClosedVolatile() {
        return closed;
    }

    void register(Carver carver) {
        synchronized (lock) {
            requireOpen();
            carvers.add(carver);
        }
    }

    /**
     * The carver of the calling thread. The thread may have one that it does not know of: executors clear the
     * thread-locals of their threads, and JDK 25 does so in its common pool.
     */
    Carver carverOfCaller() {
        synchronized (lock) {
            requireOpen();
            for (Carver carver : carvers) {
                if (carver.isOwnedByCaller()) {
                    return carver;
                }
            }
            Carver fresh = Carver.ofCallingThread();
            carvers.add(fresh);
            return fresh;
        }
    }

    /** True if this many bytes could be reserved if nothing else was. */
    boolean canEverHold(long bytes) {
        return bytes <= maxMemory;
    }

    /**
     * Retires a carver's chunk and gives it another one. Called by the carver's owner.
     *
     * @return null if the cap leaves no room; the carver then keeps the chunk that it has, for smaller slices
     */
    @Nullable
    Chunk nextChunk(Carver carver) {
        synchronized (lock) {
            requireOpen();
            retireIfUnused(carver);
            if (firstFree == null) {
                reapDeadThreads();
            }
            if (firstFree != null) {
                return makeCurrent(carver, popFree());
            }
            if (!reserve(chunkSize)) {
                return null;
            }
        }
        Chunk fresh = allocate(chunkSize, false);
        if (fresh == null) {
            return null;
        }
        synchronized (lock) {
            requireOpenFor(chunkSize);
            addToRegistry(fresh);
            return makeCurrent(carver, fresh);
        }
    }

    /**
     * Makes a chunk for one buffer that is too large for the others.
     *
     * @return null if the cap leaves no room
     */
    @Nullable
    SendBuffer carveLarge(int capacity, int alignment) {
        long bytes = (long) capacity + alignment - 1;
        if (bytes > Integer.MAX_VALUE) {
            return null;
        }
        synchronized (lock) {
            requireOpen();
            if (!reserve(bytes)) {
                reapDeadThreads();
                if (!reserve(bytes)) {
                    return null;
                }
            }
        }
        Chunk chunk = allocate((int) bytes, true);
        if (chunk == null) {
            return null;
        }
        SendBuffer whole = chunk.carveWhole(capacity, alignment);
        synchronized (lock) {
            requireOpenFor(bytes);
            addToRegistry(chunk);
        }
        return whole;
    }

    /** Takes a chunk back whose last slice was released by the caller. */
    void recycle(Chunk chunk) {
        source.freed(chunk.memory);
        synchronized (lock) {
            if (chunk.registryIndex >= 0) {
                recycleUnderLock(chunk);
            }
        }
    }

    /** After close, a chunk that is still some thread's current one goes when nothing of it is alive. */
    void dropIfUnused(Chunk chunk) {
        synchronized (lock) {
            if (closed && chunk.registryIndex >= 0) {
                letGoIfUnused(chunk);
            }
        }
    }

    /**
     * Lets the idle chunks go: the free ones, those of dead threads, and the current ones of the given carvers.
     *
     * @return how many bytes
     */
    long trim(List<Carver> ofCaller) {
        synchronized (lock) {
            long before = reservedBytes;
            reapDeadThreads();
            ofCaller.forEach(this::retireIfUnused);
            letFreeChunksGo();
            return before - reservedBytes;
        }
    }

    PoolStats stats(long refusedAcquires) {
        synchronized (lock) {
            reapDeadThreads();
            if (closed) {
                dropAllUnused();
            }
            return snapshot(refusedAcquires);
        }
    }

    /** What counts for the cap at this moment. Unlike {@link #stats}, lets nothing go before it looks. */
    long reservedBytesNow() {
        synchronized (lock) {
            return reservedBytes;
        }
    }

    /**
     * Closes the store: idle memory is let go now, the rest with the last release.
     *
     * @return false if it was closed before
     */
    boolean close(List<Carver> ofCaller) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            closed = true;
            reapDeadThreads();
            for (Carver carver : ofCaller) {
                retireCurrent(carver);
            }
            // A living thread may be carving at this moment, so the bias of its chunk stays; see dropIfUnused.
            for (Carver carver : carvers) {
                carver.current = null;
            }
            carvers.clear();
            letFreeChunksGo();
            dropAllUnused();
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
    private void requireOpenFor(long bytes) {
        if (closed) {
            reservedBytes -= bytes;
            requireOpen();
        }
    }

    private boolean reserve(long bytes) {
        if (bytes > maxMemory - reservedBytes + freeBytes) {
            return false; // before a free chunk is let go for nothing
        }
        while (bytes > maxMemory - reservedBytes) {
            letGo(popFree());
        }
        reservedBytes += bytes;
        return true;
    }

    private Chunk makeCurrent(Carver carver, Chunk chunk) {
        retireCurrent(carver);
        chunk.makeCurrent(carver);
        carver.current = chunk;
        return chunk;
    }

    private void retireCurrent(Carver carver) {
        Chunk chunk = carver.current;
        if (chunk != null) {
            carver.current = null;
            if (chunk.retire()) {
                source.freed(chunk.memory);
                recycleUnderLock(chunk);
            }
        }
    }

    private void retireIfUnused(Carver carver) {
        Chunk chunk = carver.current;
        if (chunk != null && chunk.liveSnapshot() == 0) {
            retireCurrent(carver);
        }
    }

    private void reapDeadThreads() {
        for (int i = carvers.size() - 1; i >= 0; i--) {
            Carver carver = carvers.get(i);
            if (carver.isOwnerDead()) {
                retireCurrent(carver);
                carvers.remove(i);
            }
        }
    }

    private void recycleUnderLock(Chunk chunk) {
        if (closed || chunk.forOneBuffer) {
            letGo(chunk);
            return;
        }
        chunk.reset();
        chunk.nextFree = firstFree;
        firstFree = chunk;
        freeBytes += chunk.size;
    }

    private Chunk popFree() {
        Chunk chunk = firstFree;
        if (chunk == null) {
            throw new AssertionError("the free list is empty");
        }
        firstFree = chunk.nextFree;
        freeBytes -= chunk.size;
        chunk.nextFree = null;
        return chunk;
    }

    private void letFreeChunksGo() {
        while (firstFree != null) {
            letGo(popFree());
        }
    }

    private void dropAllUnused() {
        for (int i = registry.size() - 1; i >= 0; i--) {
            letGoIfUnused(registry.get(i));
        }
    }

    private void letGoIfUnused(Chunk chunk) {
        if (chunk.liveSnapshot() == 0) {
            if (chunk.current) {
                source.freed(chunk.memory); // its bias is still in place, so no release will ever report it
            }
            letGo(chunk);
        }
    }

    private void addToRegistry(Chunk chunk) {
        chunk.registryIndex = registry.size();
        registry.add(chunk);
    }

    /**
     * Forgets a chunk. Its memory is never unmapped by hand: a buffer, a view or a pending write may still name it, by
     * mistake even, and must not crash the JVM. The collector frees it when nothing does.
     */
    private void letGo(Chunk chunk) {
        Chunk last = registry.remove(registry.size() - 1);
        if (last != chunk) {
            registry.set(chunk.registryIndex, last);
            last.registryIndex = chunk.registryIndex;
        }
        chunk.registryIndex = -1;
        reservedBytes -= chunk.size;
    }

    private PoolStats snapshot(long refusedAcquires) {
        long slices = 0;
        long inUse = 0;
        long pinned = 0;
        for (Chunk chunk : registry) {
            long live = chunk.liveSnapshot();
            if (live != 0) {
                slices += Chunk.slicesIn(live);
                inUse += Chunk.bytesIn(live);
                pinned += chunk.size;
            }
        }
        return new PoolStats(maxMemory, reservedBytes, inUse, pinned, reservedBytes - pinned, slices, refusedAcquires);
    }

    // ---- outside the lock

    /** Allocates what was reserved; gives the reservation back and returns null if the JVM has no memory for it. */
    private @Nullable Chunk allocate(int bytes, boolean forOneBuffer) {
        boolean done = false;
        try {
            ByteBuffer memory = source.allocate(bytes);
            Chunk chunk = new Chunk(this, memory, forOneBuffer);
            done = true;
            return chunk;
        } catch (OutOfMemoryError e) {
            return null;
        } finally {
            if (!done) {
                synchronized (lock) {
                    reservedBytes -= bytes;
                }
            }
        }
    }
}
