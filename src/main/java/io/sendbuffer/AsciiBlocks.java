/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Copies long ASCII text off the heap a block at a time, by the few methods that the JVM has special code for: a loop
 * over {@link String#charAt} takes ten times as long. A block needs two arrays in between; they are used again, by one
 * thread at a time.
 */
final class AsciiBlocks {
    /** Shorter text is not worth it. */
    static final int MIN_CHARS = 48;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(AsciiBlocks[].class);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int BLOCK = 512;
    private static final long SIGN_BITS = 0x8080_8080_8080_8080L;

    /** Those that no thread uses. Made when they are needed: 1.5 KiB each. */
    private static final @Nullable AsciiBlocks[] SPARE = new AsciiBlocks[64];

    private final char[] chars = new char[BLOCK];
    private final byte[] bytes = new byte[BLOCK];
    private final CharBuffer from = CharBuffer.wrap(chars);
    private final ByteBuffer to = ByteBuffer.wrap(bytes);

    /** Stops at the first char of more than eight bits. */
    private final CharsetEncoder encoder = StandardCharsets.ISO_8859_1.newEncoder();

    /**
     * Writes chars up to the first one that is not ASCII.
     *
     * @return how many
     */
    static int put(String text, int count, ByteBuffer memory, int index) {
        int slot = (int) Thread.currentThread().getId() & (SPARE.length - 1);
        AsciiBlocks blocks;
        try {
            blocks = take(SPARE, slot);
        } catch (OutOfMemoryError e) {
            return 0; // the text is written char by char, which needs no memory
        }
        int done = 0;
        int block;
        int ascii;
        do {
            block = Math.min(BLOCK, count - done);
            ascii = blocks.putBlock(text, done, block, memory, index + done);
            done += ascii;
        } while (ascii == block && done < count);
        putBack(SPARE, slot, blocks);
        return done;
    }

    /** Takes a spare one, which no other thread gets then, or makes one. */
    static AsciiBlocks take(@Nullable AsciiBlocks[] slots, int slot) {
        AsciiBlocks spare = (AsciiBlocks) SLOT.getAndSet(slots, slot, null);
        return spare == null ? new AsciiBlocks() : spare;
    }

    static void putBack(@Nullable AsciiBlocks[] slots, int slot, AsciiBlocks blocks) {
        SLOT.setRelease(slots, slot, blocks);
    }

    private int putBlock(String text, int start, int count, ByteBuffer memory, int index) {
        text.getChars(start, start + count, chars, 0);
        encoder.reset().encode(from.limit(count).position(0), to.clear(), true);
        int ascii = countAscii(to.position());
        memory.put(index, bytes, 0, ascii);
        return ascii;
    }

    private int countAscii(int count) {
        int i = 0;
        while (i + Long.BYTES <= count && ((long) LONGS.get(bytes, i) & SIGN_BITS) == 0) {
            i += Long.BYTES;
        }
        while (i < count && bytes[i] >= 0) {
            i++;
        }
        return i;
    }
}
