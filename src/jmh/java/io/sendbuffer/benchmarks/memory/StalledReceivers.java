/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SendQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Receivers that take nothing, and the pool of the messages that they hold. Used by one thread. */
abstract class StalledReceivers implements AutoCloseable {
    /** Little beside what is sent: the pool makes room by itself. */
    static final long POOL_BYTES = 64 << 20;

    /** More than seven eighths of it are never needed: the pool does not make room by itself. */
    static final long LARGE_POOL_BYTES = 2L << 30;

    /** They never refuse. */
    private static final QueueLimits LIMITS = QueueLimits.ofBytes(1 << 30);

    static StalledReceivers named(String name, int count) {
        return switch (name) {
            case "sendbuffer" -> new OfSendBuffer(count, POOL_BYTES, true);
            case "sendbuffer-unmoved" -> new OfSendBuffer(count, LARGE_POOL_BYTES, false);
            case "netty-adaptive" -> adaptive(count);
            case "netty-pooled" -> pooled(count);
            default -> throw new IllegalArgumentException("no such receivers: " + name);
        };
    }

    /** It does not say how much of its memory is in use. */
    private static StalledReceivers adaptive(int count) {
        AdaptiveByteBufAllocator allocator = new AdaptiveByteBufAllocator(true, true);
        return new OfNetty<>(count, allocator, AdaptiveByteBufAllocator::usedDirectMemory, a -> a.usedDirectMemory());
    }

    private static StalledReceivers pooled(int count) {
        PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
        return new OfNetty<>(
                count,
                allocator,
                PooledByteBufAllocator::pinnedDirectMemory,
                a -> a.metric().usedDirectMemory());
    }

    /** A new message; the caller has its only reference. */
    abstract Object message(int bytes);

    abstract void release(Object message);

    /** Each receiver takes a reference. */
    abstract void hold(Object message);

    /** Does what makes the footprint smaller, where there is something. */
    void settle() {}

    /** Memory that what is alive keeps from others, as the pool says it. */
    abstract long pinnedBytes();

    /** Off-heap memory that the pool took from the JVM. */
    abstract long reservedBytes();

    /**
     * Releases what the receivers hold.
     *
     * @throws IllegalStateException if they do not hold that many messages, or something does not come back
     */
    abstract void end(int messages);

    @Override
    public abstract void close();

    private static void require(boolean isRight, String otherwise) {
        if (!isRight) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static final class OfSendBuffer extends StalledReceivers {
        private final SendBufferPool pool;
        private final boolean evacuates;
        private final FullChannel channel = new FullChannel();
        private final List<SendQueue> queues;

        OfSendBuffer(int count, long maxMemory, boolean evacuates) {
            this.pool = SendBufferPool.builder().maxMemory(maxMemory).build();
            this.evacuates = evacuates;
            this.queues =
                    Stream.generate(() -> new SendQueue(LIMITS)).limit(count).toList();
        }

        @Override
        Object message(int bytes) {
            return pool.acquire(bytes).putLong(0, bytes).seal(bytes);
        }

        @Override
        void release(Object message) {
            ((SendBuffer) message).release();
        }

        /** Only the first write is tried: whoever drains the queue then waits until the channel can take more. */
        @Override
        void hold(Object message) {
            for (SendQueue queue : queues) {
                boolean isFirst = queue.queuedMessages() == 0;
                queue.offer((SendBuffer) message);
                if (isFirst) {
                    queue.flush(channel);
                }
            }
        }

        @Override
        void settle() {
            if (evacuates) {
                pool.evacuate();
            }
        }

        @Override
        long pinnedBytes() {
            return pool.stats().pinnedBytes();
        }

        @Override
        long reservedBytes() {
            return pool.stats().reservedBytes();
        }

        @Override
        void end(int messages) {
            for (SendQueue queue : queues) {
                require(queue.queuedMessages() == messages, "a queue holds " + queue.queuedMessages() + " messages");
                queue.close();
            }
            long outstanding = pool.stats().outstandingBuffers();
            require(outstanding == 0, outstanding + " buffers did not come back");
        }

        @Override
        public void close() {
            queues.forEach(SendQueue::close);
            pool.close();
        }
    }

    private static final class OfNetty<A extends ByteBufAllocator> extends StalledReceivers {
        private final A allocator;
        private final ToLongFunction<A> pinned;
        private final ToLongFunction<A> reserved;
        private final List<List<ByteBuf>> receivers;

        OfNetty(int count, A allocator, ToLongFunction<A> pinned, ToLongFunction<A> reserved) {
            this.allocator = allocator;
            this.pinned = pinned;
            this.reserved = reserved;
            this.receivers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                receivers.add(new ArrayList<>());
            }
        }

        @Override
        Object message(int bytes) {
            return allocator.directBuffer(bytes).setLong(0, bytes).writerIndex(bytes);
        }

        @Override
        void release(Object message) {
            ((ByteBuf) message).release();
        }

        @Override
        void hold(Object message) {
            receivers.forEach(receiver -> receiver.add(((ByteBuf) message).retainedDuplicate()));
        }

        @Override
        long pinnedBytes() {
            return pinned.applyAsLong(allocator);
        }

        @Override
        long reservedBytes() {
            return reserved.applyAsLong(allocator);
        }

        @Override
        void end(int messages) {
            for (List<ByteBuf> receiver : receivers) {
                require(receiver.size() == messages, "a receiver holds " + receiver.size() + " messages");
            }
            close();
        }

        @Override
        public void close() {
            for (List<ByteBuf> receiver : receivers) {
                receiver.forEach(ByteBuf::release);
                receiver.clear();
            }
        }
    }
}
