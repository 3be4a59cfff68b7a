package io.sendbuffer;

import java.util.Locale;

/**
 * The pool's cap leaves no room for a buffer. The message tells the cap, what is in use and what is pinned. Release
 * buffers (a receiver that stopped reading keeps what is queued for it), raise {@code maxMemory}, or use
 * {@link SendBufferPool#tryAcquire(int)} where running out is expected.
 */
public final class PoolExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PoolExhaustedException(int capacity, PoolStats stats) {
        super(String.format(
                Locale.ROOT,
                "no room for a buffer of %,d bytes: maxMemory %,d, reserved %,d, in use %,d by %,d buffers, pinned %,d;"
                        + " release buffers, raise maxMemory (and -XX:MaxDirectMemorySize), or use tryAcquire",
                capacity,
                stats.maxMemory(),
                stats.reservedBytes(),
                stats.inUseBytes(),
                stats.outstandingBuffers(),
                stats.pinnedBytes()));
    }
}
