/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver that does not read costs: the bytes that it has queued, whatever lay beside them. */
class EvacuationTest {
    private static final int CHUNK = 128 << 10;
    private static final long CAP = 64L << 20;
    private static final QueueLimits LARGE =
            QueueLimits.DEFAULT.withMaxQueuedBytes(1L << 30).withMaxQueuedMessages(1 << 20);

    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().chunkSize(CHUNK).maxMemory(CAP).build());
    private final HostileChannel channel = HostileChannel.takingAll().block(Integer.MAX_VALUE);
    private final SendQueue stalled = new SendQueue(LARGE);

    private SendBuffer message(int number, int length) {
        SendBuffer message = pool.acquire(length).putInt(number);
        while (message.remaining() > 0) {
            message.putByte(number);
        }
        return message.seal();
    }

    /** Sends one to the receiver that stalls, among others of which nothing is left. */
    private void offer(int number, int length, int others) {
        try (SendBuffer message = message(number, length)) {
            assertEquals(OfferResult.QUEUED, stalled.offer(message));
        }
        for (int left = others; left > 0; left -= CHUNK / 2) {
            pool.acquire(Math.min(left, CHUNK / 2)).release();
        }
    }

    private void requireAllArrive(int messages, int length) {
        channel.block(0);
        assertEquals(FlushResult.DRAINED, stalled.flush(channel));
        ByteBuffer received = ByteBuffer.wrap(channel.bytes());
        for (int number = 0; number < messages; number++) {
            assertEquals(number, received.getInt());
            for (int i = Integer.BYTES; i < length; i++) {
                assertEquals((byte) number, received.get());
            }
        }
        assertEquals(0, received.remaining());
    }

    private long pinned() {
        return pool.stats().pinnedBytes();
    }

    @Test
    void shouldKeepTheBytesOfAQuietChannelAndNotItsChunks() {
        int messages = 100_000; // 12 GiB of chunks pass through the pool, one after the other
        for (int number = 0; number < messages; number++) {
            offer(number, 64, CHUNK - 64);
            if (number % 1_000 == 50) {
                stalled.flush(channel); // it takes nothing
            }
        }
        assertEquals(0, pool.stats().refusedAcquires());
        assertFalse(stalled.isClosed());

        pool.evacuate();

        long bytes = messages * 64L;
        assertTrue(pinned() <= 2 * bytes + CHUNK, () -> pinned() + " pinned for " + bytes);
        requireAllArrive(messages, 64);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100})
    void shouldKeepTwiceTheBytesAtMostHoweverFewOfAChunkAreQueued(int oneIn) {
        int messages = 10_000;
        for (int number = 0; number < messages; number++) {
            offer(number, 32, (oneIn - 1) * 32);
        }

        pool.evacuate();

        long bytes = messages * 32L;
        assertTrue(pinned() <= 2 * bytes + CHUNK, () -> pinned() + " pinned for " + bytes);
        requireAllArrive(messages, 32);
    }

    /** A chunk has room for one object per 32 bytes, so one that is full of smaller messages looks half empty. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16})
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldEndThoughMessagesAreSmall(int length) {
        int messages = 10_000;
        for (int number = 0; number < messages; number++) {
            offer(number, length, number % 2 == 0 ? 0 : 500);
        }

        pool.evacuate();

        long bytes = messages * 32L;
        assertTrue(pinned() <= 2 * bytes + 2 * CHUNK, () -> pinned() + " pinned for " + bytes);
        assertEquals(0, pool.evacuate(), "nothing is copied twice");
        requireAllArrive(messages, length);
    }

    /** Near the cap a chunk gets no objects for more slices, and then it looks nearly empty. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16, 24, 40})
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldRefuseWhenAllIsHeldInSmallMessages(int length) {
        SendBufferPool small = Pools.track(SendBufferPool.builder()
                .chunkSize(1 << 10)
                .maxMemory(256 << 10)
                .shedSlowConsumers(false)
                .build());
        SendBuffer message;
        int count = 0;
        while ((message = small.tryAcquire(length)) != null) {
            assertEquals(OfferResult.QUEUED, stalled.offer(message.seal(length)));
            message.release();
            count++;
        }
        small.evacuate();

        assertEquals(FlushResult.DRAINED, stalled.flush(channel.block(0)));
        assertEquals((long) count * length, channel.byteCount());
    }

    @Test
    void shouldShareOneCopyAmongAllThatHoldAMessage() {
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            queues.add(new SendQueue(LARGE));
        }
        for (int number = 0; number < 300; number++) {
            try (SendBuffer message = message(number, 1_000)) {
                queues.forEach(queue -> queue.offer(message));
            }
            pool.acquire(CHUNK - 1_000).release();
        }

        long copied = pool.evacuate();

        assertTrue(copied <= 300_000, () -> copied + " bytes copied");
        assertTrue(pinned() <= 2 * 300_000 + 2 * CHUNK, () -> pinned() + " pinned");
        for (SendQueue queue : queues) {
            HostileChannel all = HostileChannel.takingAll();
            assertEquals(FlushResult.DRAINED, queue.flush(all));
            assertEquals(300_000, all.bytes().length);
        }
    }

    @Test
    void shouldMoveNothingThatIsBeingWritten() {
        for (int number = 0; number < 10; number++) {
            offer(number, 64, CHUNK - 64);
        }
        int count = stalled.beginWrite();
        ByteBuffer[] inFlight = stalled.writeBuffers().clone();
        offer(10, 64, CHUNK - 64);
        offer(11, 64, CHUNK - 64);

        assertEquals(2 * 64 - 64, pool.evacuate(), "one of the two that wait is in the current chunk");

        long bytes = 0;
        for (int i = 0; i < count; i++) {
            assertEquals(i, inFlight[i].getInt(inFlight[i].position()));
            bytes += inFlight[i].remaining();
        }
        assertEquals(2, stalled.completeWrite(bytes), "the two that waited");
        stalled.failWrite(new IOException("over"));
    }

    @Test
    void shouldWriteTheRestOfAHalfWrittenMessageFromWhereItIsThen() {
        for (int number = 0; number < 20; number++) {
            offer(number, 64, CHUNK - 64);
        }
        channel.block(0).takeAtMost(70);
        stalled.flush(channel, 1);
        channel.block(1);
        assertEquals(FlushResult.BLOCKED, stalled.flush(channel));

        assertTrue(pool.evacuate() > 0);
        assertTrue(pinned() <= 3 * CHUNK, () -> pinned() + " pinned");

        channel.takeAtMost(Integer.MAX_VALUE);
        requireAllArrive(20, 64);
    }

    @Test
    void shouldLeaveAMessageWhereItIsWhoseListenerWaits() {
        AtomicInteger released = new AtomicInteger();
        try (SendBuffer message = message(0, 64).onRelease(unwritten -> released.incrementAndGet())) {
            stalled.offer(message);
        }
        pool.acquire(CHUNK - 64).release();
        offer(1, 64, CHUNK - 64);

        pool.evacuate();

        assertEquals(0, released.get());
        requireAllArrive(2, 64);
        assertEquals(1, released.get());
    }

    @Test
    void shouldNotTryAgainWhatTheApplicationHolds() {
        SendBuffer held = message(0, 64);
        stalled.offer(held);
        pool.acquire(CHUNK - 64).release();
        offer(1, 64, CHUNK - 64);
        assertEquals(64, pool.evacuate());

        stalled.offer(held);
        assertEquals(0, pool.evacuate());

        held.release();
        stalled.close();
    }

    @Test
    void shouldEvacuateBeforeAReceiverEnds() {
        for (int number = 0; number < 2_000; number++) {
            offer(number, 64, CHUNK - 64);
            assertFalse(stalled.isClosed());
        }
        List<SendBuffer> held = new ArrayList<>();
        for (int i = 0; i < 450; i++) {
            SendBuffer buffer = pool.tryAcquire(CHUNK);
            assertNotNull(buffer, () -> "refused: " + pool.stats());
            held.add(buffer);
        }
        assertFalse(stalled.isClosed());
        held.forEach(SendBuffer::release);
        requireAllArrive(2_000, 64);
    }

    /** The oldest sparse chunks are of no queue; those of the receiver that stalls come after them. */
    @Test
    void shouldPassOverWhatTheApplicationKeepsBeforeAReceiverEnds() {
        List<SendBuffer> kept = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            kept.add(message(i, 48 << 10));
            pool.acquire(78 << 10).release();
        }
        int messages = 230;
        for (int number = 0; number < messages; number++) {
            offer(number, 1 << 10, CHUNK - (1 << 10));
        }
        for (int i = 0; i < 240; i++) {
            kept.add(pool.acquire(CHUNK));
        }
        assertFalse(stalled.isClosed());
        assertEquals(0, pool.stats().refusedAcquires());
        kept.forEach(SendBuffer::release);
        requireAllArrive(messages, 1 << 10);
    }

    /** An acquire is no place for the work of all that are to come. */
    @Test
    void shouldCopyNoMoreThanOneMebibyteInATurn() {
        int messages = 24_000;
        for (int number = 0; number < messages; number++) {
            offer(number, 1_000, 1_100);
        }
        Evacuation evacuation;
        try (SendBuffer any = message(messages, 4)) {
            evacuation = any.chunk().store.evacuation();
        }
        int turns = 0;
        long copied;
        while ((copied = evacuation.turn()) > 0) {
            long inTurn = copied;
            assertTrue(inTurn <= 1 << 20, () -> inTurn + " bytes in a turn");
            turns++;
        }
        assertTrue(turns >= 10, () -> "the test is about many turns");
        requireAllArrive(messages, 1_000);
    }

    /** Whatever of it was done when the stack ended, nothing is lost, and the next one does the rest. */
    @Test
    void shouldLoseNothingWhereTheStackEnds() throws Exception {
        int sweeps = 6;
        int overflows = 0;
        int messages = 50;
        for (int i = 0; i < sweeps; i++) {
            for (int number = 0; number < messages; number++) {
                offer(i * messages + number, 64, CHUNK - 64);
            }
            overflows += new StackSweep(level -> pool.evacuate()).run(i % 2 == 0);
        }
        assertTrue(overflows > sweeps);
        pool.evacuate();
        assertTrue(pinned() <= 3 * CHUNK, () -> pinned() + " pinned");
        requireAllArrive(sweeps * messages, 64);
    }

    @Test
    void shouldNameTheCapWhereOnlyWhatIsKeptFreeIsLeft() {
        offer(0, 64, 0);
        List<SendBuffer> held = new ArrayList<>();
        SendBuffer next;
        while ((next = pool.tryAcquire(CHUNK)) != null) {
            held.add(next);
        }

        PoolExhaustedException refusal = assertThrows(PoolExhaustedException.class, () -> pool.acquire(CHUNK));

        assertTrue(String.valueOf(refusal.getMessage()).contains("raise maxMemory"), refusal::toString);
        long left = CAP - pool.stats().reservedBytes() - pool.stats().heapBytes();
        assertTrue(left >= 7 * CHUNK / 2 && left < 9 * CHUNK / 2, () -> left + " bytes are kept free");
        held.forEach(SendBuffer::release);
        stalled.close();
    }

    @Test
    void shouldGainNothingWhenThePoolIsClosed() {
        List<Throwable> errors = new ArrayList<>();
        SendBufferPool closed = Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .errorHandler(errors::add)
                .build());
        try (SendBuffer message = closed.acquire(64).seal(64)) {
            stalled.offer(message);
        }
        closed.acquire(CHUNK).release();
        closed.close();
        assertEquals(1, errors.size(), "one buffer is outstanding");

        assertEquals(0, closed.evacuate());

        stalled.close();
        assertEquals(0, closed.stats().outstandingBuffers());
    }

    @Test
    void shouldGiveAllBackWhenTheReceiverCloses() {
        for (int number = 0; number < 1_000; number++) {
            offer(number, 100, CHUNK - 100);
        }
        pool.evacuate();

        stalled.close();

        assertEquals(0, pinned());
    }
}
