/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Messages that live long, outside of the chunks. */
class ConstantTest extends SheddingFixture {
    private static final byte[] PAGE = "<html>the page</html>".getBytes(StandardCharsets.US_ASCII);

    private static String text(SendBuffer message) {
        return message.getUtf8(0, message.length());
    }

    @Test
    void shouldBeASealedMessageOfTheBytes() {
        try (SendBuffer page = pool.constant(PAGE)) {
            PAGE[0]++; // a copy
            assertTrue(page.isSealed());
            assertEquals(1, page.referenceCount());
            assertEquals("<html>the page</html>", text(page));
            assertThrows(IllegalStateException.class, () -> page.putByte(1));
        } finally {
            PAGE[0]--;
        }
        for (ByteBuffer source : List.of(
                ByteBuffer.wrap(PAGE),
                ByteBuffer.allocateDirect(PAGE.length).put(PAGE).flip())) {
            source.position(6).limit(14);
            try (SendBuffer part = pool.constant(source.asReadOnlyBuffer())) {
                assertEquals("the page", text(part));
            }
            try (SendBuffer part = pool.constant(source)) {
                assertEquals("the page", text(part));
                assertEquals(14, source.position());
            }
        }
        try (SendBuffer nothing = pool.constant(new byte[0])) {
            assertEquals(0, nothing.length());
        }
        assertEquals(0, pool.stats().reservedBytes());
    }

    @Test
    void shouldTakeItsOwnBytesAndBeShownInTheStatistics() {
        try (SendBuffer page = pool.constant(PAGE);
                SendBuffer message = chunk(pool)) {
            PoolStats stats = pool.stats();
            assertNotEquals(page.chunk(), message.chunk());
            assertEquals(PAGE.length, stats.constantBytes());
            assertEquals(PAGE.length + CHUNK, stats.pinnedBytes());
            assertEquals(PAGE.length + CHUNK, stats.inUseBytes());
            assertEquals(PAGE.length + CHUNK, stats.reservedBytes());
            assertEquals(2, stats.outstandingBuffers());
            assertEquals(Chunk.HEAP_BYTES_OF_A_CONSTANT, stats.heapBytes());
        }
        PoolStats after = pool.stats();
        assertEquals(0, after.constantBytes());
        assertEquals(0, after.heapBytes());
        assertEquals(CHUNK, after.reservedBytes(), "its memory is discarded, and the chunk is not");
    }

    @Test
    void shouldCountTowardTheCapAndRefuseWhatDoesNotFitAsAnAcquireDoes() {
        ByteBuffer source = ByteBuffer.allocate(100);
        while (true) {
            try {
                held.add(pool.constant(source.clear()));
            } catch (PoolExhaustedException e) {
                break;
            }
        }
        assertEquals(0, source.position(), "the source moved although nothing was made");
        PoolStats full = pool.stats();
        assertEquals(1, full.refusedAcquires());
        assertTrue(full.reservedBytes() + full.heapBytes() <= full.maxMemory(), full::toString);
        assertEquals(held.size() * 100L, full.constantBytes());
        assertThrows(PoolExhaustedException.class, () -> pool.acquire(CHUNK));

        held.remove(0).release();
        pool.constant(source).release();
        releaseAll();
        assertThrows(PoolExhaustedException.class, () -> pool.constant(new byte[CHUNK * CHUNKS]));
        assertEquals(0, pool.stats().reservedBytes());
        pool.acquire(CHUNK).release();
    }

    private void releaseAll() {
        held.forEach(SendBuffer::release);
        held.clear();
    }

