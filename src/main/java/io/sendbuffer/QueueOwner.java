/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/** What a {@link SendQueue} has its owner do: the session, or the server's own object for one receiver. */
@FunctionalInterface
public interface QueueOwner {
    /**
     * The queue is to end for being slow: it passed a limit under {@link OverrunPolicy#end()}, or the pool is exhausted
     * and it is farther behind than the others, see {@link SendBufferPool.Builder#shedSlowConsumers}. Called once,
     * instead of the queue's own end: has to end the queue, now or soon. On the thread whose offer found the queue
     * full, whose acquire found the pool exhausted, or that looks at limits with a time; under no lock of this library,
     * but under those that the caller holds; must not block, may call anything. What it throws ends the queue all the
     * same: where the pool is exhausted it goes to the pool's error handler, else it is suppressed in the cause.
     */
    void onSlowConsumer(SlowConsumerException cause);

    /**
     * The queue has passed a watermark, or was drained after that: see to {@link SendQueue#takePressureChange} being
     * called soon. On the thread whose offer, flush or change of limits did that, several at once perhaps, under no
     * lock of this library, but under those that the caller holds; must not block. What it throws ends the queue, with
     * that cause. Not called again before something else has changed. Does nothing by default.
     */
    default void onPressure() {}

    /**
     * What the queue sends to, for those that find the queue by {@link SendBufferPool#farthestBehind}: the session, or
     * the server's own object. Returned by {@link SendQueue#receiver()}; any thread, no lock of this library, must not
     * block. The owner itself by default.
     */
    default Object receiver() {
        return this;
    }
}
