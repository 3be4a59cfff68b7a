/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.micro;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * A source of buffers: the library's pool or another one. Each fork of a benchmark uses only one, so that its calls are
 * as direct as in a program that uses only that pool.
 */
abstract class Pool implements AutoCloseable {
    /**
     * Netty's caches need its own kind of thread, which its loops are; Netty asks benchmarks to use such threads. All
     * contenders run on them.
     */
    static final String JMH_EXECUTOR = "-Djmh.executor=CUSTOM";

    static final String JMH_EXECUTOR_CLASS = "-Djmh.executor.class=io.sendbuffer.benchmarks.micro.NettyThreads";

    static Pool named(String name) {
        return switch (name) {
            case "sendbuffer" -> new OfSendBuffer();
            case "netty-adaptive" -> new OfNetty(new AdaptiveByteBufAllocator(true, true));
            case "netty-pooled" -> new OfNetty(new PooledByteBufAllocator(true));
            case "jetty" -> new OfJetty();
            case "direct" -> new Direct();
            case "heap" -> new Heap();
            default -> throw new IllegalArgumentException("no such pool: " + name);
        };
    }

    /** A buffer that the caller owns, with the value in its first 8 bytes, ready to be sent, of the full length. */
    abstract Object acquire(int length, long value);

    /** Takes one more reference, where references are counted. */
    void retain(Object buffer) {
        throw new UnsupportedOperationException("these buffers count no references");
    }

    /** Gives a buffer back, on any thread. */
    abstract void release(Object buffer);

    @Override
    public void close() {}

    private static final class OfSendBuffer extends Pool {
        private final SendBufferPool pool = SendBufferPool.builder().build();

        @Override
        Object acquire(int length, long value) {
            return pool.acquire(length).putLong(0, value).seal(length);
        }

        @Override
        void retain(Object buffer) {
            ((SendBuffer) buffer).retain();
        }

        @Override
        void release(Object buffer) {
            ((SendBuffer) buffer).release();
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static final class OfNetty extends Pool {
        private final ByteBufAllocator allocator;

        OfNetty(ByteBufAllocator allocator) {
            this.allocator = allocator;
        }

        @Override
        Object acquire(int length, long value) {
            return allocator.directBuffer(length).setLong(0, value).writerIndex(length);
        }

        @Override
        void retain(Object buffer) {
            ((ByteBuf) buffer).retain();
        }

        @Override
        void release(Object buffer) {
            ((ByteBuf) buffer).release();
        }
    }

    private static final class OfJetty extends Pool {
        private final ByteBufferPool pool = new ArrayByteBufferPool();

        @Override
        Object acquire(int length, long value) {
            RetainableByteBuffer buffer = pool.acquire(length, true);
            ByteBuffer bytes = buffer.getByteBuffer();
            bytes.limit(length).putLong(0, value); // acquired in flush mode: empty, to be read from 0 up to its limit
            return buffer;
        }

        @Override
        void retain(Object buffer) {
            ((RetainableByteBuffer) buffer).retain();
        }

        @Override
        void release(Object buffer) {
            ((RetainableByteBuffer) buffer).release();
        }
    }

    private static final class Direct extends Pool {
        @Override
        Object acquire(int length, long value) {
            return ByteBuffer.allocateDirect(length).putLong(0, value);
        }

        @Override
        void release(Object buffer) {}
    }

    private static final class Heap extends Pool {
        @Override
        Object acquire(int length, long value) {
            return ByteBuffer.wrap(new byte[length]).putLong(0, value);
        }

        @Override
        void release(Object buffer) {}
    }
}
