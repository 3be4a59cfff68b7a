/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a pool is exhausted, the queues with the greatest lag end, and only these. */
@Timeout(30)
class SheddingTest {
    private static final int CHUNK = 1 << 10;
    private static final int CHUNKS = 64;
    private static final byte[] FULL = new byte[CHUNK];
    private static final int MIN_LAG_IN_CHUNKS = CHUNKS / 4;

    private final List<Throwable> errors = new ArrayList<>();
    private final List<SendBuffer> held = new ArrayList<>();
    private final SendBufferPool pool = pool(true);

    private SendBufferPool pool(boolean sheds) {
        return Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CHUNKS * CHUNK)
                .stripes(1)
                .shedSlowConsumers(sheds)
                .errorHandler(errors::add)
                .build());
    }

    /** A receiver whose channel takes nothing. */
    private static SendQueue stalled(SendBufferPool pool, int messages) {
        SendQueue queue = new SendQueue();
        offer(queue, pool, messages);
        assertEquals(FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
        return queue;
    }

    private static void offer(SendQueue queue, SendBufferPool pool, int messages) {
        for (int i = 0; i < messages; i++) {
            try (SendBuffer message = chunk(pool)) {
                assertEquals(OfferResult.QUEUED, queue.offer(message));
            }
        }
    }

    /** Takes a whole chunk. */
    private static SendBuffer chunk(SendBufferPool pool) {
        SendBuffer message = pool.tryAcquire(CHUNK);
        assertNotNull(message, () -> "refused: " + pool.stats());
        return message.putBytes(FULL).seal();
    }

    /** Acquires chunks and gives them back, as messages to other receivers do. */
    private static void pass(SendBufferPool pool, int chunks) {
        SendBuffer last = chunk(pool);
        for (int i = 1; i < chunks; i++) {
            SendBuffer next = chunk(pool); // before the last one is given back, or its chunk would begin again
            last.release();
            last = next;
        }
        last.release();
    }

    /** The application holds all remaining memory. */
    private void exhaust() {
        exhaust(pool, held);
    }

    private static void exhaust(SendBufferPool pool, List<SendBuffer> held) {
        PoolStats stats = pool.stats();
        while (stats.pinnedBytes() + stats.heapBytes() + CHUNK <= stats.maxMemory()) {
            held.add(chunk(pool));
            stats = pool.stats();
        }
    }

    private void releaseHeld() {
        held.forEach(SendBuffer::release);
        held.clear();
    }

    private static void requireShed(SendQueue queue) {
        assertAll(
                () -> assertTrue(queue.isClosed()),
                () -> assertInstanceOf(SlowConsumerException.class, queue.failure()),
                () -> assertEquals(0, queue.queuedBytes()));
        assertEquals(FlushResult.CLOSED, queue.flush(HostileChannel.takingAll()));
    }

    @Test
    void shouldEndTheOneThatIsFarthestBehindFirst() {
        SendQueue first = stalled(pool, 8);
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue second = stalled(pool, 8);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();
        assertFalse(first.isClosed());

        SendBuffer next = chunk(pool);

        requireShed(first);
        assertFalse(second.isClosed());
        assertEquals(8, first.unwrittenMessages());
        next.release();
        releaseHeld();
        second.close();
    }

    @Test
    void shouldEndTheNextOneWhenThatIsNotEnough() {
        SendQueue first = stalled(pool, 1);
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue second = stalled(pool, 1);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();

        SendBuffer one = chunk(pool);
        assertFalse(second.isClosed());
        SendBuffer another = chunk(pool);

        requireShed(first);
        requireShed(second);
        one.release();
        another.release();
        releaseHeld();
    }

    @Test
    void shouldEndThoseTogetherThatAreEquallyFarBehind() {
        List<SendQueue> queues = List.of(stalled(pool, 2), stalled(pool, 2), stalled(pool, 2));
        pass(pool, 3 * CHUNKS);
        exhaust();

        chunk(pool).release();

        queues.forEach(SheddingTest::requireShed);
        releaseHeld();
    }

    @Test
    void shouldEndNobodyThatIsLessThanAQuarterBehind() {
        for (int i = 0; i < CHUNKS - MIN_LAG_IN_CHUNKS; i++) {
            held.add(chunk(pool));
        }
        SendQueue queue = stalled(pool, MIN_LAG_IN_CHUNKS);

        assertNull(pool.tryAcquire(CHUNK));

        assertFalse(queue.isClosed());
        queue.close();
        releaseHeld();
    }

    @Test
    void shouldEndNobodyIfItIsSetSo() {
        SendBufferPool strict = pool(false);
        SendQueue queue = stalled(strict, 1);
        offer(queue, strict, CHUNKS - 1);

        assertNull(strict.tryAcquire(CHUNK));

        assertFalse(queue.isClosed());
        assertEquals(1, strict.stats().refusedAcquires());
        queue.close();
    }

    /** The queue of a session that is still connecting. */
    @Test
    void shouldEndOneThatIsNotYetDrainedWhileOthersKeepUp() {
        SendQueue neverDrained = new SendQueue();
        List<SendQueue> healthy = List.of(new SendQueue(), new SendQueue());
        offer(neverDrained, pool, 1);
        for (SendQueue queue : healthy) {
            offer(queue, pool, 1);
            assertEquals(FlushResult.DRAINED, queue.flush(HostileChannel.takingAll()));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        requireShed(neverDrained);
        healthy.forEach(queue -> assertFalse(queue.isClosed()));
        releaseHeld();
    }

    @Test
    void shouldHandTheEndToTheHook() {
        List<SlowConsumerException> causes = new ArrayList<>();
        SendQueue queue = hooked(causes::add);
        exhaust();

        assertNull(pool.tryAcquire(CHUNK), "the hook has not ended it yet");
        assertNull(pool.tryAcquire(CHUNK));

        assertEquals(1, causes.size(), "asked once");
        assertFalse(queue.isClosed());
        queue.close();
        chunk(pool).release();
        assertNull(queue.failure());
        releaseHeld();
    }

    /** All others wait for its chunks; it may have taken a few bytes just now, as a socket's buffer may. */
    @Test
    void shouldEndTheOneFarthestBehindThoughOthersTakeEvenLess() {
        SendQueue first = new SendQueue();
        offer(first, pool, 1);
        SendQueue second = laterStalled();
        assertEquals(FlushResult.BLOCKED, first.flush(HostileChannel.takingAll().takeAtMost(1)));
        exhaust();

        SendBuffer next = chunk(pool);

        requireShed(first);
        assertFalse(second.isClosed());
        next.release();
        releaseHeld();
        second.close();
    }

    /** Another thread is writing the queue that ended: its memory comes back shortly after. */
    @Test
    void shouldWaitForTheWriteOfOneThatWasEndedRatherThanEndTheNext() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        SendQueue second = laterStalled();
        exhaust();
        Future<Boolean> writer = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            first.failWrite(new IOException("closed underneath"));
            return true;
        });

        SendBuffer next = chunk(pool);

        Threads.join(writer);
        requireShed(first);
        assertFalse(second.isClosed());
        assertEquals(0, pool.stats().refusedAcquires());
        next.release();
        releaseHeld();
        second.close();
    }

    /** Its channel blocks, or the acquiring thread is the one that would complete the write. */
    @Test
    void shouldRefuseAfterAMomentIfTheWriteDoesNotReturnAndThenEndTheNext() {
        SendQueue first = writing();
        SendQueue second = laterStalled();
        exhaust();

        assertNull(pool.tryAcquire(CHUNK));

        assertTrue(first.isClosed());
        assertFalse(second.isClosed());
        requireServedWithin(10);
        requireShed(second);
        first.failWrite(new IOException("closed underneath"));
        releaseHeld();
    }

    /** While one thread ends the slowest queue, which takes a while, other threads end no other queue. */
    @Test
    void shouldWaitForTheThreadThatEndsTheSlowest() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        CountDownLatch ending = new CountDownLatch(1);
        CountDownLatch waited = new CountDownLatch(1);
        SendQueue[] first = new SendQueue[1];
        Consumer<SlowConsumerException> slowHook = cause -> {
            ending.countDown();
            Threads.await(waited);
            first[0].close();
        };
        first[0] = hooked(2, slowHook); // there will be room for both
        SendQueue second = laterStalled();
        exhaust();
        Future<Boolean> one = Threads.start(() -> {
            chunk(pool).release();
            return true;
        });
        Threads.await(ending);
        Thread waiting = Thread.currentThread();
        Future<Boolean> watching = Threads.start(() -> {
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            waited.countDown();
            return true;
        });

        chunk(pool).release();

        assertTrue(Threads.join(watching));
        assertTrue(Threads.join(one));
        assertTrue(first[0].isClosed());
        assertFalse(second.isClosed());
        second.close();
        releaseHeld();
    }

    /** Memory that others release meanwhile is room as well. */
    @Test
    void shouldTakeWhatIsReleasedElsewhereWhileItWaits() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        exhaust();
        SendBuffer other = held.remove(0);
        Future<Boolean> releasing = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            other.release();
            return true;
        });

        SendBuffer next = chunk(pool);

        assertTrue(Threads.join(releasing));
        next.release();
        first.failWrite(new IOException("closed underneath"));
        releaseHeld();
    }

    /** The hook of the first of two queues acquires; the second queue has not ended yet. */
    @Test
    void shouldNotWaitForItselfWhereAHookAcquires() {
        holdersOf(pool).waitAtMost(TimeUnit.HOURS.toNanos(1));
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(new SendQueue(QueueLimits.DEFAULT, cause -> {
                assertNull(pool.tryAcquire(2 * CHUNK)); // there is no room for it yet
                queues.forEach(SendQueue::close);
            }));
            offer(queues.get(i), pool, 1);
            queues.get(i).flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        queues.forEach(queue -> assertTrue(queue.isClosed()));
        releaseHeld();
    }

    /** An interrupt belongs to the caller, and is no reason to refuse its acquire. */
    @Test
    void shouldWaitThoughItIsInterruptedAndStayInterrupted() {
        holdersOf(pool).waitAtMost(TimeUnit.SECONDS.toNanos(30));
        SendQueue first = writing();
        exhaust();
        Future<Boolean> writer = Threads.start(() -> {
            while (!first.isClosed()) {
                Thread.onSpinWait();
            }
            first.failWrite(new IOException("closed underneath"));
            return true;
        });
        Thread.currentThread().interrupt();

        chunk(pool).release();

        assertTrue(Thread.interrupted());
        assertTrue(Threads.join(writer));
        releaseHeld();
    }

    private SendQueue writing() {
        SendQueue queue = new SendQueue();
        offer(queue, pool, 1);
        assertEquals(1, queue.beginWrite());
        return queue;
    }

    private SendQueue laterStalled() {
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendQueue queue = stalled(pool, 1);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        return queue;
    }

    private void requireServedWithin(int seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        SendBuffer served = null;
        while (served == null) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "refused for long: " + pool.stats());
            served = pool.tryAcquire(CHUNK);
        }
        served.release();
    }

    /** A queue may catch up between being chosen and being ended, which may take a while, as others end first. */
    @Test
    void shouldSpareOneThatHasCaughtUpWhileAnotherEnded() {
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(new SendQueue(QueueLimits.DEFAULT, cause -> catchUp(queues)));
            offer(queues.get(i), pool, 1);
            queues.get(i).flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        }
        pass(pool, 2 * CHUNKS);
        exhaust();

        chunk(pool).release();

        assertEquals(
                1, queues.stream().filter(SendQueue::isClosed).count(), "one ended, the other had no backlog left");
        releaseHeld();
    }

    /** The first of the queues ends; the second drains. */
    private static void catchUp(List<SendQueue> queues) {
        queues.get(0).close();
        assertEquals(FlushResult.DRAINED, queues.get(1).flush(HostileChannel.takingAll()));
    }

    @Test
    void shouldReportWhatTheHookThrowsAndEndTheQueueAllTheSame() {
        for (Throwable thrown : List.of(new IllegalStateException("hostile"), new StackOverflowError("hostile"))) {
            errors.clear();
            SendQueue queue = hooked(cause -> doThrow(thrown));
            exhaust();

            chunk(pool).release();

            assertEquals(List.of(thrown), errors);
            requireShed(queue);
            releaseHeld();
        }
    }

    @Test
    void shouldEndTheOthersThoughAHookAndTheErrorHandlerThrow() {
        SendBufferPool hostile = Pools.track(SendBufferPool.builder()
                .chunkSize(CHUNK)
                .maxMemory(CHUNKS * CHUNK)
                .stripes(1)
                .errorHandler(e -> doThrow(new StackOverflowError("the handler's, on purpose")))
                .build());
        List<SendQueue> queues = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            SendQueue queue = new SendQueue(QueueLimits.DEFAULT, cause -> doThrow(new OutOfMemoryError("on purpose")));
            offer(queue, hostile, 1);
            queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
            queues.add(queue);
        }
        pass(hostile, 2 * CHUNKS);
        exhaust(hostile, held);

        chunk(hostile).release();

        queues.forEach(SheddingTest::requireShed);
        releaseHeld();
    }

    private static void doThrow(Throwable thrown) {
        if (thrown instanceof Error e) {
            throw e;
        }
        throw (RuntimeException) thrown;
    }

    private SendQueue hooked(Consumer<SlowConsumerException> hook) {
        return hooked(1, hook);
    }

    private SendQueue hooked(int messages, Consumer<SlowConsumerException> hook) {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT, hook);
        offer(queue, pool, messages);
        queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        pass(pool, 2 * CHUNKS);
        return queue;
    }

    /** A thread that sends seldom fills its chunk slowly: a message in it may be as new as any. */
    @Test
    void shouldNotTakeAMessageForOldBecauseItsChunkHasBeenCurrentForLong() throws Exception {
        CompletableFuture<SendBuffer> sent = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        Future<Boolean> thread = Threads.start(() -> {
            sent.complete(pool.acquire(8).putLong(1).seal());
            return over.await(30, TimeUnit.SECONDS); // the chunk of a thread that ended is no thread's current one
        });
        SendBuffer heartbeat = Threads.join(sent);
        SendQueue slow = stalled(pool, 1);
        pass(pool, 2 * CHUNKS);
        SendQueue healthy = new SendQueue();
        healthy.offer(heartbeat);
        healthy.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE));
        exhaust();

        chunk(pool).release();

        requireShed(slow);
        assertFalse(healthy.isClosed());
        healthy.close();
        heartbeat.release();
        over.countDown();
        Threads.join(thread);
        releaseHeld();
    }

    /**
     * The first message's chunk was another thread's current one until just now; what follows it is old nevertheless.
     */
    @Test
    void shouldTakeAQueueForAsOldAsTheOldestOfItsFirstMessages() throws Exception {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(CHUNK / 2)); // one message per write
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            SendBuffer first =
                    other.submit(() -> pool.acquire(CHUNK / 2).seal(CHUNK / 2)).get();
            queue.offer(first);
            first.release();
            offer(queue, pool, 8);
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            pass(pool, 2 * MIN_LAG_IN_CHUNKS);
            exhaust();
            held.remove(0).release();
            held.add(other.submit(() -> chunk(pool)).get()); // only now does it have another one

            SendBuffer next = chunk(pool);

            requireShed(queue);
            next.release();
            releaseHeld();
        } finally {
            other.shutdown();
        }
    }

    /**
     * The first message's chunk stays current for as long as its thread acquires nothing: a heartbeat, for instance.
     */
    @Test
    void shouldNotTakeAQueueForYoungBecauseItsFirstMessageIsInACurrentChunk() throws Exception {
        SendQueue queue = new SendQueue();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            SendBuffer first =
                    other.submit(() -> pool.acquire(CHUNK / 2).seal(CHUNK / 2)).get();
            queue.offer(first);
            offer(queue, pool, 8);
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            pass(pool, 2 * MIN_LAG_IN_CHUNKS);
            exhaust();

            SendBuffer next = chunk(pool);

            requireShed(queue);
            next.release();
            first.release();
            releaseHeld();
        } finally {
            other.shutdown();
        }
    }

    @Test
    void shouldTakeAQueueForAsYoungAsWhatItsLastWriteLeft() {
        SendQueue queue = new SendQueue();
        HostileChannel channel = HostileChannel.takingAll().block(1);
        offer(queue, pool, 3);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        pass(pool, MIN_LAG_IN_CHUNKS);
        SendBuffer last = chunk(pool);
        queue.offer(last);
        pass(pool, 1); // so that it is no longer in the current chunk

        assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(3 * CHUNK)));

        assertEquals(1, queue.queuedMessages());
        assertEquals(last.chunk().ageOpaque(), queue.holder.oldestAge(last.chunk().store));
        queue.close();
        last.release();
    }

    /** There is room for a chunk, and for no buffer of this size. */
    @Test
    void shouldEndOneThatTakesTooLittleForALargeBufferToo() {
        List<SendQueue> keepUp = List.of(new SendQueue(), new SendQueue());
        keepUp.forEach(each -> offer(each, pool, 1));
        keepUp.forEach(each -> assertEquals(FlushResult.DRAINED, each.flush(HostileChannel.takingAll())));
        SendQueue slow = new SendQueue();
        offer(slow, pool, CHUNKS / 2 + 2);
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        assertEquals(FlushResult.BLOCKED, slow.flush(HostileChannel.takingAll().takeAtMost(CHUNK)));

        SendBuffer large = pool.tryAcquire(CHUNKS / 2 * CHUNK + CHUNK);

        assertNotNull(large);
        requireShed(slow);
        large.release();
    }

    /** The clock of a session tries to write in case the system takes bytes without reporting that it is writable. */
    @Test
    void shouldNotTakeATryThatWroteNothingForProgress() {
        List<SendQueue> queues = new ArrayList<>();
        HostileChannel channel = HostileChannel.takingAll();
        for (int i = 0; i < 3; i++) {
            SendQueue queue = new SendQueue();
            queues.add(queue);
            offer(queue, pool, 2);
            channel.takeAtMost(CHUNK / 2); // the last progress
            assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        }
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        channel.block(Integer.MAX_VALUE);
        queues.forEach(queue -> assertEquals(FlushResult.BLOCKED, queue.flush(channel)));
        exhaust();

        chunk(pool).release();

        queues.forEach(SheddingTest::requireShed);
        releaseHeld();
    }

    @Test
    void shouldRefuseTheSenderWhenEverybodyTakesWhatItCan() {
        List<SendQueue> queues = exhaustedByFourThatTook(CHUNK / 2);

        assertNull(pool.tryAcquire(CHUNK));

        queues.forEach(queue -> assertFalse(queue.isClosed()));
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    /**
     * Four queues hold all of the pool's memory, each with messages of its own; their channels took a little just now.
     */
    private List<SendQueue> exhaustedByFourThatTook(int bytes) {
        List<SendQueue> queues = new ArrayList<>();
        HostileChannel channel = HostileChannel.takingAll().takeAtMost(bytes);
        for (int i = 0; i < 4; i++) {
            queues.add(new SendQueue());
            offer(queues.get(i), pool, CHUNKS / 4 - 1);
        }
        queues.forEach(queue -> queue.flush(channel));
        exhaust();
        return queues;
    }

    /**
     * At first the pool does not know that they stopped; one that hands out nothing more would never find out on its
     * own.
     */
    @Test
    void shouldRefuseTheSenderOnlyUntilItIsKnownThatMostStoppedAMomentAgo() {
        List<SendQueue> queues = exhaustedByFourThatTook(CHUNK / 2);
        assertNull(pool.tryAcquire(CHUNK));
        long start = System.nanoTime();

        requireServedWithin(10);

        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= 100, () -> "ended after " + millis + " ms");
        requireShed(queues.get(0));
        assertFalse(queues.get(3).isClosed());
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    @Test
    void shouldNotEndThoseThatGoOnTakingWhatTheyCan() {
        HostileChannel channel = HostileChannel.takingAll().takeAtMost(1);
        List<SendQueue> queues = exhaustedByFourThatTook(1);
        long start = System.nanoTime();
        for (int step = 1; step <= 4; step++) { // one byte each, of a message of 1,024
            queues.forEach(queue -> queue.flush(channel));
            while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(200L * step)) {
                assertNull(pool.tryAcquire(CHUNK));
            }
        }

        queues.forEach(queue -> assertFalse(queue.isClosed()));
        queues.forEach(SendQueue::close);
        releaseHeld();
    }

    @Test
    void shouldEndOneThatTakesTooLittleWhileMostKeepUp() {
        HostileChannel drip = HostileChannel.takingAll().takeAtMost(1);
        List<SendQueue> healthy = List.of(new SendQueue(), new SendQueue(), new SendQueue());
        SendQueue slow = new SendQueue();
        for (int i = 0; i < CHUNKS; i++) {
            try (SendBuffer message = chunk(pool)) {
                slow.offer(message);
                slow.flush(drip);
                healthy.forEach(queue -> queue.offer(message));
            }
            healthy.forEach(queue -> queue.flush(HostileChannel.takingAll()));
        }

        chunk(pool).release();

        requireShed(slow);
        healthy.forEach(queue -> assertFalse(queue.isClosed()));
    }

    @Test
    void shouldMeasureEachPoolByItself() {
        SendBufferPool other = pool(true);
        pass(other, 5 * CHUNKS);
        SendQueue both = stalled(pool, 1);
        offer(both, other, 1);
        SendQueue early = stalled(other, 1);
        pass(other, 2 * CHUNKS);
        pass(pool, MIN_LAG_IN_CHUNKS + 1);
        List<SendBuffer> ofOther = new ArrayList<>();
        exhaust(other, ofOther);

        chunk(other).release();

        requireShed(early);
        requireShed(both); // its second message is of that pool
        assertEquals(0, pool.stats().outstandingBuffers());
        ofOther.forEach(SendBuffer::release);
    }

    /** Each pool of a batch knows the queue, whichever of the messages comes first. */
    @Test
    void shouldEndAQueueThatHasABatchOfSeveralPools() {
        SendBufferPool other = pool(true);
        SendQueue queue = new SendQueue();
        try (SendBuffer first = chunk(other);
                SendBuffer second = chunk(pool);
                SendBatch batch = new SendBatch()) {
            batch.add(first).add(second).seal();
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
            assertEquals(
                    FlushResult.BLOCKED, queue.flush(HostileChannel.takingAll().block(Integer.MAX_VALUE)));
            assertEquals(OfferResult.QUEUED, queue.offer(batch)); // after those that are being written
        }
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();

        chunk(pool).release();

        requireShed(queue);
        releaseHeld();
    }

    @Test
    void shouldNotEndAQueueForTheMessagesOfAnotherPool() {
        SendBufferPool other = pool(true);
        SendQueue both = stalled(other, 1);
        pass(other, MIN_LAG_IN_CHUNKS);
        exhaust();
        for (int i = 0; i < MIN_LAG_IN_CHUNKS / 2; i++) {
            held.remove(0).release();
        }
        offer(both, pool, 1);
        exhaust();

        assertNull(pool.tryAcquire(CHUNK));

        assertFalse(both.isClosed(), "it has lagged for long, but with no message of this pool");
        both.close();
        releaseHeld();
    }

    @Test
    void shouldForgetQueuesThatEndedAndThatWereDropped() throws Exception {
        Holders holders = holdersOf(pool);
        for (int i = 0; i < 10_000; i++) {
            SendQueue queue = new SendQueue();
            offer(queue, pool, 1);
            queue.close();
        }
        assertTrue(holders.size() <= 64, () -> holders.size() + " are known");
        WeakReference<SendQueue> dropped = droppedQueue();
        for (int i = 0; i < 100 && dropped.get() != null; i++) {
            System.gc();
            Thread.sleep(1);
        }
        assertNull(dropped.get());
    }

    private WeakReference<SendQueue> droppedQueue() {
        SendQueue queue = new SendQueue();
        try (SendBuffer message = chunk(pool)) {
            queue.offer(message);
        }
        queue.flush(HostileChannel.takingAll());
        return new WeakReference<>(queue);
    }

    private static Holders holdersOf(SendBufferPool of) {
        try (SendBuffer any = of.acquire(1).seal()) {
            return any.chunk().store.holders();
        }
    }

    @Test
    void shouldKnowAQueueOnceWhoeverOffersFirst() {
        SendBufferPool shared = pool(true);
        Holders holders = holdersOf(shared);
        for (int round = 0; round < 50; round++) {
            SendQueue queue = new SendQueue();
            int before = holders.size();
            try (SendBuffer message = shared.acquire(8).putLong(1).seal()) {
                Threads.runTogether(2, index -> queue.offer(message));
            }
            assertEquals(1, holders.size() - before);
            queue.close();
        }
    }

    @Test
    void shouldEndNobodyThatIsWellWhenTheApplicationHoldsAll() {
        SendQueue healthy = new SendQueue();
        offer(healthy, pool, 4);
        healthy.flush(HostileChannel.takingAll());
        exhaust();

        long start = System.nanoTime();
        int refused = 10_000;
        for (int i = 0; i < refused; i++) {
            assertNull(pool.tryAcquire(CHUNK));
        }
        long nanosEach = (System.nanoTime() - start) / refused;

        assertFalse(healthy.isClosed());
        assertTrue(nanosEach < 20_000, () -> nanosEach + " ns each");
        healthy.close();
        releaseHeld();
    }

    /** The time between two searches bounds the cost of refusals, with any number of queues. */
    @Test
    void shouldSearchSeldomWhenThereIsNobodyToEnd() {
        List<SendQueue> queues = new ArrayList<>();
        SendBuffer message = pool.acquire(8).putLong(1).seal();
        for (int i = 0; i < 10_000; i++) {
            SendQueue queue = new SendQueue();
            queue.offer(message);
            queues.add(queue);
        }
        exhaust();
        assertNull(pool.tryAcquire(CHUNK));

        int refused = 100_000;
        long start = System.nanoTime();
        for (int i = 0; i < refused; i++) {
            assertNull(pool.tryAcquire(CHUNK));
        }
        long nanosEach = (System.nanoTime() - start) / refused;

        assertTrue(nanosEach < 20_000, () -> nanosEach + " ns each, with 10,000 queues");
        queues.forEach(SendQueue::close);
        message.release();
        releaseHeld();
    }

    @Test
    void shouldNotifyAHookWithoutItsQueueInTheWayOfTheSender() {
        AtomicInteger nested = new AtomicInteger();
        SendQueue[] itself = new SendQueue[1];
        itself[0] = hooked(cause -> {
            itself[0].close();
            SendBuffer inner = pool.tryAcquire(CHUNK); // a hook may do what its thread may
            if (inner != null) {
                nested.incrementAndGet();
                inner.release();
            }
        });
        exhaust();

        chunk(pool).release();

        assertEquals(1, nested.get());
        releaseHeld();
    }
}
