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
import org.agrona.concurrent.AgentRunner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once everything has its size, sending allocates nothing: neither for a broadcast nor for a receiver's write. */
@Timeout(60)
class SteadyStateAllocationTest {
    private static final int PEERS = 20;
    private static final int WARM_UP = 5_000;
    private static final int MEASURED = 20_000;
    private static final int LENGTH = 100;
    private static final int BATCH = 10;

    /** Behind this many bytes, the broadcaster waits for a session, so that the memory in use has a bound. */
    private static final long MOST_QUEUED = 4_000;

    private static final int MESSAGES_QUEUED_TO_GROW = 256;
    private static final int CHUNKS_TO_FILL = 4;

    /**
     * Not zero: two drainers that meet at one chunk for the first time make a spare view of it, 64 bytes, and the
     * virtual machine may put a few objects back on the heap when it throws compiled code away. One byte for each
     * broadcast would be twenty times as much.
     */
    private static final long TOLERANCE = 1 << 10;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SessionGroup group = new SessionGroup();
    private final SendBatch batch = new SendBatch();
    private SendBufferPool pool;

    /** Zero for single messages; divides the numbers of messages. */
    private int batchSize;

    @BeforeEach
    void open() {
        assumeTrue(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled());
        pool = Pools.create();
    }

    @Test
    void shouldAllocateNothingOnAThreadThatBroadcastsInline() throws Exception {
        try (Run run = new Run(WriteMode.INLINE)) {
            long allocated = run.measure(Thread.currentThread());
            assertTrue(allocated <= TOLERANCE, allocated + " bytes in " + MEASURED + " broadcasts");
        }
    }

    @Test
    void shouldAllocateNothingOnAThreadThatBroadcastsInLoopMode() throws Exception {
        try (Run run = new Run(WriteMode.LOOP)) {
            long allocated = run.measure(Thread.currentThread());
            assertTrue(allocated <= TOLERANCE, allocated + " bytes in " + MEASURED + " broadcasts");
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldAllocateNothingOnAThreadThatBroadcastsBatches(WriteMode mode) throws Exception {
        batchSize = BATCH;
        try (Run run = new Run(mode)) {
            long allocated = run.measure(Thread.currentThread());
            assertTrue(allocated <= TOLERANCE, allocated + " bytes in " + MEASURED + " messages");
        }
    }

    @Test
    void shouldAllocateNothingOnTheLoopsThreadThatWritesBatches() throws Exception {
        batchSize = BATCH;
        try (Run run = new Run(WriteMode.LOOP)) {
            long allocated = run.measure(run.runner.thread());
            double perWrite = (double) allocated / MEASURED / PEERS;
            assertTrue(perWrite < 0.05, allocated + " bytes, " + perWrite + " for each message of each session");
        }
    }

    /**
     * The loop's thread also runs the JDK's selector, which is not ours to promise anything for: it makes an Integer of
     * a file descriptor for each ready key. Here no key is ready, unless a socket was blocked, so the total is held to
     * far less than one byte for each write that was asked for: one object for each write would be 16 bytes or more.
     */
    @Test
    void shouldAllocateNothingOnTheLoopsThreadInLoopMode() throws Exception {
        try (Run run = new Run(WriteMode.LOOP)) {
            long allocated = run.measure(run.runner.thread());
            double perWrite = (double) allocated / MEASURED / PEERS;
            assertTrue(perWrite < 0.05, allocated + " bytes, " + perWrite + " for each message of each session");
        }
    }

    /** A loop with its own thread, peers that discard, and sessions whose queues have grown to their size. */
    private final class Run implements AutoCloseable {
        private final DiscardingPeers peers = new DiscardingPeers(PEERS);
        private final SendLoop loop;
        private final Session[] sessions;
        private final AgentRunner runner;

        Run(WriteMode mode) throws Exception {
            loop = SendLoop.builder().writeMode(mode).build();
            sessions = peers.addAllTo(loop, group);
            peers.start();
            runner = loop.start();
            growPool();
            growQueues();
        }

        /**
         * The objects that name slices live as long as their chunks: makes them all, in more chunks than are needed.
         */
        private void growPool() {
            int length = LENGTH / 2; // a batch needs objects of its own beside those of its messages
            int messages = CHUNKS_TO_FILL * (256 << 10) / length;
            List<SendBuffer> all = new ArrayList<>(messages);
            for (int i = 0; i < messages; i++) {
                all.add(pool.acquire(length).seal(length));
            }
            all.forEach(SendBuffer::release);
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

        long measure(Thread thread) throws Exception {
            broadcast(WARM_UP);
            Await.until("all queues are empty", this::isDrained);
            long before = threads.getThreadAllocatedBytes(thread.getId());
            broadcast(MEASURED);
            return threads.getThreadAllocatedBytes(thread.getId()) - before;
        }

        private void broadcast(int messages) {
            int accepted = 0;
            for (int i = 0; i < messages; i++) {
                waitForRoom();
                try (SendBuffer message = pool.acquire(LENGTH)) {
                    message.putInt(i).putLong(i);
                    accepted += broadcast(message.seal(LENGTH));
                }
            }
            if (accepted != messages * PEERS) {
                throw new AssertionError("only " + accepted + " were accepted");
            }
        }

        /** How many accepted it, or the messages of the batch that it filled. */
        private int broadcast(SendBuffer message) {
            if (batchSize == 0) {
                return group.broadcast(message);
            }
            batch.add(message);
            if (batch.size() < batchSize) {
                return 0;
            }
            int accepted = group.broadcast(batch.seal()) * batchSize;
            batch.clear();
            return accepted;
        }

        /** Bounded by the test's timeout. */
        private void waitForRoom() {
            for (Session session : sessions) {
                while (session.queuedBytes() > MOST_QUEUED) {
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
