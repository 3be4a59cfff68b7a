/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.PooledByteBufAllocator;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/** A pool that reports how much memory it holds. Used by one thread. */
abstract class CountedPool implements AutoCloseable {

    static CountedPool named(String name) {
        return switch (name) {
            case "sendbuffer" -> new OfSendBuffer();
            case "netty-adaptive" -> new OfNetty<>(new AdaptiveByteBufAllocator(true, true));
            case "netty-pooled" -> new OfNetty<>(new PooledByteBufAllocator(true));
            case "jetty" -> new OfJetty();
            default -> throw new IllegalArgumentException("no such pool: " + name);
        };
    }

    /** The memory that one thread with one buffer holds. */
    static long chunkBytesOfSendBuffer() {
        try (CountedPool pool = new OfSendBuffer()) {
            Object buffer = pool.acquire(1);
            long reserved = pool.reservedBytes(new Object[] {buffer});
            pool.release(buffer);
            return reserved;
        }
    }

    abstract Object acquire(int bytes);

    abstract void release(Object buffer);

    /** Off-heap memory that the pool took from the JVM, used or not. */
    abstract long reservedBytes(Object[] alive);

    @Override
    public void close() {}

    private static final class OfSendBuffer extends CountedPool {
        private final SendBufferPool pool = SendBufferPool.builder().build();

        @Override
        Object acquire(int bytes) {
            return pool.acquire(bytes).putBytes(new byte[bytes]).seal();
        }

        @Override
        void release(Object buffer) {
            ((SendBuffer) buffer).release();
        }

        @Override
        long reservedBytes(Object[] alive) {
            return pool.stats().reservedBytes();
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static final class OfNetty<A extends ByteBufAllocator & ByteBufAllocatorMetricProvider>
            extends CountedPool {
        private final A allocator;

        OfNetty(A allocator) {
            this.allocator = allocator;
        }

        @Override
        Object acquire(int bytes) {
            return allocator.directBuffer(bytes).writeZero(bytes);
        }

        @Override
        void release(Object buffer) {
            ((ByteBuf) buffer).release();
        }

        @Override
        long reservedBytes(Object[] alive) {
            return allocator.metric().usedDirectMemory();
        }
    }

    private static final class OfJetty extends CountedPool {
        private final ArrayByteBufferPool pool = new ArrayByteBufferPool();

        @Override
        Object acquire(int bytes) {
            return pool.acquire(bytes, true);
        }

        @Override
        void release(Object buffer) {
            ((RetainableByteBuffer) buffer).release();
        }

        /** The idle memory in the pool, and the live buffers: the pool does not count some of the latter as its own. */
        @Override
        long reservedBytes(Object[] alive) {
            long reserved = pool.getAvailableDirectMemory();
            for (Object buffer : alive) {
                reserved += ((RetainableByteBuffer) buffer).capacity();
            }
            return reserved;
        }
    }
}
