/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Splits received bytes into lines. LF ends a line, CRLF does too. A line received whole is handed on in place, without
 * a copy; only a line received in pieces is collected first, in no more bytes than a line may have.
 */
final class LineReader {
    private static final byte LF = '\n';
    private static final byte CR = '\r';
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final int maxLine;

    /**
     * The beginning of a line that has not ended yet. Not a SendBuffer: waiting for the rest, it would keep a chunk.
     */
    private ByteBuffer begun = NOTHING;

    /** Within a line that is already too long, until its end. */
    private boolean skipping;

    LineReader(int maxLine) {
        this.maxLine = maxLine;
    }

    /**
     * Consumes received bytes.
     *
     * @param onLine gets each line without its end, in a buffer that is valid during the call
     * @param onTooLong called once for each line that is too long, which is then left out
     */
    void read(ByteBuffer received, Consumer<ByteBuffer> onLine, Runnable onTooLong) {
        int end = received.limit();
        int newline;
        while ((newline = indexOfNewline(received)) >= 0) {
            received.limit(newline);
            endLine(received, onLine, onTooLong);
            received.limit(end).position(newline + 1);
        }
        collect(received, onTooLong);
    }

    /** Hands on the last line, if the input ended without a line ending. */
    void end(Consumer<ByteBuffer> onLine, Runnable onTooLong) {
        if (begun.position() > 0) {
            endLine(NOTHING, onLine, onTooLong);
        }
    }

    private void endLine(ByteBuffer rest, Consumer<ByteBuffer> onLine, Runnable onTooLong) {
        ByteBuffer line = rest;
        if (begun.position() > 0) {
            collect(rest, onTooLong);
            line = begun.flip();
        }
        if (!skipping) {
            dropCarriageReturn(line);
            if (line.remaining() > maxLine) {
                onTooLong.run();
            } else {
                onLine.accept(line);
            }
        }
        skipping = false;
        begun.clear();
    }

    private void collect(ByteBuffer piece, Runnable onTooLong) {
        if (skipping || !piece.hasRemaining()) {
            return;
        }
        if (begun.capacity() == 0) {
            begun = ByteBuffer.allocate(maxLine + 1); // and a CR, which does not count
        }
        if (piece.remaining() > begun.remaining()) {
            skipping = true;
            begun.clear();
            onTooLong.run();
        } else {
            begun.put(piece);
        }
    }

    private static void dropCarriageReturn(ByteBuffer line) {
        int last = line.limit() - 1;
        if (line.hasRemaining() && line.get(last) == CR) {
            line.limit(last);
        }
    }

    private static int indexOfNewline(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == LF) {
                return i;
            }
        }
        return -1;
    }
}
