/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts the chunks that the messages of a queue keep. For one call. */
final class PinnedChunks {
    /** How many places are looked at under one hold of the queue's lock. */
    private static final int MAX_LOOKS = 512;

    private final @Nullable Chunk[] found = new Chunk[MAX_LOOKS + 1]; // with what goes last
    private int count;
    private final Set<Chunk> chunks = new HashSet<>(); // each is equal to itself alone
    private long bytes;

    long of(SendQueue queue) {
        findInWindow(queue);
        add();
        long next = 0;
        do {
            next = find(queue.backlog(), next);
            add();
        } while (next >= 0);
        return bytes;
    }

    private void findInWindow(SendQueue queue) {
        Backlog backlog = queue.backlog();
        synchronized (backlog) {
            if (!backlog.isClosed() && queue.drainState().casIdleToExchanging()) {
                try {
                    count = queue.window().chunksInto(found);
                } finally {
                    queue.drainState().setIdleVolatile();
                }
            }
        }
    }

    /** Returns the number to continue from, or -1. */
    private long find(Backlog backlog, long from) {
        synchronized (backlog) {
            if (backlog.isClosed()) {
                return -1;
            }
            long number = Math.max(from, backlog.firstNumber());
            long stop = Math.min(backlog.nextNumber(), number + MAX_LOOKS);
            for (; number < stop; number++) {
                SendBuffer message = backlog.at(number);
                if (message != null) {
                    found[count++] = message.chunk();
                }
            }
            boolean isEnd = number >= backlog.nextNumber();
            SendBuffer last = isEnd ? backlog.farewell() : null;
            if (last != null) {
                found[count++] = last.chunk();
            }
            return isEnd ? -1 : number;
        }
    }

    /** Under no lock. */
    private void add() {
        for (; count > 0; count--) {
            Chunk chunk = found[count - 1];
            if (chunk != null && chunks.add(chunk)) {
                bytes += chunk.size;
            }
        }
    }
}
