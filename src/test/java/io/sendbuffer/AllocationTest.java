/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.Pipe;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The steady state allocates nothing: not per message, not per receiver, not per write. */
@Tag("alone")
class AllocationTest {
    private static final int RECEIVERS = 10;
    private static final int WARM_UP = 100_000;
    private static final int ROUNDS = 1_000_000;

    /**
     * For a whole run, not for each round: the JVM may itself allocate a little on this thread when code is used or
     * compiled for the first time. One object per thousand rounds would already exceed it.
     */
    private static final long TOLERATED_BYTES = 1_024;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SendBufferPool pool = Pools.create();

    /** Takes everything, and allocates nothing. */
    private static final class Sink implements GatheringByteChannel {
        private long taken;

        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            source.position(source.limit());
            taken += bytes;
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long bytes = 0;
            for (int i = offset; i < offset + length; i++) {
                bytes += write(sources[i]);
            }
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private interface Round {
        void run() throws IOException;
    }

    private void requireNoAllocation(int warmUp, int rounds, Round round) throws IOException {
        for (int i = 0; i < warmUp; i++) {
            round.run();
        }
        long thread = Thread.currentThread().getId();
        threads.getThreadAllocatedBytes(thread);
        long before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < rounds; i++) {
            round.run();
        }
        long allocated = threads.getThreadAllocatedBytes(thread) - before;
        assertTrue(allocated <= TOLERATED_BYTES, () -> allocated + " bytes allocated in " + rounds + " rounds");
    }