    @Test
    void shouldTakeTheRoomOfIdleChunks() {
        for (int i = 0; i < CHUNKS; i++) {
            held.add(chunk(pool));
        }
        assertThrows(PoolExhaustedException.class, () -> pool.constant(PAGE));
        releaseAll();
        pool.constant(new byte[(CHUNKS - 2) * CHUNK]).release();
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldChangeNothingWhereTheJvmHasNoMemory() {
        SendBufferPool starved = Pools.track(SendBufferPool.builder()
                .memorySource(bytes -> {
                    throw new OutOfMemoryError("as the JVM does");
                })
                .build());
        PoolExhaustedException e = assertThrows(PoolExhaustedException.class, () -> starved.constant(PAGE));
        assertEquals(0, starved.stats().reservedBytes(), e::getMessage);
        assertEquals(0, starved.stats().heapBytes());
    }

    @Test
    void shouldOutliveTheCloseOfItsPool() {
        SendBufferPool closed = pool(true);
        SendBuffer page = closed.constant(PAGE);
        closed.close();
        assertEquals(1, errors.size(), "it is outstanding");
        assertEquals("<html>the page</html>", text(page));
        assertEquals(PAGE.length, closed.stats().constantBytes());
        assertThrows(IllegalStateException.class, () -> closed.constant(PAGE));
        page.release();
        assertEquals(0, closed.stats().reservedBytes());
        assertEquals(0, closed.stats().heapBytes());
    }

    @Test
    void shouldGoThroughQueuesBatchesAndLogsAmongOthers() throws Exception {
        HostileChannel channel = HostileChannel.takingAll();
        SendQueue queue = new SendQueue();
        AtomicInteger released = new AtomicInteger();
        try (SendBatch batch = new SendBatch();
                BroadcastLog log = BroadcastLog.builder(pool).build();
                LogReader reader = log.newReader(() -> {})) {
            reader.subscribe(new Subscriber(queue, channel), OverrunPolicy.end());
            SendBuffer page = pool.constant(PAGE).onRelease(unwritten -> released.incrementAndGet());
            for (int i = 0; i < 3; i++) {
                try (SendBuffer message = pool.acquire(100).putIntAscii(i)) {
                    batch.add(message.seal()).add(page).add(message).add(message);
                    queue.offer(message);
                    queue.offer(page);
                }
            }
            queue.offer(batch.seal());
            batch.clear();
            queue.flush(channel);
            log.append(page);
            page.release();
            reader.serve();
            reader.endTurn();
            String html = "<html>the page</html>";
            String batched = "0" + html + "00" + "1" + html + "11" + "2" + html + "22";
            assertEquals(
                    "0" + html + "1" + html + "2" + html + batched + html,
                    new String(channel.bytes(), StandardCharsets.US_ASCII));
            assertEquals(1, released.get());
        }
    }

    private record Subscriber(SendQueue queue, HostileChannel channel) implements LogReceiver {
        @Override
        public void onNews() {
            queue.flushWithLogs(channel, Long.MAX_VALUE);
        }

        @Override
        public void onOverrun(LogOverrunException cause) {
            throw new AssertionError(cause);
        }
    }

    @Test
    void shouldNeverBeOldMemory() {
        SendQueue holder = new SendQueue();
        try (SendBuffer page = pool.constant(PAGE)) {
            holder.offer(page);
        }
        assertEquals(
                FlushResult.BLOCKED, holder.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
        pass(pool, 10 * CHUNKS);
        assertEquals(List.of(), pool.farthestBehind(10));
        assertEquals(0, holder.stats().bytesBehind());
        SendQueue slow = stalled(pool, 1);
        pass(pool, 10 * CHUNKS);
        assertEquals(List.of(slow), pool.farthestBehind(10));

        while (!slow.isClosed()) {
            held.add(chunk(pool));
        }
        assertFalse(holder.isClosed(), "it keeps nobody from memory");
        releaseAll();
        holder.close();
    }

    @Test
    void shouldNotHideTheOldMemoryThatWaitsBehindIt() {
        SendQueue slow = new SendQueue();
        List<SendBuffer> constants = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            SendBuffer page = pool.constant(PAGE);
            constants.add(page);
            slow.offer(page);
        }
        offer(slow, pool, 3);
        assertEquals(FlushResult.BLOCKED, slow.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
        pass(pool, 2 * CHUNKS);
        assertEquals(List.of(slow), pool.farthestBehind(10));
        while (!slow.isClosed()) {
            held.add(chunk(pool));
        }
        releaseAll();
        constants.forEach(SendBuffer::release);
    }

    @Test
    void shouldStayWhereItIsWhenItsNeighborsMove() {
        SendBufferPool large =
                Pools.track(SendBufferPool.builder().chunkSize(CHUNK).build());
        HostileChannel channel = HostileChannel.takingAll();
        SendQueue slow = new SendQueue();
        SendBuffer page = large.constant(PAGE);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            try (SendBuffer message = large.acquire(10).putIntAscii(i).seal()) {
                slow.offer(page);
                slow.offer(message);
            }
            expected.append("<html>the page</html>").append(i);
            pass(large, 1);
        }
        assertTrue(large.evacuate() > 100);
        assertTrue(
                large.stats().pinnedBytes() <= 4 * CHUNK + PAGE.length,
                () -> large.stats().toString());
        assertTrue(slow.holder.lookedTo > 190, "constants are not looked at again");
        assertEquals(101, page.referenceCount());
        page.release();
        slow.flush(channel);
        assertEquals(expected.toString(), new String(channel.bytes(), StandardCharsets.US_ASCII));
        assertEquals(0, large.stats().constantBytes());
    }

    @Test
    void shouldCountAsWhatAQueueKeeps() {
        SendQueue queue = new SendQueue();
        try (SendBuffer page = pool.constant(PAGE)) {
            queue.offer(page);
            queue.offer(page);
        }
        assertEquals(PAGE.length, queue.pinnedBytes());
        queue.close();
    }
}
