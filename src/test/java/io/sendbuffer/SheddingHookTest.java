/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The end of a slow queue by its hook, whatever the hook or another queue's end does meanwhile. */
@Timeout(30)
class SheddingHookTest extends SheddingFixture {
    @Test
    void shouldHandTheEndToTheHook() {
        List<SlowConsumerException> causes = new ArrayList<>();
        SendQueue queue = hooked(causes::add);
        exhaust();

        assertNull(pool.tryAcquire(CHUNK), "the hook has not ended it yet");
        assertNull(pool.tryAcquire(CHUNK));

        assertEquals(1, causes.size(), "asked once");
        assertNull(causes.get(0).limit());
        assertTrue(causes.get(0).bytesBehind() >= CHUNK, causes.get(0)::toString);
        assertFalse(queue.isClosed());
        queue.close();
        chunk(pool).release();
        assertNull(queue.failure());
        releaseHeld();
    }

    /** A queue may catch up between being chosen and being ended, which may take a while, as others end first. */
    @Test
    void shouldSpareOneThatHasCaughtUpWhileAnotherEnded() {
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(new SendQueue(QueueLimits.DEFAULT, cause -> catchUp(queues)));
            offer(queues.get(i), pool, 1);
            queues.get(i).flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        assertEquals(
                1, queues.stream().filter(SendQueue::isClosed).count(), "one ended, the other had no backlog left");
        releaseHeld();
    }

    /** The first of the queues ends; the second drains. */
    private static void catchUp(List<SendQueue> queues) {
        queues.get(0).close();
        assertEquals(FlushResult.DRAINED, queues.get(1).flush(HostileChannel.takingAll()));
    }

    @Test
    void shouldReportWhatTheHookThrowsAndEndTheQueueAllTheSame() {
        for (Throwable thrown : List.of(new IllegalStateException("hostile"), new StackOverflowError("hostile"))) {
            errors.clear();
            SendQueue queue = hooked(cause -> doThrow(thrown));
            exhaust();

            chunk(pool).release();

            assertEquals(List.of(thrown), errors);
            requireShed(queue);
            releaseHeld();
        }
    }

    @Test
    void shouldEndTheOthersThoughAHookAndTheErrorHandlerThrow() {
        SendBufferPool hostile = Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CHUNKS * CHUNK)
                .stripes(1)
                .errorHandler(e -> doThrow(new StackOverflowError("the handler's, on purpose")))
                .build());
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SendQueue queue = new SendQueue(QueueLimits.DEFAULT, cause -> doThrow(new OutOfMemoryError("on purpose")));
            offer(queue, hostile, 1);
            queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
            queues.add(queue);
        }
        pass(hostile, 2 * CHUNKS);
        exhaust(hostile, held);

        chunk(hostile).release();

        queues.forEach(SheddingFixture::requireShed);
        releaseHeld();
    }

    private static void doThrow(Throwable thrown) {
        if (thrown instanceof Error e) {
            throw e;
        }
        throw (RuntimeException) thrown;
    }

    @Test
    void shouldNotifyAHookWithoutItsQueueInTheWayOfTheSender() {
        AtomicInteger nested = new AtomicInteger();
        SendQueue[] itself = new SendQueue[1];
        itself[0] = hooked(cause -> {
            itself[0].close();
            SendBuffer inner = pool.tryAcquire(CHUNK); // a hook may do what its thread may
            if (inner != null) {
                nested.incrementAndGet();
                inner.release();
            }
        });
        exhaust();

        chunk(pool).release();

        assertEquals(1, nested.get());
        releaseHeld();
    }
}
