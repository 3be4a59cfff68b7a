/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.netty.buffer.ByteBuf;
import java.util.zip.Deflater;

/** Writes a text message as a frame of a server's; deflated, without the window of the message before. */
final class FrameWriter {
    private static final int FINAL_TEXT = 0x81;
    private static final int DEFLATED = 0x40;
    private static final int MAX_7_BITS = 125;
    private static final int MAX_16_BITS = 0xFFFF;
    private static final int IN_16_BITS = 126;
    private static final int IN_64_BITS = 127;
    private static final int TAIL = 4;

    private final boolean deflates;
    private final Deflater deflater = new Deflater(WebContenders.DEFLATE_LEVEL, true);
    private final byte[] deflated = new byte[2 * Payloads.MAX_BYTES];

    FrameWriter(boolean deflates) {
        this.deflates = deflates;
    }

    void write(byte[] utf8, ByteBuf frame) {
        if (deflates) {
            deflater.reset();
            deflater.setInput(utf8);
            int length = deflater.deflate(deflated, 0, deflated.length, Deflater.SYNC_FLUSH) - TAIL;
            write(FINAL_TEXT | DEFLATED, deflated, length, frame);
        } else {
            write(FINAL_TEXT, utf8, utf8.length, frame);
        }
    }

    private static void write(int head, byte[] payload, int length, ByteBuf frame) {
        frame.writeByte(head);
        if (length <= MAX_7_BITS) {
            frame.writeByte(length);
        } else if (length <= MAX_16_BITS) {
            frame.writeByte(IN_16_BITS).writeShort(length);
        } else {
            frame.writeByte(IN_64_BITS).writeLong(length);
        }
        frame.writeBytes(payload, 0, length);
    }
}
