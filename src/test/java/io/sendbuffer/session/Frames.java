/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The messages of the tests with many clients: the sender, the message's place among those of that sender, a checksum
 * over all the rest, random bytes.
 *
 * <pre>
 *  | payload length 4 | sender 4 | sequence 8 | CRC-32 4 | payload ... |
 * </pre>
 */
public final class Frames {
    public static final int HEADER = 20;
    public static final int MAX_PAYLOAD = 1500;

    private static final int SENDER_AT = 4;
    private static final int CRC_AT = 16;

    private Frames() {}

    /** Writes messages: one writer for each sending thread. */
    public static final class Writer {
        private final SendBufferPool pool;
        private final int sender;
        private final SplittableRandom random;
        private final CRC32 crc = new CRC32();
        private final byte[] noise = new byte[MAX_PAYLOAD * 2];
        private final byte[] identity = new byte[12];
        private long sequence;

        /** A writer that produces the same messages for the same seed. */
        public Writer(SendBufferPool pool, int sender, long seed) {
            this.pool = pool;
            this.sender = sender;
            this.random = new SplittableRandom(seed + sender);
            random.nextBytes(noise);
        }

        /** The next message, sealed. */
        public SendBuffer next() {
            return write(pool.acquire(HEADER + MAX_PAYLOAD));
        }

        /** The next message, sealed; null if the pool is full. */
        @Nullable
        public SendBuffer tryNext() {
            SendBuffer buffer = pool.tryAcquire(HEADER + MAX_PAYLOAD);
            return buffer == null ? null : write(buffer);
        }

        /** The number of the last message. */
        public long lastSequence() {
            return sequence - 1;
        }

        private SendBuffer write(SendBuffer buffer) {
            int length = random.nextInt(MAX_PAYLOAD + 1);
            int from = random.nextInt(noise.length - length + 1);
            ByteBuffer.wrap(identity).putInt(sender).putLong(sequence);
            crc.reset();
            crc.update(identity, 0, identity.length);
            crc.update(noise, from, length);
            return buffer.putInt(length)
                    .putInt(sender)
                    .putLong(sequence++)
                    .putInt((int) crc.getValue())
                    .putBytes(noise, from, length)
                    .seal();
        }
    }

    /** What to do with each message that arrived whole. */
    public interface Receiver {
        /** Called in the order of the stream. */
        void onMessage(int sender, long sequence);
    }

    /** Checks the messages of one stream: one parser for each reading thread. */
    public static final class Parser {
        private final CRC32 crc = new CRC32();

        /** A parser at the start of a stream. */
        public Parser() {}

        /** Takes the whole messages out of the buffer, from its position on; leaves the start of an incomplete one. */
        public void parse(ByteBuffer bytes, Receiver receiver) {
            int limit = bytes.limit();
            while (bytes.remaining() >= HEADER) {
                int start = bytes.position();
                int length = bytes.getInt(start);
                if (length < 0 || length > MAX_PAYLOAD) {
                    throw new AssertionError("no message starts here: its length would be " + length);
                }
                if (limit - start < HEADER + length) {
                    return;
                }
                requireChecksum(bytes, start, length);
                int sender = bytes.getInt(start + SENDER_AT);
                long sequence = bytes.getLong(start + SENDER_AT + Integer.BYTES);
                bytes.limit(limit).position(start + HEADER + length);
                receiver.onMessage(sender, sequence);
            }
        }

        private void requireChecksum(ByteBuffer bytes, int start, int length) {
            crc.reset();
            crc.update(bytes.limit(start + CRC_AT).position(start + SENDER_AT));
            crc.update(bytes.limit(start + HEADER + length).position(start + HEADER));
            if ((int) crc.getValue() != bytes.getInt(start + CRC_AT)) {
                throw new AssertionError("the checksum is wrong, sender " + bytes.getInt(start + SENDER_AT)
                        + ", sequence " + bytes.getLong(start + SENDER_AT + Integer.BYTES));
            }
        }
    }
}
