/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * The wire format of a message.
 *
 * <pre>{@code
 * 0        4       5       6           14          22     26             length
 * | length | phase | last | sequence  | sent at   | crc  | body         |
 * }</pre>
 *
 * <p>The checksum covers all bytes but itself. Times are {@link System#nanoTime()}, which is the same for two processes
 * on one machine.
 */
final class WireMessage {
    static final int HEADER_BYTES = 26;

    private static final int PHASE = 4;
    private static final int LAST = 5;
    private static final int SEQUENCE = 6;
    private static final int SENT_AT = 14;
    private static final int CRC = 22;

    private final byte[] bytes;
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();

    WireMessage(int size, long seed) {
        bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        buffer = ByteBuffer.wrap(bytes).putInt(0, size);
    }

    /** Writes the next message into {@link #bytes()}; the body changes with the sequence. */
    void encode(int phase, boolean last, long sequence, long sentAtNanos) {
        buffer.put(PHASE, (byte) phase).put(LAST, (byte) (last ? 1 : 0));
        buffer.putLong(SEQUENCE, sequence).putLong(SENT_AT, sentAtNanos);
        bytes[HEADER_BYTES + (int) (sequence % (bytes.length - HEADER_BYTES))] += (byte) (1 + 2 * sequence);
        crc.reset();
        crc.update(bytes, 0, CRC);
        crc.update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
        buffer.putInt(CRC, (int) crc.getValue());
    }

    byte[] bytes() {
        return bytes;
    }

    // ---- the receiver's side: a whole message at an index of the received bytes

    static int phase(ByteBuffer in, int at) {
        return in.get(at + PHASE);
    }

    static boolean isLast(ByteBuffer in, int at) {
        return in.get(at + LAST) != 0;
    }

    static long sequence(ByteBuffer in, int at) {
        return in.getLong(at + SEQUENCE);
    }

    static long sentAtNanos(ByteBuffer in, int at) {
        return in.getLong(at + SENT_AT);
    }

    /** True if every byte is as sent. Changes the buffer's position and limit. */
    static boolean isIntact(ByteBuffer in, int at, int length, CRC32C crc) {
        crc.reset();
        crc.update(in.limit(at + CRC).position(at));
        crc.update(in.limit(at + length).position(at + HEADER_BYTES));
        return (int) crc.getValue() == in.getInt(at + CRC);
    }
}
