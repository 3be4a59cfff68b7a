/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Once everything has grown to its size, sending allocates nothing: neither for a broadcast nor for a receiver's write.
 */
@Tag("alone")
@Timeout(60)
class SteadyStateAllocationTest {
    private static final int PEERS = 20;
    private static final int WARM_UP = 5_000;
    private static final int MEASURED = 20_000;
    private static final int LENGTH = 100;
    private static final int MESSAGES_OF_A_BATCH = 8;

    /** When a session has more bytes queued than this, the broadcaster waits, so that the memory in use is bounded. */
    private static final long MAX_QUEUED = 4_000;

    private static final int MESSAGES_QUEUED_TO_GROW = 256;
    private static final int CHUNK = 64 << 10;
    private static final int CHUNKS = 8;

    /** With room for the objects of all slices, which the pool counts: else it gives chunks up, and makes new ones. */
    private static final int MAX_MEMORY = 4 * CHUNKS * CHUNK;

    /**
     * Not zero: two drainers that meet at one chunk for the first time make a spare view of it, 64 bytes, and the
     * virtual machine may put a few objects back on the heap when it throws compiled code away. One byte for each
     * broadcast would be twenty times as much; one for each batch, twice as much; and an object takes at least 16.
     */
    private static final long TOLERANCE = 1 << 10;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SessionGroup group = new SessionGroup();

    @BeforeEach
    void requireCounts() {
        assumeTrue(
                threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled(),
                "the JVM counts");
    }

