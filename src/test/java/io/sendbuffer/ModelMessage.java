/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;

/** What the model knows about one buffer: its bytes, its references, and how much of its chunk it keeps. */
final class ModelMessage {
    final SendBuffer buffer;
    final byte[] content;

    /** The bytes written by relative puts so far; after the seal, the sealed length. */
    int length;

    boolean sealed;

    /** References of the test itself. */
    int held = 1;

    /** References of queues. */
    int queued;

    int footprint;

    ModelMessage(SendBuffer buffer, int capacity) {
        this.buffer = buffer;
        this.content = new byte[capacity];
        this.footprint = capacity;
    }

    /** Appends some random bytes, overwrites some at an index, or tries what does not fit. */
    void write(SplittableRandom random) {
        int room = content.length - length;
        byte[] bytes = new byte[random.nextInt(room + 1)];
        random.nextBytes(bytes);
        switch (random.nextInt(4)) {
            case 0 -> writeAt(random.nextInt(room + length - bytes.length + 1), bytes);
            case 1 -> {
                try {
                    buffer.putBytes(new byte[room + 1]);
                    throw new AssertionError("a write of " + (room + 1) + " bytes fits into " + room);
                } catch (IndexOutOfBoundsException expected) {
                    assertEquals(length, buffer.length());
                }
            }
            default -> {
                buffer.putBytes(bytes);
                System.arraycopy(bytes, 0, content, length, bytes.length);
                length += bytes.length;
            }
        }
    }

    private void writeAt(int index, byte[] bytes) {
        buffer.putBytes(index, bytes, 0, bytes.length);
        System.arraycopy(bytes, 0, content, index, bytes.length);
    }

    /** Seals the bytes written so far, or a given length after writing the rest of it. */
    void seal(SplittableRandom random) {
        if (random.nextBoolean()) {
            buffer.seal();
        } else {
            int sealedLength = random.nextInt(content.length + 1);
            if (sealedLength > length) {
                byte[] rest = new byte[sealedLength - length];
                random.nextBytes(rest);
                writeAt(length, rest);
            }
            buffer.seal(sealedLength);
            length = sealedLength;
        }
        sealed = true;
    }

    void requireAsModeled() {
        assertEquals(held + queued, buffer.referenceCount());
        assertEquals(length, buffer.length());
        assertEquals(sealed, buffer.isSealed());
        byte[] actual = new byte[length];
        buffer.getBytes(0, actual, 0, length);
        for (int i = 0; i < length; i++) {
            int at = i;
            assertTrue(actual[i] == content[i], () -> "byte " + at + " of " + buffer + " changed");
        }
    }
}
