/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Makes the deflated variant of a frame, which all clients share: none takes its window over to the next message. */
final class FrameDeflater {
    /** Below that a block's own header takes what is gained. */
    private static final int MIN_DEFLATED_BYTES = 32;

    private static final int TAIL = 4;
    private static final int FIRST_SIZE = 8 << 10;
    private static final int MAX_KEPT = 1 << 20;
    private static final byte[] NOTHING = {};

    private final Deflater deflater;
    private byte[] output = new byte[FIRST_SIZE];
    private int length;

    FrameDeflater(int level) {
        deflater = new Deflater(level, true);
    }

    /**
     * Makes the variant.
     *
     * @param frame of text or binary data, sealed
     * @return one that the caller releases; null if it would be no smaller, so that the frame itself may be sent
     */
    @Nullable
    SendBuffer deflate(SendBufferPool pool, SendBuffer frame) {
        int from = WebSocketFrames.payloadOf(frame);
        int size = frame.length() - from;
        if (size < MIN_DEFLATED_BYTES) {
            return null;
        }
        try {
            frame.forBytes(from, size, this::run);
            int deflated = length - TAIL;
            return deflated < size ? frameOf(pool, WebSocketFrames.opcodeOf(frame), deflated) : null;
        } finally {
            if (output.length > MAX_KEPT) {
                output = new byte[FIRST_SIZE];
            }
        }
    }

    private SendBuffer frameOf(SendBufferPool pool, int opcode, int deflated) {
        SendBuffer variant = pool.acquire(WebSocketFrames.sizeOf(deflated));
        try {
            return WebSocketFrames.putHeader(variant, WebSocketFrames.DEFLATED | opcode, deflated)
                    .putBytes(output, 0, deflated)
                    .seal();
        } catch (Throwable e) {
            variant.release();
            throw e;
        }
    }

    private void run(ByteBuffer payload) {
        length = 0;
        try {
            deflater.reset();
            deflater.setInput(payload);
            while (true) {
                length += deflater.deflate(output, length, output.length - length, Deflater.SYNC_FLUSH);
                if (length < output.length) {
                    return;
                }
                output = Arrays.copyOf(output, output.length * 2);
            }
        } finally {
            deflater.setInput(NOTHING); // it refers to the message
        }
    }

    void end() {
        deflater.end();
    }
}