    private SendBufferPool newPool() {
        return Pools.track(
                SendBufferPool.builder().chunkSize(CHUNK).maxMemory(MAX_MEMORY).build());
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldAllocateNothingOnAThreadThatBroadcasts(WriteMode mode) throws Exception {
        long allocated = secondOfTwo(mode, run -> run.measure(Thread.currentThread(), run::broadcast, MEASURED));
        assertTrue(allocated <= TOLERANCE, allocated + " bytes in " + MEASURED + " broadcasts");
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldAllocateNothingOnAThreadThatBroadcastsBatches(WriteMode mode) throws Exception {
        int batches = MEASURED / MESSAGES_OF_A_BATCH;
        long allocated = secondOfTwo(mode, run -> run.measure(Thread.currentThread(), run::broadcastBatches, batches));
        assertTrue(allocated <= TOLERANCE, allocated + " bytes in " + batches + " batches");
    }

    /**
     * The loop's thread also runs the JDK's selector, for which the library can promise nothing: it makes an Integer of
     * a file descriptor for each ready key. Here no key is ready, unless a socket was blocked, so the total is held to
     * far less than one byte for each write that was asked for: one object for each write would be 16 bytes or more.
     */
    @Test
    void shouldAllocateNothingOnTheLoopsThreadInLoopMode() throws Exception {
        long allocated = secondOfTwo(WriteMode.LOOP, run -> run.measure(run.runner.thread(), run::broadcast, MEASURED));
        double perWrite = (double) allocated / MEASURED / PEERS;
        assertTrue(perWrite < 0.05, allocated + " bytes, " + perWrite + " for each message of each session");
    }

    private interface Measurement {
        long of(Run run) throws Exception;
    }

    /**
     * Measures the second of two runs, each with sessions of its own. In the first one the JVM compiles: it makes
     * strings of the names in a method's signature, on the thread whose call made it compile the method.
     */
    private long secondOfTwo(WriteMode mode, Measurement measurement) throws Exception {
        try (Run compiled = new Run(mode)) {
            measurement.of(compiled);
        }
        try (Run run = new Run(mode)) {
            return measurement.of(run);
        }
    }

    /** A loop with its own thread, peers that discard, and sessions whose queues have grown to their size. */
    private final class Run implements AutoCloseable {
        private final SendBufferPool pool = newPool();
        private final DiscardingPeers peers = new DiscardingPeers(PEERS);
        private final SendLoop loop;
        private final Session[] sessions;
        private final LoopRunner runner;
        private final SendBatch batch = new SendBatch();

        Run(WriteMode mode) throws Exception {
            loop = SendLoop.builder().writeMode(mode).build();
            sessions = peers.addAllTo(loop, group);
            peers.start();
            runner = loop.start();
            growPool();
            growQueues();
        }

        /**
         * The objects that name slices live as long as their chunks: creates all of them, in more chunks than are ever
         * in use. A batch takes one more for each run of neighbors, without memory of its own, so a chunk needs more of
         * them than the number of messages of the measured length that fit into it.
         */
        private void growPool() throws Exception {
            List<SendBuffer> all = new ArrayList<>();
            while (pool.stats().reservedBytes() <= (CHUNKS - 1) * CHUNK) {
                all.add(pool.acquire(LENGTH / 2).seal(LENGTH / 2));
            }
            int slicesOfAChunk = all.size() / (CHUNKS - 1);
            for (int i = 1; i < slicesOfAChunk; i++) { // of the last one, which has one
                all.add(pool.acquire(LENGTH / 2).seal(LENGTH / 2));
            }
            assertEquals(CHUNKS * CHUNK, pool.stats().reservedBytes());
            growViews(all, slicesOfAChunk);
            all.forEach(SendBuffer::release);
        }

        /**
         * A chunk that comes into use makes a view for each place that it has in a gathering write: has each of them
         * write from each place.
         */
        private void growViews(List<SendBuffer> all, int slicesOfAChunk) throws Exception {
            for (int first = 0; first < CHUNKS; first++) {
                for (int place = 0; place < CHUNKS; place++) {
                    int chunk = (first + place) % CHUNKS;
                    assertEquals(PEERS, group.queue(all.get(chunk * slicesOfAChunk)));
                }
                group.flush();
                Await.until("all queues are empty", this::isDrained);
            }
        }

        private void growQueues() throws Exception {
            for (int i = 0; i < MESSAGES_QUEUED_TO_GROW; i++) {
                try (SendBuffer message = pool.acquire(LENGTH).seal(LENGTH)) {
                    assertEquals(PEERS, group.queue(message));
                }
            }
            group.flush();
            Await.until("all queues are empty", this::isDrained);
        }

        private boolean isDrained() {
            for (Session session : sessions) {
                if (session.queuedMessages() > 0) {
                    return false;
                }
            }
            return true;
        }

        long measure(Thread thread, IntConsumer broadcasts, int count) throws Exception {
            broadcasts.accept(WARM_UP);
            Await.until("all queues are empty", this::isDrained);
            long before = threads.getThreadAllocatedBytes(thread.getId());
            broadcasts.accept(count);
            return threads.getThreadAllocatedBytes(thread.getId()) - before;
        }

        private void broadcastBatches(int batches) {
            int accepted = 0;
            for (int i = 0; i < batches; i++) {
                waitForRoom();
                for (int k = 0; k < MESSAGES_OF_A_BATCH; k++) {
                    try (SendBuffer message = pool.acquire(LENGTH)) {
                        message.putInt(i).putInt(k);
                        batch.add(message.seal(LENGTH));
                    }
                }
                accepted += group.broadcast(batch.seal());
                batch.clear();
            }
            if (accepted != batches * PEERS) {
                throw new AssertionError("only " + accepted + " were accepted");
            }
        }

        private void broadcast(int messages) {
            int accepted = 0;
            for (int i = 0; i < messages; i++) {
                waitForRoom();
                try (SendBuffer message = pool.acquire(LENGTH)) {
                    message.putInt(i).putLong(i);
                    accepted += group.broadcast(message.seal(LENGTH));
                }
            }
            if (accepted != messages * PEERS) {
                throw new AssertionError("only " + accepted + " were accepted");
            }
        }

        /** Bounded by the test's timeout. */
        private void waitForRoom() {
            for (Session session : sessions) {
                while (session.queuedBytes() > MAX_QUEUED) {
                    Thread.onSpinWait();
                }
            }
        }

        @Override
        public void close() throws Exception {
            runner.close();
            peers.close();
        }
    }
}
