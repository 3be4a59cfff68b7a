/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stack ends within a step of the free list: the step has happened then, or has not. A list that lost count of a
 * chunk would count it for the cap forever, and a pool could not be closed.
 */
@Timeout(60)
class FreeChunksStackTest {
    private static final int SWEEPS = 20;
    private static final int SIZE = 4 << 10;

    private final SendBufferPool pool = Pools.create();
    private final ByteBuffer memory = ByteBuffer.allocateDirect(SIZE);
    private int overflows;

    private Chunk chunk(boolean forOneBuffer) {
        DiscardedMemory.Taken taken = new DiscardedMemory.Taken(DiscardedMemory.Piece.of(memory), memory);
        try (SendBuffer any = pool.acquire(1).seal()) {
            return new Chunk(any.chunk().store, taken, forOneBuffer);
        }
    }

    private FreeChunks[] lists() {
        FreeChunks[] lists = new FreeChunks[StackSweep.LEVELS];
        for (int i = 0; i < lists.length; i++) {
            lists[i] = new FreeChunks();
        }
        return lists;
    }

    /** What is counted is what is in the list. */
    private static void requireCounted(FreeChunks list, Chunk chunk) {
        long counted = list.bytes();
        Chunk found = list.popAny();
        if (found == null) {
            assertEquals(0, counted, "the list is empty");
        } else {
            assertSame(chunk, found);
            assertEquals(SIZE, counted, "the chunk is in the list");
            assertNull(list.popAny());
        }
        assertEquals(0, list.bytes());
        assertEquals(0, list.minBytes());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCountTheChunksThatAreInTheListWhereverTheStackEnds(boolean forOneBuffer) throws Exception {
        putNearTheEndOfTheStack(forOneBuffer);
        takeNearTheEndOfTheStack(forOneBuffer, FreeChunks::popAny);
        takeNearTheEndOfTheStack(forOneBuffer, forOneBuffer ? list -> list.popLarge(SIZE) : FreeChunks::pop);

        assertTrue(overflows > SWEEPS, () -> overflows + " overflows");
    }

    private void putNearTheEndOfTheStack(boolean forOneBuffer) throws InterruptedException {
        for (int i = 0; i < SWEEPS; i++) {
            FreeChunks[] lists = lists();
            Chunk chunk = chunk(forOneBuffer);
            overflows += new StackSweep(level -> lists[level].push(chunk)).run(i % 2 == 0);
            for (FreeChunks list : lists) {
                requireCounted(list, chunk);
            }
        }
    }

    private void takeNearTheEndOfTheStack(boolean forOneBuffer, Function<FreeChunks, @Nullable Chunk> take)
            throws InterruptedException {
        for (int i = 0; i < SWEEPS; i++) {
            FreeChunks[] lists = lists();
            Chunk[] chunks = new Chunk[lists.length];
            for (int k = 0; k < lists.length; k++) {
                chunks[k] = chunk(forOneBuffer);
                lists[k].push(chunks[k]);
            }
            @Nullable Chunk[] taken = new Chunk[lists.length];
            overflows += new StackSweep(level -> taken[level] = take.apply(lists[level])).run(i % 2 == 0);
            for (int k = 0; k < lists.length; k++) {
                assertTrue(taken[k] == null || taken[k] == chunks[k]);
                requireCounted(lists[k], chunks[k]);
            }
        }
    }
}
