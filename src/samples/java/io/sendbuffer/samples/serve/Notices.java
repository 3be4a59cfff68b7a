/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.util.List;

/**
 * The server's fixed messages: sealed once, sent as often as needed, to any number of clients. They are created before
 * the first client connects, so that the server can still send them when its pool is exhausted.
 *
 * <p>A long-lived buffer keeps its whole chunk. These few are acquired in a row, so they share one.
 */
final class Notices implements AutoCloseable {
    final SendBuffer lineTooLong;
    final SendBuffer outOfMemory;
    final SendBuffer inputEnded;
    final SendBuffer makeRoom;
    final SendBuffer closing;

    Notices(SendBufferPool pool, int maxLine) {
        lineTooLong = notice(pool, "* line longer than " + maxLine + " bytes, dropped\n");
        outOfMemory = notice(pool, "* server is out of memory, line dropped\n");
        inputEnded = notice(pool, "* your input ended; you see what others type until you close\n");
        makeRoom = notice(pool, "* server is full; close if you are done\n");
        closing = notice(pool, "* server is closing\n");
    }

    private static SendBuffer notice(SendBufferPool pool, String text) {
        return pool.acquire(text.length()).putAscii(text).seal();
    }

    /** Gives the memory back, once no client's queue holds it either. */
    @Override
    public void close() {
        List.of(lineTooLong, outOfMemory, inputEnded, makeRoom, closing).forEach(SendBuffer::close);
    }
}
