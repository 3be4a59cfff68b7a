/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DiscardedMemoryTest {
    private final DiscardedMemory memory = new DiscardedMemory();

    private static DiscardedMemory.Piece cleared(int bytes) {
        DiscardedMemory.Piece piece = DiscardedMemory.Piece.of(ByteBuffer.allocate(bytes));
        piece.whole().clear(); // as the collector does
        return piece;
    }

    @Test
    void shouldGiveAPieceToOneTaker() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64);
        memory.add(DiscardedMemory.Piece.of(buffer));
        assertNull(memory.take(63));
        assertNull(memory.take(65));
        DiscardedMemory.Taken taken = memory.take(64);
        assertNotNull(taken);
        assertSame(buffer, taken.memory());
        assertNull(memory.take(64));
    }

    @Test
    void shouldPassOverWhatWasCollected() {
        ByteBuffer left = ByteBuffer.allocateDirect(64);
        memory.add(DiscardedMemory.Piece.of(left));
        for (int i = 0; i < 10; i++) {
            memory.add(cleared(64));
        }
        DiscardedMemory.Taken taken = memory.take(64);
        assertNotNull(taken);
        assertSame(left, taken.memory());
        memory.add(cleared(128));
        assertNull(memory.cut(64));
    }

    @Test
    void shouldNotPileUpWhatWasCollected() {
        for (int i = 0; i < 100_000; i++) {
            memory.add(cleared(1 + i % 1_000));
        }
        assertTrue(memory.pieces() <= 128, () -> "notes: " + memory.pieces());
    }

    @Test
    void shouldCountWhatIsNotToBeTakenUntilItIsCollected() {
        ByteBuffer left = ByteBuffer.allocateDirect(64);
        DiscardedMemory.Piece piece = DiscardedMemory.Piece.of(left);
        memory.addForTheCollector(piece);
        assertEquals(64, memory.uncollectedBytes());
        assertNull(memory.take(64));
        assertNull(memory.cut(1));
        piece.whole().clear(); // as the collector does
        assertEquals(0, memory.uncollectedBytes());
        assertEquals(64, left.capacity());
    }

    /** Pieces of all sizes are cut, discarded and taken again at random: no byte is ever in two of them. */
    @Test
    void shouldCutEachByteForOneTaker() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        List<ByteBuffer> wholes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ByteBuffer whole = ByteBuffer.allocateDirect(1_000);
            wholes.add(whole);
            memory.add(DiscardedMemory.Piece.of(whole));
        }
        List<DiscardedMemory.Taken> taken = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int bytes = 1 + random.nextInt(200);
            DiscardedMemory.Taken next = random.nextBoolean() ? memory.cut(bytes) : memory.take(bytes);
            if (next != null) {
                assertEquals(bytes, next.memory().capacity());
                assertEquals(bytes, next.piece().size());
                requireZero(next.memory(), seed);
                fill(next.memory(), (byte) 1);
                taken.add(next);
            }
            if (next == null && !taken.isEmpty()) {
                DiscardedMemory.Taken back = taken.remove(random.nextInt(taken.size()));
                fill(back.memory(), (byte) 0);
                memory.add(back.piece());
            }
        }
        assertEquals(4, wholes.size());
    }

    private static void requireZero(ByteBuffer piece, long seed) {
        for (int i = 0; i < piece.capacity(); i++) {
            assertEquals(0, piece.get(i), () -> "taken twice" + TestSeed.hint(seed));
        }
    }

    private static void fill(ByteBuffer piece, byte value) {
        for (int i = 0; i < piece.capacity(); i++) {
            piece.put(i, value);
        }
    }
}
