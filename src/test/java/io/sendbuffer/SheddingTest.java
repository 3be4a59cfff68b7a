/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a pool is exhausted, the queues with the greatest lag end, and only these. */
@Timeout(30)
class SheddingTest extends SheddingFixture {
    @Test
    void shouldEndTheOneThatIsFarthestBehindFirst() {
        SendQueue first = stalled(pool, 8);
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue second = stalled(pool, 8);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();
        assertFalse(first.isClosed());

        SendBuffer next = chunk(pool);

        requireShed(first);
        assertFalse(second.isClosed());
        assertEquals(8, first.unwrittenMessages());
        next.release();
        releaseHeld();
        second.close();
    }

    @Test
    void shouldEndTheNextOneWhenThatIsNotEnough() {
        SendQueue first = stalled(pool, 1);
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue second = stalled(pool, 1);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();

        SendBuffer one = chunk(pool);
        assertFalse(second.isClosed());
        SendBuffer another = chunk(pool);

        requireShed(first);
        requireShed(second);
        one.release();
        another.release();
        releaseHeld();
    }

    @Test
    void shouldEndThoseTogetherThatAreEquallyFarBehind() {
        List<SendQueue> queues = List.of(stalled(pool, 2), stalled(pool, 2), stalled(pool, 2));
        pass(pool, 3 * CHUNKS);
        exhaust();

        chunk(pool).release();

        queues.forEach(SheddingFixture::requireShed);
        releaseHeld();
    }

    @Test
    void shouldEndNoQueueThatIsLessThanAQuarterBehind() {
        for (int i = 0; i < CHUNKS - MIN_LAG_IN_CHUNKS; i++) {
            held.add(chunk(pool));
        }
        SendQueue queue = stalled(pool, MIN_LAG_IN_CHUNKS);

        assertNull(pool.tryAcquire(CHUNK));

        assertFalse(queue.isClosed());
        queue.close();
        releaseHeld();
    }

    @Test
    void shouldEndNoQueueWhenSheddingIsOff() {
        SendBufferPool strict = pool(false);
        SendQueue queue = stalled(strict, 1);
        offer(queue, strict, CHUNKS - 1);

        assertNull(strict.tryAcquire(CHUNK));

        assertFalse(queue.isClosed());
        assertEquals(1, strict.stats().refusedAcquires());
        queue.close();
    }

    /** The queue of a session that is still connecting. */
    @Test
    void shouldEndOneThatIsNotYetDrainedWhileOthersKeepUp() {
        SendQueue neverDrained = new SendQueue();
        List<SendQueue> healthy = List.of(new SendQueue(), new SendQueue());
        offer(neverDrained, pool, 1);
        for (SendQueue queue : healthy) {
            offer(queue, pool, 1);
            assertEquals(FlushResult.DRAINED, queue.flush(HostileChannel.takingAll()));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        requireShed(neverDrained);
        healthy.forEach(queue -> assertFalse(queue.isClosed()));
        releaseHeld();
    }

    /** All others wait for its chunks; it may have taken a few bytes just now, as a socket's buffer may. */
    @Test
    void shouldEndTheOneFarthestBehindThoughOthersTakeEvenLess() {
        SendQueue first = new SendQueue();
        offer(first, pool, 1);
        SendQueue second = laterStalled();
        assertEquals(FlushResult.BLOCKED, first.flush(HostileChannel.takingAll().takeAtMost(1)));
        exhaust();

        SendBuffer next = chunk(pool);

        requireShed(first);
        assertFalse(second.isClosed());
        next.release();
        releaseHeld();
        second.close();
    }
}
