/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A real queue with its hostile channel, and the output expected of them. */
final class ModelQueue {
    private static final long NEVER = -1;

    /** A message that the queue holds, and the place in the stream where it ends. */
    private record Waiting(ModelMessage message, long end) {}

    private final ModelPool pool;
    private final QueueLimits limits;
    private final SendQueue queue;
    private final HostileChannel channel;
    private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean ended;
    private long unwrittenBytes;
    private int unwrittenMessages;
    private boolean failsAtOnce;
    private long failsAt = NEVER;

    ModelQueue(ModelPool pool, SplittableRandom random) {
        this.pool = pool;
        this.limits = new QueueLimits(
                random.nextInt(1, 5_000), random.nextInt(1, 60), random.nextInt(1, 2_000), random.nextInt(1, 9));
        this.queue = new SendQueue(limits);
        this.channel = HostileChannel.seeded(random.nextLong());
    }

    boolean isEnded() {
        return ended;
    }

    void offer(ModelMessage message, boolean retainFirst) {
        OfferResult result;
        if (retainFirst) {
            message.buffer.retain();
            result = queue.offerRetained(message.buffer);
            if (result != OfferResult.QUEUED) {
                message.buffer.release();
            }
        } else {
            result = queue.offer(message.buffer);
        }
        assertEquals(expectedOf(message), result);
        pool.outcomes.add(result);
        if (result == OfferResult.QUEUED && message.length > 0) {
            expected.write(message.content, 0, message.length);
            message.queued++;
            waiting.add(new Waiting(message, expected.size()));
        }
    }

    private OfferResult expectedOf(ModelMessage message) {
        if (ended) {
            return OfferResult.CLOSED;
        }
        boolean fits = waitingBytes() + message.length <= limits.maxQueuedBytes()
                && waiting.size() < limits.maxQueuedMessages();
        if (message.length == 0 || fits) {
            return OfferResult.QUEUED;
        }
        if (message.length > limits.maxQueuedBytes()) {
            return OfferResult.TOO_LARGE;
        }
        boolean fitsInBytes = waitingBytes() + message.length <= limits.maxQueuedBytes();
        return fitsInBytes ? OfferResult.REFUSED_MESSAGES : OfferResult.REFUSED_BYTES;
    }

    private long waitingBytes() {
        return ended ? 0 : expected.size() - channel.byteCount();
    }

    void block(SplittableRandom random) {
        channel.block(random.nextInt(4));
    }

    void breakChannel(SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> channel.throwNext(new IOException("broken"));
            case 1 -> channel.throwNext(new IllegalStateException("broken"));
            case 2 -> channel.lieNext(random.nextBoolean() ? -1 : Long.MAX_VALUE);
            default -> {
                failsAt = (long) channel.byteCount() + random.nextInt(200);
                channel.failAfter(failsAt);
                return;
            }
        }
        failsAtOnce = true;
    }

    void flush() {
        boolean writes = !waiting.isEmpty();
        FlushResult result = queue.flush(channel);
        pool.outcomes.add(result);
        int written = channel.byteCount();
        if (ended) {
            assertEquals(FlushResult.CLOSED, result);
        } else if (writes && (failsAtOnce || written == failsAt)) {
            assertEquals(FlushResult.CLOSED, result);
            end();
        } else {
            assertEquals(written == expected.size() ? FlushResult.DRAINED : FlushResult.BLOCKED, result);
            releaseUpTo(written);
        }
    }

    private void releaseUpTo(long place) {
        while (!waiting.isEmpty() && waiting.element().end() <= place) {
            ModelMessage message = waiting.remove().message();
            message.queued--;
            pool.forgetIfFree(message);
        }
    }

    void close() {
        queue.close();
        if (!ended) {
            end();
        }
    }

    private void end() {
        long counted = queue.bytesWritten(); // what a failing write took is not counted
        unwrittenBytes = expected.size() - counted;
        unwrittenMessages = (int)
                waiting.stream().filter(message -> message.end() > counted).count();
        ended = true;
        releaseUpTo(Long.MAX_VALUE);
        byte[] written = channel.bytes();
        assertArrayEquals(Arrays.copyOf(expected.toByteArray(), written.length), written);
    }

    void requireAsModeled() {
        assertEquals(ended, queue.isClosed());
        assertEquals(waitingBytes(), queue.queuedBytes());
        assertEquals(waiting.size(), queue.queuedMessages());
        assertEquals(unwrittenBytes, queue.unwrittenBytes());
        assertEquals(unwrittenMessages, queue.unwrittenMessages());
        assertTrue(queue.bytesWritten() <= channel.byteCount()); // less what a failed write took
    }
}
