/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.frame;

import io.sendbuffer.SendBufferPool;
import io.sendbuffer.internal.Checks;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Says where the frames of a stream end. A frame is its <em>content</em>, and what delimits it: a header that ends with
 * a length field, or a delimiter behind it. Immutable, so that all connections share one.
 *
 * <pre>{@code
 * FrameFormat.lengthField(4)                    // | length, 4 bytes, big endian | content |
 * FrameFormat.lengthField(2).littleEndian().at(3).adjustedBy(1)
 *                                               // | 3 bytes | length of what follows, less one | content |
 * FrameFormat.lengthField(4).countsWholeFrame() // the length includes the four bytes
 * FrameFormat.varint().maxLength(1 << 20)       // Protocol Buffers, delimited
 * FrameFormat.lines().maxLength(4_096)          // LF, or CR LF
 * FrameFormat.delimiter((byte) 0)
 * FrameFormat.fixed(16)
 * }</pre>
 */
public abstract sealed class FrameFormat permits LengthFormat, DelimiterFormat {
    /** The largest that {@link #maxLength} takes: 1 GiB. */
    private static final int MAX_MAX_LENGTH = 1 << 30;

    static final int DEFAULT_MAX_LENGTH = 64 << 10;

    final int maxLength;
    final boolean whole;

    FrameFormat(int maxLength, boolean whole) {
        Checks.inRange("maxLength", maxLength, 0, MAX_MAX_LENGTH);
        this.maxLength = maxLength;
        this.whole = whole;
    }

    /**
     * Frames that begin with their length, an unsigned number in the network's byte order.
     *
     * @param bytes of the length field, 1 to 8
     */
    public static LengthFormat lengthField(int bytes) {
        Checks.inRange("bytes of the length field", bytes, 1, Long.BYTES);
        return LengthFormat.ofField(bytes);
    }

    /**
     * Frames that begin with their length as a base-128 varint of up to ten bytes, the least significant group first,
     * as Protocol Buffers have it.
     */
    public static LengthFormat varint() {
        return LengthFormat.ofField(LengthFormat.VARINT);
    }

    /**
     * Frames that all have the same length.
     *
     * @param bytes of each, 1 byte to 1 GiB
     */
    public static FrameFormat fixed(int bytes) {
        Checks.inRange("bytes", bytes, 1, MAX_MAX_LENGTH);
        return LengthFormat.ofFixed(bytes);
    }

    /** Lines: LF ends one, CR LF does too. A CR elsewhere is content. */
    public static FrameFormat lines() {
        return new DelimiterFormat(new byte[] {'\n'}, true, DEFAULT_MAX_LENGTH, false);
    }

    /**
     * Frames that end with certain bytes. The content ends where these bytes come first.
     *
     * @param bytes 1 to 256 of them, which are copied
     */
    public static FrameFormat delimiter(byte... bytes) {
        Checks.inRange("bytes of the delimiter", bytes.length, 1, 256);
        return new DelimiterFormat(bytes.clone(), false, DEFAULT_MAX_LENGTH, false);
    }

    /**
     * Bounds the content of a frame. What is longer is an error that is found before memory is taken for it: as soon as
     * the length field is there, or that many bytes have come without a delimiter.
     *
     * @param bytes 0 to 1 GiB. Default: 64 KiB; of fixed frames it is their length
     */
    public abstract FrameFormat maxLength(int bytes);

    /** Hands over whole frames, each with its header or delimiter, and not their content alone. */
    public abstract FrameFormat whole();

    /**
     * Makes a reader for one connection.
     *
     * @param pool where the beginning of a frame is kept until its rest comes. Give all readers one pool of their own,
     *     with small chunks: {@code SendBufferPool.builder().chunkSize(1 << 10).maxMemory(16 << 20)}. A frame that does
     *     not come to its end keeps its chunk for as long, and in the pool that you send from, a client that sends
     *     slowly would keep as much as a slow consumer does.
     * @param onFrame gets each frame; see {@link FrameReader}
     */
    public abstract FrameReader reader(SendBufferPool pool, Consumer<ByteBuffer> onFrame);
}
