/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.internal.Checks;
import java.nio.ByteBuffer;

/**
 * Makes WebSocket frames of a server: a whole message each, to be shared by any number of clients, and released by the
 * caller.
 *
 * <pre>{@code
 * try (SendBuffer frame = WebSocketFrames.text(pool, "{\"price\":17}")) {
 *     group.broadcast(frame);
 * }
 * }</pre>
 *
 * <p>Each takes exactly the memory that it needs, so what one thread makes one after the other are neighbors, which a
 * {@link io.sendbuffer.SendBatch} sends as one.
 */
public final class WebSocketFrames {
    /** Bytes of the longest header, for a payload that is written by the caller: see {@link #sealBinary}. */
    public static final int HEADROOM = 10;

    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int FINAL = 0x80;

    /** The message is deflated. */
    static final int DEFLATED = 0x40;

    static final int LENGTH_BITS = 0x7F;
    static final int OPCODE_BITS = 0x0F;
    static final int LENGTH_IN_16_BITS = 126;
    static final int LENGTH_IN_64_BITS = 127;
    static final int MAX_CONTROL_PAYLOAD = 125;

    private static final int MAX_16_BITS = 0xFFFF;

    private WebSocketFrames() {}

    /**
     * Makes a text message.
     *
     * @throws io.sendbuffer.PoolExhaustedException as {@link SendBufferPool#acquire(int)} does
     */
    public static SendBuffer text(SendBufferPool pool, CharSequence text) {
        int length = SendBuffer.utf8Length(text);
        SendBuffer frame = pool.acquire(sizeOf(length));
        try {
            return putHeader(frame, TEXT, length).putUtf8(text).seal();
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
    }

    /** Makes a text message of what remains in a buffer, which has to be UTF-8 and whose position is left alone. */
    public static SendBuffer text(SendBufferPool pool, ByteBuffer utf8) {
        return of(pool, TEXT, utf8);
    }

    /** Makes a binary message of what remains in a buffer, whose position is left alone. */
    public static SendBuffer binary(SendBufferPool pool, ByteBuffer bytes) {
        return of(pool, BINARY, bytes);
    }

    /**
     * Makes a ping.
     *
     * @param payload up to 125 bytes, which its pong repeats
     */
    public static SendBuffer ping(SendBufferPool pool, ByteBuffer payload) {
        return of(pool, PING, controlPayload(payload));
    }

    /** Makes a pong, as an answer or unasked; see {@link #ping}. */
    public static SendBuffer pong(SendBufferPool pool, ByteBuffer payload) {
        return of(pool, PONG, controlPayload(payload));
    }

    /**
     * Makes a close frame. {@link WebClient#close(int, String)} sends one.
     *
     * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999
     * @param reason up to 123 bytes as UTF-8
     */
    public static SendBuffer close(SendBufferPool pool, int code, CharSequence reason) {
        requireCode(code);
        int length = Short.BYTES + SendBuffer.utf8Length(reason);
        Checks.inRange("bytes of the reason", length - Short.BYTES, 0, MAX_CONTROL_PAYLOAD - Short.BYTES);
        SendBuffer frame = pool.acquire(sizeOf(length));
        try {
            return putHeader(frame, CLOSE, length)
                    .putShort(code)
                    .putUtf8(reason)
                    .seal();
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
    }

    /**
     * Makes a text message of a payload that the caller wrote, as UTF-8, behind a headroom of {@link #HEADROOM} bytes.
     * See {@link #sealBinary}.
     */
    public static SendBuffer sealText(SendBuffer payload) {
        return prependHeader(payload, TEXT).seal();
    }

    /**
     * Makes a binary message of a payload that the caller wrote: writes the header in front of it, and seals it.
     *
     * <pre>{@code
     * SendBuffer frame = pool.acquire(WebSocketFrames.HEADROOM + 512).headroom(WebSocketFrames.HEADROOM);
     * encode(frame);
     * group.broadcast(WebSocketFrames.sealBinary(frame));
     * }</pre>
     *
     * @param payload not sealed, big-endian, with its headroom
     * @return the same buffer
     */
    public static SendBuffer sealBinary(SendBuffer payload) {
        return prependHeader(payload, BINARY).seal();
    }

    static void requireCode(int code) {
        if (!CloseCodes.isValid(code)) {
            throw new IllegalArgumentException(
                    "a close code is one of 1000 to 1003, 1007 to 1014 and 3000 to 4999, was " + code);
        }
    }

    static SendBuffer of(SendBufferPool pool, int opcode, ByteBuffer payload) {
        int length = payload.remaining();
        SendBuffer frame = pool.acquire(sizeOf(length));
        try {
            return putHeader(frame, opcode, length)
                    .putBytes(payload, payload.position(), length)
                    .seal();
        } catch (Throwable e) {
            frame.release();
            throw e;
        }
    }

    private static ByteBuffer controlPayload(ByteBuffer payload) {
        Checks.inRange("bytes of the payload", payload.remaining(), 0, MAX_CONTROL_PAYLOAD);
        return payload;
    }

    /** Bytes of a frame with a payload of this length. */
    static int sizeOf(int length) {
        return Math.addExact(length, length < LENGTH_IN_16_BITS ? 2 : length <= MAX_16_BITS ? 4 : HEADROOM);
    }

    /** Writes the header of a whole message. */
    static SendBuffer putHeader(SendBuffer frame, int opcode, int length) {
        frame.putByte(FINAL | opcode);
        if (length < LENGTH_IN_16_BITS) {
            return frame.putByte(length);
        }
        return length <= MAX_16_BITS
                ? frame.putByte(LENGTH_IN_16_BITS).putShort(length)
                : frame.putByte(LENGTH_IN_64_BITS).putLong(length);
    }

    private static SendBuffer prependHeader(SendBuffer frame, int opcode) {
        int length = frame.length();
        if (length < LENGTH_IN_16_BITS) {
            frame.prependByte(length);
        } else if (length <= MAX_16_BITS) {
            frame.prependShort(length).prependByte(LENGTH_IN_16_BITS);
        } else {
            frame.prependLong(length).prependByte(LENGTH_IN_64_BITS);
        }
        return frame.prependByte(FINAL | opcode);
    }

    // ---- of frames that are sealed

    static int opcodeOf(SendBuffer frame) {
        return frame.getByte(0) & OPCODE_BITS;
    }

    /** Where the payload begins. */
    static int payloadOf(SendBuffer frame) {
        int length = frame.getByte(1) & LENGTH_BITS;
        return length < LENGTH_IN_16_BITS ? 2 : length == LENGTH_IN_16_BITS ? 4 : HEADROOM;
    }
}
