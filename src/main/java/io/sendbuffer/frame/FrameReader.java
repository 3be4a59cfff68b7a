/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.PoolExhaustedException;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendWriter;
import io.sendbuffer.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the frames of one connection out of its input. A frame that lies whole in the buffer that was read is handed
 * over in place, without a copy; one that was cut is collected first, in memory of a pool, which grows with what has
 * come, and not with what the peer announces. No garbage for each frame.
 *
 * <pre>{@code
 * private final FrameReader frames = FORMAT.reader(framePool, this::onFrame);     // one for each connection
 *
 * public void onReceived(Session session, ByteBuffer input) { frames.read(input); }
 * public void onClosed(Session session, Throwable cause)    { frames.close(); }   // gives back what is not whole
 *
 * private void onFrame(ByteBuffer frame) { ... }                                  // from its position to its limit
 * }</pre>
 *
 * <p><b>The handler</b> gets a buffer that is valid within its call: the frame is what lies from its position to its
 * limit, in the byte order of the format; what lies around it is no business of the handler's, and it writes nothing.
 * It may throw: then the frame counts as read, the exception leaves {@link #read}, and the next call goes on with the
 * frame behind it. It may call {@link #close}: then no further frame is handed over. It must not call {@link #read} or
 * {@link #end}. It may say how long the next frame is ({@link #expect}).
 *
 * <p><b>Errors.</b> {@link #read} throws a {@link FrameException} for what is no frame or too long, and
 * {@link PoolExhaustedException} where the pool has no room for one that was cut. Frames before that have been handed
 * over. The reader is of no use after that, since it does not know where the next frame begins.
 *
 * <p>For one thread at a time: a session's callbacks are.
 */
public abstract sealed class FrameReader implements AutoCloseable permits LengthReader, DelimiterReader {
    /** The header is not there whole, so no content is. */
    static final int NO_CONTENT = Integer.MAX_VALUE;

    private final FrameFormat format;
    private final SendBufferPool pool;
    private final Consumer<ByteBuffer> onFrame;
    private @Nullable Runnable onTooLong;

    /**
     * What has come of a frame that was cut, from its content on, or from its start if frames are handed over whole.
     */
    private @Nullable SendWriter begun;

    /** How many bytes of the frame have come in earlier reads. */
    private int seen;

    /** The frame is too long, and left out. */
    private boolean skips;

    /** The frame was announced by {@link #expect}, and has neither a header nor a delimiter. */
    private boolean isExpected;

    /** How much of such a frame is still to come. */
    private int left;

    private boolean isReading;
    private boolean closed;
    private boolean failed;

    FrameReader(FrameFormat format, SendBufferPool pool, Consumer<ByteBuffer> onFrame) {
        this.format = format;
        this.pool = pool;
        this.onFrame = onFrame;
    }

    /**
     * Leaves out frames that are too long, and goes on behind them, instead of throwing a {@link FrameException}. To be
     * called before the first {@link #read}.
     *
     * @param notify called once for each, when it is known to be too long; see the class about handlers
     */
    public final FrameReader skipTooLong(Runnable notify) {
        onTooLong = Objects.requireNonNull(notify, "notify");
        return this;
    }

    /**
     * Says how long the next frame is, which has no header and no delimiter of its own: for protocols in which one
     * frame announces another, as a line that gives the length of the body behind it. To be called by the handler of
     * the frame that announces it, or before any of it has come. It holds for one frame, which the handler gets as it
     * gets others; the one behind it is again as the format says.
     *
     * @param bytes 1 or more; no memory is taken for what has not come
     * @throws FrameException if that is longer than {@link FrameFormat#maxLength} says, and such frames are not left
     *     out
     * @throws IllegalStateException if the next frame has begun
     */
    public final void expect(int bytes) {
        Checks.inRange("bytes", bytes, 1, Integer.MAX_VALUE);
        if (seen > 0 || isExpected) {
            throw new IllegalStateException("the next frame has begun, or is expected already: call this once, in the"
                    + " handler of the frame before it");
        }
        isExpected = true;
        left = bytes;
        if (onTooLong == null && bytes > format.maxLength) {
            failed = true;
            expectedTooLong();
        }
    }

    private void expectedTooLong() {
        tooLong("a frame of " + left + " bytes was expected");
    }

    /**
     * Hands over each frame that ends in this input, and keeps the beginning of one that does not. Moves the position
     * to the limit; behind the last frame if the handler threw.
     *
     * @throws FrameException if what came is no frame, or is too long
     * @throws PoolExhaustedException if there is no room to keep the beginning of a frame
     * @throws IllegalStateException if the reader is closed, has failed before, or is called by its own handler
     */
    public final void read(ByteBuffer input) {
        begin();
        try {
            while (input.hasRemaining() && !closed) {
                next(input);
            }
        } finally {
            endCall();
        }
    }

    /**
     * The input has ended. What has come without a delimiter is handed over as the last frame.
     *
     * @throws FrameException if it ended within a frame that says how long it is
     * @throws IllegalStateException as {@link #read} does
     */
    public final void end() {
        begin();
        try {
            if ((seen > 0 || isExpected) && !skips) {
                endWithin();
                if (isExpected) { // by the handler of that frame
                    endWithin();
                }
            }
            forget();
        } finally {
            endCall();
        }
    }

    private void endCall() {
        isReading = false;
        if (failed) {
            clear();
        }
    }

    /** Bytes of a frame that has not come to its end yet, its header included; 0 between two frames. */
    public final int pendingBytes() {
        return seen;
    }

    /** Gives back what was kept of a frame. Of the input, nothing is read any more. Has no effect if it is closed. */
    @Override
    public final void close() {
        closed = true;
        clear();
    }

    // ---- what a format does

    /**
     * Goes on through a frame.
     *
     * @param from the first byte that it has not seen
     * @return the index behind the frame's last byte, or -1 if it does not end before {@code to}
     */
    abstract int scan(ByteBuffer input, int from, int to);

    /** Where the content begins in the frame that was scanned, or {@link #NO_CONTENT}. */
    abstract int contentStart();

    /** How many bytes lie behind the content, in the frame that was scanned to its end. */
    abstract int bytesBehindContent();

    /** The input has ended within a frame. Returns how many bytes lie behind its content, or throws. */
    abstract int endOfInput();

    /** Another frame comes. */
    abstract void restart();

    /** For what is longer than it may be: from here on it is left out, or it is an error. */
    final void tooLong(String what) {
        if (onTooLong == null) {
            throw new FrameException(
                    FrameException.Reason.TOO_LONG,
                    what + "; the longest frame that is read has " + format.maxLength + ", by FrameFormat.maxLength");
        }
        skips = true;
    }

    final boolean skips() {
        return skips;
    }

    // ---- reading

    private void begin() {
        if (isReading) {
            throw new IllegalStateException("a handler must not read: the bytes behind its frame come next anyhow");
        }
        if (closed || failed) {
            throw new IllegalStateException(
                    closed
                            ? "the reader is closed"
                            : "the reader has failed, and does not know where the next frame begins; close the"
                                    + " connection");
        }
        isReading = true;
    }

    private void next(ByteBuffer input) {
        int from = input.position();
        boolean skippedBefore = skips;
        failed = true; // unless all goes well before the handler is called
        int end = isExpected ? scanExpected(from, input.limit()) : scan(input, from, input.limit());
        if (skips) {
            failed = false;
            skip(input, end, skippedBefore);
        } else if (end < 0) {
            keep(input, from, input.limit());
            input.position(input.limit());
            failed = false;
        } else if (seen > contentFrom()) {
            keep(input, from, end);
            failed = false;
            input.position(end);
            handOverCollected(behind());
        } else {
            failed = false;
            handOverInPlace(input, from, end);
        }
    }

    private int scanExpected(int from, int to) {
        if (!skips && left > format.maxLength) { // if it was not when it began, it is not now
            expectedTooLong();
        }
        if (to - from < left) {
            left -= to - from;
            return -1;
        }
        return from + left;
    }

    private void skip(ByteBuffer input, int end, boolean skippedBefore) {
        input.position(end < 0 ? input.limit() : end);
        clear();
        seen = 1; // within a frame, and no more is of interest
        if (end >= 0) {
            forget();
        }
        Runnable notify = onTooLong;
        if (!skippedBefore && notify != null) {
            notify.run();
        }
    }

    private int contentFrom() {
        return format.whole || isExpected ? 0 : contentStart();
    }

    private int behind() {
        return isExpected ? 0 : bytesBehindContent();
    }

    private void handOverInPlace(ByteBuffer input, int from, int end) {
        int start = from + contentFrom() - seen;
        int stop = format.whole ? end : end - behind();
        int limit = input.limit();
        ByteOrder order = input.order();
        forget();
        try {
            onFrame.accept(input.limit(stop).position(start).order(order()));
        } finally {
            input.order(order).limit(limit).position(end);
        }
    }

    private void keep(ByteBuffer input, int from, int to) {
        long start = Math.max(from, (long) from + contentFrom() - seen);
        if (start < to) {
            writer().putBytes(input, (int) start, to - (int) start);
        }
        seen += to - from;
    }

    private SendWriter writer() {
        SendWriter writer = begun;
        if (writer == null) {
            writer = pool.writer(format.maxLength + mostAroundContent()).order(order());
            begun = writer;
        }
        return writer;
    }

    /** Bytes of the longest header or delimiter. */
    abstract int mostAroundContent();

    abstract ByteOrder order();

    private void handOverCollected(int behind) {
        SendBuffer frame = writer().seal();
        try {
            forget();
            frame.forBytes(0, frame.length() - (format.whole ? 0 : behind), onFrame);
        } finally {
            frame.release();
        }
    }

    private void endWithin() {
        failed = true;
        if (isExpected) {
            throw new FrameException(
                    FrameException.Reason.TRUNCATED, "the input ended " + left + " bytes before the end of a frame");
        }
        int behind = endOfInput();
        failed = false;
        if (skips) {
            Runnable notify = onTooLong;
            forget();
            if (notify != null) {
                notify.run();
            }
        } else {
            handOverCollected(behind);
        }
    }

    private void forget() {
        clear();
        seen = 0;
        skips = false;
        isExpected = false;
        restart();
    }

    private void clear() {
        SendWriter writer = begun;
        if (writer != null) {
            writer.clear();
        }
    }
}
