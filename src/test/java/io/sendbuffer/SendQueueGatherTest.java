/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.neighbors;
import static io.sendbuffer.TextMessages.offerAll;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.HostileChannel.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What one write consists of: neighbors become one entry, one entry is a plain write, and the limits hold. */
class SendQueueGatherTest {
    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();

    @Test
    void shouldWriteManyNeighborsAsOnePlainEntry() {
        SendQueue queue = new SendQueue();
        StringBuilder expected = new StringBuilder();
        List<SendBuffer> messages = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            String text = "message " + i + ";";
            expected.append(text);
            messages.add(TextMessages.text(pool, text));
        }
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(expected.toString(), textOf(channel));
        assertEquals(List.of(new Call(true, 1, expected.length(), expected.length())), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldGatherMessagesThatAreNotNeighbors() {
        SendQueue queue = new SendQueue();
        List<SendBuffer> messages = separate(pool, "ab", "cd", "ef");
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcdef", textOf(channel));
        assertEquals(List.of(new Call(false, 3, 6, 6)), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldNotMergeMessagesThatAreOfferedOutOfTheirOrderInMemory() {
        SendQueue queue = new SendQueue();
        List<SendBuffer> messages = neighbors(pool, "ab", "cd", "ef", "gh");
        offerAll(queue, List.of(messages.get(1), messages.get(0), messages.get(2), messages.get(3), messages.get(3)));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("cdabefghgh", textOf(channel));
        assertEquals(List.of(new Call(false, 4, 10, 10)), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldNotMergeAcrossChunks() {
        SendBufferPool twoChunks = Pools.track(
                SendBufferPool.builder().chunkSize(1_024).maxMemory(2_048).build());
        SendQueue queue = new SendQueue();
        byte[] first = new byte[1_024];
        byte[] second = new byte[1_024];
        new SplittableRandom(1).nextBytes(first);
        new SplittableRandom(2).nextBytes(second);
        List<SendBuffer> messages = List.of(
                twoChunks.acquire(1_024).putBytes(first).seal(),
                twoChunks.acquire(1_024).putBytes(second).seal());
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(List.of(new Call(false, 2, 2_048, 2_048)), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldContinueAMergedEntryWhereAPartialWriteEnded() {
        SendQueue queue = new SendQueue();
        List<SendBuffer> messages = neighbors(pool, "ab", "cd", "ef");
        offerAll(queue, messages);
        channel.takeAtMost(3);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcdef", textOf(channel));
        assertEquals(List.of(new Call(true, 1, 6, 3), new Call(true, 1, 3, 3)), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldHandOverNoMoreEntriesThanTheLimit() {
        for (int limit : new int[] {1, 2, 3, 5, 1_024}) {
            SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxEntriesPerWrite(limit));
            HostileChannel receiver = HostileChannel.takingAll();
            List<SendBuffer> messages = separate(pool, "a", "b", "c", "d", "e", "f", "g");
            offerAll(queue, messages);
            assertEquals(FlushResult.DRAINED, queue.flush(receiver));
            assertEquals("abcdefg", textOf(receiver));
            int writes = (messages.size() + limit - 1) / limit;
            assertEquals(writes, receiver.calls().size(), "limit " + limit);
            for (Call call : receiver.calls()) {
                assertTrue(call.entries() <= limit, call::toString);
                assertEquals(call.entries() == 1, call.plain(), call::toString);
            }
            releaseAll(messages);
        }
    }

    @Test
    void shouldCountARunOfNeighborsAsOneEntry() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxEntriesPerWrite(2));
        List<SendBuffer> messages = new ArrayList<>(neighbors(pool, "a", "b", "c"));
        pool.acquire(1).release(); // a gap
        messages.addAll(neighbors(pool, "d", "e"));
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcde", textOf(channel));
        assertEquals(List.of(new Call(false, 2, 5, 5)), channel.calls());
        releaseAll(messages);
    }

    @Test
    void shouldHandOverNoMoreBytesThanTheLimit() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(5));
        List<SendBuffer> messages = new ArrayList<>(neighbors(pool, "ab", "cd", "ef"));
        messages.addAll(separate(pool, "gh", "ij"));
        offerAll(queue, messages);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abcdefghij", textOf(channel));
        for (Call call : channel.calls()) {
            assertTrue(call.offered() <= 5, call::toString);
        }
        assertEquals(2, channel.calls().size(), () -> channel.calls().toString());
        releaseAll(messages);
    }

    @Test
    void shouldWriteAMessageLargerThanTheByteLimitInPieces() {
        int limit = 1_000;
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(limit));
        byte[] large = new byte[10 * limit + 1];
        new SplittableRandom(large.length).nextBytes(large);
        SendBuffer message = pool.acquire(large.length).putBytes(large).seal();
        queue.offer(message);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertArrayEquals(large, channel.bytes());
        assertEquals(11, channel.calls().size());
        assertEquals(1, message.referenceCount());
        message.release();
    }

    @Test
    void shouldDrainMoreMessagesThanOneWindowHolds() {
        SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxEntriesPerWrite(7));
        long seed = TestSeed.next();
        HostileChannel hostile = HostileChannel.seeded(seed);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            String text = i + ",";
            expected.append(text);
            // Every third leaves a gap.
            try (SendBuffer message = pool.acquire(i % 3 == 0 ? text.length() : 12)
                            .putAscii(text)
                            .seal();
                    SendBuffer gap = pool.acquire(i % 3)) {
                assertEquals(OfferResult.QUEUED, queue.offer(message));
                assertEquals(i % 3, gap.capacity());
            }
        }
        while (queue.flush(hostile) != FlushResult.DRAINED) {
            assertEquals(expected.length() - hostile.byteCount(), queue.queuedBytes(), TestSeed.hint(seed));
        }
        assertEquals(expected.toString(), textOf(hostile), TestSeed.hint(seed));
    }
}
