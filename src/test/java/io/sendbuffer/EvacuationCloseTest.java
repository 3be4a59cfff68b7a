/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A pool that another thread closes in the middle of an evacuation: the evacuation ends without an error, an acquire
 * says that the pool is closed, the receivers get all that they had queued, and all memory comes back.
 */
@Timeout(60)
class EvacuationCloseTest {
    private static final int CHUNK = 1 << 10;
    private static final int LENGTH = 64;
    private static final int MESSAGES = 64;
    private static final int CAP = 256 * CHUNK;

    private final long seed = TestSeed.next();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final SendQueue queue = new SendQueue();
    private final SendQueue other = new SendQueue();
    private Runnable onMemory = () -> {};
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(CAP)
            .idleFloor(0)
            .stripes(1)
            .shedSlowConsumers(false)
            .memorySource(bytes -> {
                onMemory.run();
                return ByteBuffer.allocateDirect(bytes);
            })
            .errorHandler(errors::add)
            .build());

    /** Each in a chunk of its own, for two receivers. */
    private void queueAll() {
        for (int number = 0; number < MESSAGES; number++) {
            try (SendBuffer message = pool.acquire(LENGTH).putInt(number).seal(LENGTH)) {
                assertEquals(OfferResult.QUEUED, queue.offer(message));
                assertEquals(OfferResult.QUEUED, other.offer(message));
            }
            pool.acquire(CHUNK - LENGTH).release();
        }
    }

    /** By another thread, once. */
    private void close() {
        onMemory = () -> {};
        Threads.runInThreadThatDies(pool::close);
    }

    /** The close reports what is outstanding then. */
    private void requireAllArriveAndComeBack() {
        for (SendQueue each : List.of(queue, other)) {
            HostileChannel channel = HostileChannel.takingAll();
            assertEquals(FlushResult.DRAINED, each.flush(channel));
            ByteBuffer received = ByteBuffer.wrap(channel.bytes());
            assertEquals(MESSAGES * LENGTH, received.remaining());
            for (int number = 0; number < MESSAGES; number++) {
                assertEquals(number, received.getInt(number * LENGTH), TestSeed.hint(seed));
            }
        }
        assertThrows(IllegalStateException.class, () -> pool.acquire(1));
        PoolStats stats = pool.stats();
        assertEquals(0, stats.outstandingBuffers(), stats::toString);
        assertEquals(0, stats.reservedBytes(), stats::toString);
        assertEquals(0, stats.heapBytes(), stats::toString);
        assertTrue(
                errors.stream().allMatch(each -> each.toString().contains("the pool was closed with")),
                errors::toString);
    }

    @Test
    void shouldEndWhenItAsksForMemoryForItsCopies() {
        queueAll();
        onMemory = this::close;

        assertEquals(0, pool.evacuate());

        requireAllArriveAndComeBack();
    }

    /** Its first copies are made. */
    @Test
    void shouldEndWhenItHasMadeSomeCopies() {
        queueAll();
        int[] chunks = {0};
        onMemory = () -> {
            if (++chunks[0] == 2) {
                close();
            }
        };

        long copied = pool.evacuate();

        assertTrue(copied > 0 && copied < MESSAGES * LENGTH, () -> copied + " bytes");
        requireAllArriveAndComeBack();
    }

    /** The acquire has its chunk by then, so it may succeed; the next one does not. */
    @Test
    void shouldEndTheEvacuationOfAnAcquire() {
        queueAll();
        onMemory = () -> {
            if (isWithinEvacuation()) {
                close();
            }
        };
        List<SendBuffer> held = new ArrayList<>();

        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> {
            for (int i = 0; i < CAP / CHUNK; i++) {
                held.add(pool.acquire(CHUNK));
            }
        });

        assertTrue(String.valueOf(closed.getMessage()).startsWith("the pool is closed"), closed::toString);
        held.forEach(SendBuffer::release);
        requireAllArriveAndComeBack();
    }

    private static boolean isWithinEvacuation() {
        String name = Evacuation.class.getName();
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(name)));
    }

    @RepeatedTest(100)
    void shouldEndWhereverThatIs() {
        SplittableRandom random = new SplittableRandom(seed);
        queueAll();
        int spins = random.nextInt(20_000);
        Threads.runTogether(3, i -> {
            if (i == 0) {
                pool.evacuate();
            } else if (i == 1) {
                for (int k = 0; k < spins; k++) {
                    Thread.onSpinWait();
                }
                pool.close();
            } else {
                acquireUntilItIsClosed();
            }
        });
        requireAllArriveAndComeBack();
    }

    private void acquireUntilItIsClosed() {
        try {
            while (true) {
                SendBuffer buffer = pool.tryAcquire(CHUNK / 2);
                if (buffer != null) {
                    buffer.release();
                }
            }
        } catch (IllegalStateException e) {
            assertTrue(String.valueOf(e.getMessage()).startsWith("the pool is closed"), e::toString);
        }
    }
}