    private static SendQueue[] queues() {
        SendQueue[] queues = new SendQueue[RECEIVERS];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new SendQueue();
        }
        return queues;
    }

    @Test
    void shouldSeeWhatIsAllocated() {
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        byte[] array = new byte[100_000];
        assertTrue(threads.getThreadAllocatedBytes(thread) - before >= array.length, "allocations are not measured");
    }

    @Test
    void shouldAllocateNothingToSendOneMessageToManyReceivers() throws IOException {
        SendQueue[] queues = queues();
        Sink sink = new Sink();
        requireNoAllocation(WARM_UP, ROUNDS, () -> {
            try (SendBuffer tick = pool.acquire(128)) {
                tick.putInt(7)
                        .putLong(sink.taken)
                        .putUtf8("h\u00e9llo")
                        .putDouble(1.5)
                        .seal();
                for (SendQueue queue : queues) {
                    queue.offer(tick);
                }
            }
            for (SendQueue queue : queues) {
                queue.flush(sink);
            }
        });
        assertEquals((long) (WARM_UP + ROUNDS) * RECEIVERS * (4 + 8 + 6 + 8), sink.taken);
    }

    @Test
    void shouldAllocateNothingToGatherMessagesThatAreNotNeighbors() throws IOException {
        SendQueue[] queues = queues();
        Sink sink = new Sink();
        int messages = 20;
        requireNoAllocation(WARM_UP / 10, ROUNDS / 10, () -> {
            for (int i = 0; i < messages; i++) {
                try (SendBuffer message = pool.acquire(64, 64).putLong(i).seal()) {
                    for (SendQueue queue : queues) {
                        queue.offer(message);
                    }
                }
            }
            for (SendQueue queue : queues) {
                queue.flush(sink);
            }
        });
        assertEquals((long) (WARM_UP + ROUNDS) / 10 * RECEIVERS * messages * Long.BYTES, sink.taken);
    }

    @Test
    void shouldAllocateNothingToSendABatchToManyReceivers() throws IOException {
        SendQueue[] queues = queues();
        Sink sink = new Sink();
        SendBatch batch = new SendBatch();
        int messages = 20;
        requireNoAllocation(WARM_UP / 10, ROUNDS / 10, () -> {
            for (int i = 0; i < messages; i++) {
                try (SendBuffer message = pool.acquire(64).putLong(i).seal()) {
                    batch.add(message);
                }
            }
            batch.seal().retain(queues.length);
            for (SendQueue queue : queues) {
                queue.offerRetained(batch);
                queue.flush(sink);
            }
            batch.clear();
        });
        assertEquals((long) (WARM_UP + ROUNDS) / 10 * RECEIVERS * messages * Long.BYTES, sink.taken);
    }

    /** The case of a receiver, or of the loop that drains it, that is hundreds of ticks behind. */
    @Test
    void shouldAllocateNothingWhileManyBatchesWait() throws IOException {
        int messages = 8;
        int tickBytes = messages * Long.BYTES;
        int waiting = 1_000;
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(tickBytes));
        Sink sink = new Sink();
        SendBatch batch = new SendBatch();
        requireNoAllocation(WARM_UP / 10, ROUNDS / 10, () -> {
            addNumbers(batch, messages);
            assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()));
            batch.clear();
            while (queue.queuedBytes() > (long) waiting * tickBytes) {
                queue.flush(sink, tickBytes);
            }
        });
        queue.flush(sink);
        assertEquals((long) (WARM_UP + ROUNDS) / 10 * tickBytes, sink.taken);
    }

    /**
     * Of 200 keys, alone and in batches, for a receiver that takes nothing, one that takes some, and one that keeps up.
     */
    @Test
    void shouldAllocateNothingToReplaceWhatWaits() throws IOException {
        for (Conflation conflation : new Conflation[] {Conflation.inPlace(), Conflation.atEnd()}) {
            SendQueue[] queues = {new SendQueue(), new SendQueue(), new SendQueue()};
            for (SendQueue queue : queues) {
                queue.conflation(conflation);
            }
            Sink sink = new Sink();
            SendBatch batch = new SendBatch();
            int[] round = {0};
            requireNoAllocation(WARM_UP / 10, ROUNDS / 10, () -> {
                int first = 7 * round[0]++;
                for (int i = first; i < first + 30; i++) {
                    try (SendBuffer message =
                            pool.acquire(8).putLong(i).conflate(i % 200).seal()) {
                        batch.add(message);
                        for (SendQueue queue : queues) {
                            queue.offer(message);
                        }
                    }
                }
                batch.seal();
                for (SendQueue queue : queues) {
                    assertEquals(OfferResult.QUEUED, queue.offer(batch));
                }
                batch.clear();
                queues[1].flush(sink, 1);
                queues[2].flush(sink);
            });
            assertEquals(200, queues[0].queuedMessages());
            assertTrue(queues[0].conflatedMessages() > ROUNDS, "it is behind");
            assertEquals(0, queues[2].queuedMessages());
            for (SendQueue queue : queues) {
                queue.close();
            }
        }
    }

    @Test
    void shouldAllocateNothingForOthersWhileOneReceiverTakesNothing() throws IOException {
        int messages = 8;
        SendQueue stuck = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(1_000));
        SendQueue queue = new SendQueue();
        Sink sink = new Sink();
        SendBatch batch = new SendBatch();
        requireNoAllocation(WARM_UP / 10, ROUNDS / 10, () -> {
            addNumbers(batch, messages);
            batch.seal();
            stuck.offer(batch);
            queue.offer(batch);
            batch.clear();
            assertEquals(FlushResult.DRAINED, queue.flush(sink));
        });
        assertTrue(stuck.queuedMessages() > 900, "the receiver that takes nothing has to be full");
        stuck.close();
        assertEquals((long) (WARM_UP + ROUNDS) / 10 * messages * Long.BYTES, sink.taken);
    }

    private void addNumbers(SendBatch batch, int messages) {
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = pool.acquire(Long.BYTES).putLong(i).seal()) {
                batch.add(message);
            }
        }
    }

    @Test
    void shouldAllocateNothingToWriteToAPipe() throws IOException {
        Pipe pipe = Pipe.open();
        ByteBuffer read = ByteBuffer.allocateDirect(4_096);
        SendQueue queue = new SendQueue();
        try (Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel source = pipe.source()) {
            sink.configureBlocking(false);
            // A plain write and a gathering one.
            requireNoAllocation(WARM_UP, ROUNDS / 5, () -> {
                sendNumbers(queue, sink, 1);
                sendNumbers(queue, sink, 64);
                source.read(read.clear());
            });
        }
    }

    private void sendNumbers(SendQueue queue, Pipe.SinkChannel sink, int alignment) {
        for (int i = 0; i < 10; i++) {
            try (SendBuffer message = pool.acquire(32, alignment).putLong(i).seal()) {
                queue.offer(message);
            }
        }
        assertEquals(FlushResult.DRAINED, queue.flush(sink));
    }

    @Test
    void shouldAllocateNothingToWriteMessagesOfUnknownLength() throws IOException {
        SendWriter writer = pool.writer(1 << 20);
        SendQueue queue = new SendQueue();
        Sink sink = new Sink();
        byte[] header = {1, 2, 3};
        int[] round = {0};
        requireNoAllocation(WARM_UP, ROUNDS / 2, () -> {
            writer.headroom(30);
            for (int i = round[0]++ % 40; i >= 0; i--) {
                writer.putUtf8("caf\u00e9 number ").putIntAscii(i).putLongAscii(sink.taken);
            }
            writer.prependAscii("\r\n").prependIntAscii(writer.length()).prependBytes(header);
            try (SendBuffer message = writer.seal()) {
                queue.offer(message);
            }
            queue.flush(sink);
        });
        assertTrue(sink.taken > 0);
    }

    @Test
    void shouldAllocateNothingToWriteAHeaderBehindItsPayloadAndToReadTheBytes() throws IOException {
        long[] sum = {0};
        Consumer<ByteBuffer> reader = bytes -> sum[0] += bytes.remaining();
        String text = "h\u00e9llo, hello";
        requireNoAllocation(WARM_UP, ROUNDS, () -> {
            try (SendBuffer message = pool.acquire(100).headroom(10)) {
                int bytes = message.putUtf8(50, text);
                assertEquals(bytes, SendBuffer.utf8Length(text));
                message.putUtf8(text).prependShort(bytes).putLongAscii(sum[0]).seal();
                message.forBytes(1, bytes, reader);
            }
        });
        assertEquals((long) (WARM_UP + ROUNDS) * 13, sum[0]);
    }

    @Test
    void shouldAllocateNothingToSendAConstantToManyReceivers() throws IOException {
        SendQueue[] queues = queues();
        Sink sink = new Sink();
        try (SendBuffer page = pool.constant(new byte[100])) {
            requireNoAllocation(WARM_UP, ROUNDS / 2, () -> {
                for (SendQueue queue : queues) {
                    queue.offer(page);
                    queue.flush(sink);
                }
            });
        }
        assertEquals((WARM_UP + ROUNDS / 2) * (long) RECEIVERS * 100, sink.taken);
    }

    /** One subscriber of a log, which writes to the sink. */
    private record Subscriber(SendQueue queue, Sink sink) implements LogReceiver {
        @Override
        public void onNews() {
            queue.flushWithLogs(sink, Long.MAX_VALUE);
        }

        @Override
        public void onOverrun(LogOverrunException cause) {
            throw new AssertionError(cause);
        }
    }

    @Test
    void shouldAllocateNothingToAppendToALogAndWriteItToManySubscribers() throws IOException {
        Sink sink = new Sink();
        SendQueue[] queues = queues();
        try (BroadcastLog log = BroadcastLog.builder(pool).build();
                LogReader reader = log.newReader(() -> {})) {
            for (SendQueue queue : queues) {
                reader.subscribe(new Subscriber(queue, sink), OverrunPolicy.end());
            }
            requireNoAllocation(WARM_UP, ROUNDS / 2, () -> {
                for (int i = 0; i < 3; i++) {
                    try (SendBuffer tick = pool.acquire(64)) {
                        log.append(tick.putLong(sink.taken).seal());
                    }
                }
                try (SendBuffer reply = pool.acquire(64)) { // keeps its place between two appends
                    queues[0].offer(reply.putInt(7).seal());
                    log.append(reply);
                }
                reader.serve();
                reader.endTurn();
            });
            assertEquals(0, log.stats().retainedMessages());
        }
    }
}
