/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reading has a share of each duty cycle of a loop, so that peers that flood it do not hold up what it writes. Sessions
 * that found nothing left of it have their turn first in the next duty cycle, in their order, so that none waits
 * forever. Owned by the loop's thread; allocates nothing.
 */
final class ReadTurns {
    private static final long MAX_BYTES_PER_CYCLE = 256 << 10;

    private long bytesLeft;
    private @Nullable LoopSession first;
    private @Nullable LoopSession last;

    /** Begins a duty cycle with those that wait since the last one. Returns how many it served. */
    int begin(ByteBuffer receiveBuffer) {
        bytesLeft = MAX_BYTES_PER_CYCLE;
        int count = 0;
        LoopSession end = last; // those that come back have their turn in the next duty cycle
        boolean isAtTheEnd = false;
        while (bytesLeft > 0 && first != null && !isAtTheEnd) {
            LoopSession session = first;
            isAtTheEnd = session == end;
            removeFirst(session);
            bytesLeft -= Math.max(0, session.readInTurn(receiveBuffer));
            count++;
        }
        return count;
    }

    /** True if a session waits for the next duty cycle, which must not be slept away. */
    boolean isAnyWaiting() {
        return first != null;
    }

    /** True if a session may read now; if not, it has its turn in the next duty cycle. */
    boolean mayRead(LoopSession session) {
        if (bytesLeft > 0) {
            return true;
        }
        readAgain(session);
        return false;
    }

    /** A session has its turn in the next duty cycle: what it can read then is no matter of the selector. */
    void readAgain(LoopSession session) {
        if (!session.waitsToRead) {
            session.waitsToRead = true;
            if (last == null) {
                first = session;
            } else {
                last.nextToRead = session;
            }
            last = session;
        }
    }

    /** A session has read this many bytes. */
    void count(int bytes) {
        bytesLeft -= Math.max(0, bytes);
    }

    private void removeFirst(LoopSession session) {
        first = session.nextToRead;
        if (first == null) {
            last = null;
        }
        session.nextToRead = null;
        session.waitsToRead = false;
    }
}
