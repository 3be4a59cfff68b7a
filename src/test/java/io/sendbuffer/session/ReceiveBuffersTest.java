/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static io.sendbuffer.ThrownText.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.Threads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The JVM is asked for a receive buffer when there is no spare one, and not again soon if it had none. */
class ReceiveBuffersTest {
    private static final int SIZE = 64;

    private int asked;
    private boolean refuses;

    private long now = Long.MAX_VALUE - 1_000; // it overflows soon, as nanoTime may
    private Runnable whileAsked = () -> {};

    private final ReceiveBuffers buffers = new ReceiveBuffers(SIZE, this::allocate, () -> now);

    private ByteBuffer allocate(int size) {
        asked++;
        whileAsked.run();
        if (refuses) {
            throw new OutOfMemoryError("on purpose");
        }
        return ByteBuffer.allocate(size);
    }

    @Test
    void shouldUseABufferAgainAsNew() {
        ByteBuffer buffer = buffers.take();
        buffer.order(ByteOrder.LITTLE_ENDIAN).position(3).limit(5);
        buffers.giveBack(buffer);
        assertSame(buffer, buffers.take());
        assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
        assertEquals(SIZE, buffer.remaining());
        assertEquals(1, asked);
    }

    @Test
    void shouldNotAskAgainSoonWhenThereIsNoMemory() {
        refuses = true;
        for (int i = 0; i < 1_000; i++) {
            assertSays(assertThrows(OutOfMemoryError.class, buffers::take), "raise -XX:MaxDirectMemorySize");
        }
        assertEquals(1, asked);
    }

    @Test
    void shouldHandOutSparesWhileTheJvmIsNotAsked() {
        ByteBuffer first = buffers.take();
        refuses = true;
        assertThrows(OutOfMemoryError.class, buffers::take);
        buffers.giveBack(first);
        assertSame(first, buffers.take());
        assertThrows(OutOfMemoryError.class, buffers::take);
        assertEquals(2, asked);
    }

    @Test
    void shouldAskTwiceAsLateAfterEachRefusal() {
        refuses = true;
        long backOff = ReceiveBuffers.MIN_BACK_OFF_NANOS;
        for (int refusal = 1; refusal <= 4; refusal++) {
            assertThrows(OutOfMemoryError.class, buffers::take);
            assertEquals(refusal, asked);
            now += backOff - 1;
            assertThrows(OutOfMemoryError.class, buffers::take);
            assertEquals(refusal, asked, "too soon");
            now++;
            backOff *= 2;
        }
        refuses = false;
        buffers.take();
        buffers.take();
        assertEquals(6, asked, "every request succeeds again");
    }

    /** Each refusal takes the JVM half a second: one thread waits for it, not every thread that connects. */
    @Test
    void shouldLetOneThreadAskAgainAndRefuseTheOthersMeanwhile() {
        refuses = true;
        assertThrows(OutOfMemoryError.class, buffers::take);
        now += ReceiveBuffers.MIN_BACK_OFF_NANOS;
        whileAsked = () -> Threads.runTogether(2, index -> assertThrows(OutOfMemoryError.class, buffers::take));
        assertThrows(OutOfMemoryError.class, buffers::take);
        assertEquals(2, asked);
    }

    @Test
    void shouldLetHalfOfTheSparesGoThatNoLoopNeededAndTakeThemBackBeforeTheJvmIsAsked() {
        List<ByteBuffer> taken = new ArrayList<>(); // keeps them from the collector
        for (int i = 0; i < 8; i++) {
            taken.add(buffers.take());
        }
        taken.forEach(buffers::giveBack);
        decay();
        assertEquals(8, buffers.spare(), "all were needed since the last decay");
        decay();
        assertEquals(4, buffers.spare());
        buffers.giveBack(buffers.take());
        decay();
        assertEquals(2, buffers.spare(), "one was needed, three were not");
        buffers.decay();
        assertEquals(2, buffers.spare(), "not so soon");
        for (int i = 0; i < 8; i++) {
            buffers.take();
        }
        assertEquals(8, asked, "those that were discarded came back");
    }

    private void decay() {
        now += ReceiveBuffers.NANOS_BETWEEN_DECAYS;
        buffers.decay();
    }
}
