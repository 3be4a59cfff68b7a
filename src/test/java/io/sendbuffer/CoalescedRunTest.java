/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Neighbors in a batch are written as one message, and each of them comes back as if it had been sent alone. */
class CoalescedRunTest {
    private static final int CHUNK = 4_096;

    private final List<Throwable> errors = new ArrayList<>();
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(64 * CHUNK)
            .errorHandler(errors::add)
            .build());
    private final SendQueue queue = new SendQueue();
    private final SendBatch batch = new SendBatch();
    private final HostileChannel channel = HostileChannel.takingAll();

    private SendBatch batchOf(List<SendBuffer> messages) {
        messages.forEach(batch::add);
        return batch.seal();
    }

    /** Offers the messages, and returns how many the queue counts. */
    private int offer(List<SendBuffer> messages) {
        assertEquals(OfferResult.QUEUED, queue.offer(batchOf(messages)));
        return queue.queuedMessages();
    }

    private void requireSent(List<SendBuffer> messages, String expected) {
        batch.clear();
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(expected, textOf(channel));
        assertOnlyOurs(messages);
        releaseAll(messages);
        assertEquals(0, pool.stats().outstandingBuffers());
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldBeOneMessageForTheQueueAndHoldOneReferenceToEach() {
        List<SendBuffer> messages = neighbors(pool, "ab", "cde", "f");
        assertEquals(1, offer(messages));
        assertEquals(6, queue.queuedBytes());
        messages.forEach(message -> assertEquals(2, message.referenceCount()));
        assertEquals(4, pool.stats().outstandingBuffers(), "one without bytes of its own");
        assertEquals(6, pool.stats().inUseBytes());
        requireSent(messages, "abcdef");
        assertEquals(1, channel.calls().size());
    }

    @Test
    void shouldMakeOneOfEachRunAndLeaveTheOthersAlone() {
        List<SendBuffer> messages = neighbors(pool, "a", "b");
        messages.addAll(separate(pool, "c", "d"));
        messages.addAll(neighbors(pool, "e", "f", "g"));
        messages.add(messages.get(0).retain());
        assertEquals(3, offer(messages), "abc, defg, a");
        batch.clear();
        messages.remove(messages.size() - 1).release();
        requireSent(messages, "abcdefga");
    }

    @Test
    void shouldComeBackOnlyAfterTheBatchAndEveryQueueReleasedIt() {
        List<SendBuffer> messages = neighbors(pool, "a", "b");
        SendQueue other = new SendQueue();
        offer(messages);
        other.offer(batch);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        batch.clear();
        messages.forEach(message -> assertEquals(2, message.referenceCount()));
        other.close();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldStayInPlaceWhenAWriteCutsACoveredMessage() {
        List<SendBuffer> messages = neighbors(pool, "abc", "def", "ghi");
        offer(messages);
        batch.clear();
        for (int left = 5; left > 0; left -= 4) {
            assertEquals(FlushResult.BLOCKED, queue.flush(channel.takeAtMost(4)));
            assertEquals(left, queue.queuedBytes());
            messages.forEach(message -> assertEquals(2, message.referenceCount(), "not before its end is written"));
        }
        requireSent(messages, "abcdefghi");
    }

    @Test
    void shouldNotifyEachCoveredMessagesListenerOfHowManyQueuesEnded() {
        List<String> notified = new ArrayList<>();
        List<SendBuffer> messages = neighbors(pool, "a", "b", "c");
        messages.get(0).onRelease(unwritten -> notified.add("a" + unwritten));
        messages.get(2).onRelease(unwritten -> notified.add("c" + unwritten));
        SendQueue closed = new SendQueue();
        SendQueue failing = new SendQueue();
        offer(messages);
        closed.offer(batch);
        failing.offer(batch);
        batch.clear();
        releaseAll(messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        closed.close();
        assertEquals(List.of(), notified);
        HostileChannel broken = HostileChannel.takingAll().failAfter(2);
        assertEquals(FlushResult.CLOSED, failing.flush(broken));
        assertEquals(List.of("a2", "c2"), notified);
    }

    @Test
    void shouldGiveTheOthersBackWhenACoveredMessageWasReleasedTooOften() {
        List<SendBuffer> messages = neighbors(pool, "a", "b", "c");
        offer(messages);
        batch.clear();
        messages.get(1).release(2);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(1, messages.get(0).referenceCount());
        assertEquals(1, messages.get(2).referenceCount());
        assertEquals(1, errors.size(), () -> "reported " + errors);
        messages.get(0).release();
        messages.get(2).release();
        assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()), "the batch can be used again");
        batch.clear();
    }

    @Test
    void shouldSendThemOneByOneWhenTheyAreOfAnotherThread() {
        List<SendBuffer> messages = new ArrayList<>();
        Threads.runInThreadThatDies(() -> messages.addAll(neighbors(pool, "a", "b")));
        assertEquals(2, offer(messages));
        requireSent(messages, "ab");
    }

    @Test
    void shouldSendThemOneByOneWhenTheirChunkWasLeft() {
        List<SendBuffer> messages = neighbors(pool, "a", "b");
        pool.acquire(CHUNK).release();
        assertEquals(2, offer(messages));
        requireSent(messages, "ab");
    }

    @Test
    void shouldBeOneMessageOfAStripeToo() {
        List<SendBuffer> messages = new ArrayList<>();
        for (String text : List.of("a", "b", "c")) {
            SendBuffer message = pool.allocateFromStripe(0, 10, 1);
            assertNotNull(message);
            messages.add(message.putAscii(text).seal());
        }
        assertEquals(1, offer(messages));
        requireSent(messages, "abc");
    }

    /** A chunk has one slice object for each 32 bytes. */
    @Test
    void shouldSendThemOneByOneWhenTheSlicesOfTheirChunkAreUsedUp() {
        String[] texts = new String[CHUNK / 32];
        Arrays.fill(texts, "x");
        List<SendBuffer> messages = neighbors(pool, texts);
        assertEquals(texts.length, offer(messages));
        requireSent(messages, "x".repeat(texts.length));
    }

    @Test
    void shouldNotBeUsedAgainWhileItWaits() {
        List<SendBuffer> first = neighbors(pool, "a", "b");
        offer(first);
        batch.clear();
        List<SendBuffer> second = neighbors(pool, "c", "d");
        offer(second);
        batch.clear();
        first.forEach(message -> assertEquals(2, message.referenceCount()));
        second.forEach(message -> assertEquals(2, message.referenceCount()));
        releaseAll(first);
        requireSent(second, "abcd");
    }

    @Test
    void shouldGiveEverythingBackWhateverIsSentAndWritten() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        HostileChannel hostile = HostileChannel.seeded(seed);
        StringBuilder expected = new StringBuilder();
        for (int round = 0; round < 3_000; round++) {
            for (int i = random.nextInt(12); i > 0; i--) {
                String text = "m" + round + "." + i;
                SendBuffer message = pool.tryAcquire(20 + random.nextInt(20));
                if (message == null) {
                    break;
                }
                expected.append(text);
                batch.add(message.putAscii(text).seal());
                message.release();
                if (random.nextInt(6) == 0) {
                    pool.acquire(5).release();
                }
            }
            assertEquals(OfferResult.QUEUED, queue.offer(batch.seal()), () -> TestSeed.hint(seed));
            batch.clear();
            if (random.nextInt(3) == 0) {
                queue.flush(hostile);
            }
        }
        while (queue.flush(hostile) != FlushResult.DRAINED) {
            assertEquals(false, queue.isClosed(), () -> TestSeed.hint(seed));
        }
        assertEquals(expected.toString(), textOf(hostile), () -> TestSeed.hint(seed));
        assertEquals(0, pool.stats().outstandingBuffers(), () -> TestSeed.hint(seed));
        try (SendBuffer last = text(pool, "last")) {
            assertEquals(1, last.referenceCount());
        }
    }
}
