/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.assertOnlyOurs;
import static io.sendbuffer.TextMessages.releaseAll;
import static io.sendbuffer.TextMessages.separate;
import static io.sendbuffer.TextMessages.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a batch holds, and what it releases. */
class SendBatchTest {
    private final SendBufferPool pool = Pools.create();
    private final SendBatch batch = new SendBatch();

    private static void addAll(SendBatch batch, List<SendBuffer> messages) {
        messages.forEach(batch::add);
    }

    @Test
    void shouldBeEmptyAtFirst() {
        assertTrue(batch.isEmpty());
        assertEquals(0, batch.size());
        assertEquals(0, batch.bytes());
        assertEquals("SendBatch[0 messages, 0 bytes]", batch.toString());
        batch.clear();
        batch.seal().retain(3);
        batch.release(3);
        batch.clear();
    }

    @Test
    void shouldHoldAReferenceOfItsOwnToEachMessageUntilItIsCleared() {
        List<SendBuffer> messages = separate(pool, "one", "three");
        addAll(batch, messages);
        assertFalse(batch.isEmpty());
        assertEquals(2, batch.size());
        assertEquals(8, batch.bytes());
        assertEquals("SendBatch[2 messages, 8 bytes]", batch.toString());
        messages.forEach(message -> assertEquals(2, message.referenceCount()));

        releaseAll(messages);
        assertEquals(2, pool.stats().outstandingBuffers(), "the batch keeps them");
        batch.clear();
        assertTrue(batch.isEmpty());
        assertEquals(0, batch.bytes());
        assertEquals(0, pool.stats().outstandingBuffers());
        batch.clear();
    }

    @Test
    void shouldReleaseEverythingWhenItIsClosedAndBeUsableAgain() {
        SendBuffer message = text(pool, "again");
        for (int round = 0; round < 3; round++) {
            try (SendBatch tick = batch.add(message)) {
                assertEquals(1, tick.size());
                assertEquals(2, message.referenceCount());
            }
            assertEquals(1, message.referenceCount());
        }
        message.release();
    }

    @Test
    void shouldLeaveMessagesOfNoBytesOut() {
        try (SendBuffer empty = pool.acquire(10).seal()) {
            batch.add(empty).add(empty);
            assertTrue(batch.isEmpty());
            assertEquals(1, empty.referenceCount());
        }
    }

    @Test
    void shouldRefuseAMessageThatIsNotSealedOrWasReleasedAndKeepNothingOfIt() {
        SendBuffer good = text(pool, "good");
        batch.add(good);
        try (SendBuffer unsealed = pool.acquire(8).putLong(1)) {
            assertThrows(IllegalStateException.class, () -> batch.add(unsealed));
            assertEquals(1, unsealed.referenceCount());
        }
        SendBuffer released = text(pool, "released");
        released.release();
        assertThrows(IllegalStateException.class, () -> batch.add(released));
        assertEquals(1, batch.size());
        assertEquals(4, batch.bytes());
        batch.clear();
        assertEquals(1, good.referenceCount());
        good.release();
    }

    @Test
    void shouldRefuseAMessageWithoutRoomForAReferenceAndKeepNothingOfIt() {
        SendBuffer full = text(pool, "full").retain(Integer.MAX_VALUE - 1);
        assertThrows(IllegalStateException.class, () -> batch.add(full));
        assertTrue(batch.isEmpty());
        assertEquals(0, batch.bytes());
        full.release(Integer.MAX_VALUE);
    }

    @Test
    void shouldHoldTheSameMessageAsOftenAsItWasAdded() {
        SendBuffer message = text(pool, "twice");
        batch.add(message).add(message);
        assertEquals(3, message.referenceCount());
        assertEquals(10, batch.bytes());
        batch.seal().retain(5);
        assertEquals(13, message.referenceCount());
        batch.release(5);
        batch.clear();
        assertEquals(1, message.referenceCount());
        message.release();
    }

    @Test
    void shouldTakeAndReleaseReferencesToEveryMessage() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        addAll(batch, messages);
        batch.seal().retain(4);
        messages.forEach(message -> assertEquals(6, message.referenceCount()));
        batch.release(3);
        messages.forEach(message -> assertEquals(3, message.referenceCount()));
        batch.release(1);
        batch.clear();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    @Test
    void shouldRefuseToTakeOrReleaseLessThanOneReference() {
        try (SendBuffer message = text(pool, "a")) {
            batch.add(message).seal();
            assertThrows(IllegalArgumentException.class, () -> batch.retain(0));
            assertThrows(IllegalArgumentException.class, () -> batch.release(-1));
            assertEquals(2, message.referenceCount());
            batch.clear();
        }
    }

    @Test
    void shouldTakeNothingWhenTheCountOfAMessageInTheMiddleWouldPassItsLimit() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c", "d");
        addAll(batch, messages);
        batch.seal();
        messages.get(2).retain(Integer.MAX_VALUE - 10);
        assertThrows(IllegalStateException.class, () -> batch.retain(9));
        List<Integer> counts = messages.stream().map(SendBuffer::referenceCount).toList();
        assertEquals(List.of(2, 2, Integer.MAX_VALUE - 8, 2), counts);
        batch.retain(8);
        batch.release(8);
        messages.get(2).release(Integer.MAX_VALUE - 10);
        batch.clear();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }

    /** A surplus release took the reference that the batch relied on. */
    @Test
    void shouldGiveTheOthersBackWhenAMessageWasReleasedTooOftenElsewhere() {
        List<SendBuffer> messages = separate(pool, "a", "b", "c");
        addAll(batch, messages);
        batch.seal().retain(2);
        messages.get(1).release(3); // leaves one of the two that the next line releases
        assertThrows(IllegalStateException.class, () -> batch.release(2));
        assertEquals(
                List.of(2, 1, 2),
                messages.stream().map(SendBuffer::referenceCount).toList());
        batch.clear();
        messages.get(0).release();
        messages.get(2).release();
    }

    @Test
    void shouldGiveTheOthersBackWhenItIsClearedThoughAMessageWasReleasedTooOftenElsewhere() {
        requireAllButOneReleased(false);
        requireAllButOneReleased(true);
    }

    private void requireAllButOneReleased(boolean sealed) {
        int count = 5;
        List<SendBuffer> messages = separate(pool, "a", "b", "c", "d", "e");
        addAll(batch, messages);
        if (sealed) {
            batch.seal();
        }
        messages.get(count / 2).release(2);
        assertThrows(IllegalStateException.class, batch::clear);
        assertTrue(batch.isEmpty());
        assertEquals(0, batch.bytes());
        messages.remove(count / 2);
        assertOnlyOurs(messages);
        releaseAll(messages);
        batch.clear();
    }

    /** The listener of one message may start the next batch with the same object, and even send it. */
    @Test
    void shouldKeepWhatAReleaseListenerAddsWhileItIsCleared() {
        for (boolean sealed : new boolean[] {false, true}) {
            List<SendBuffer> next = separate(pool, "w", "x", "y", "z");
            List<SendBuffer> messages = new ArrayList<>();
            for (String text : List.of("a", "b", "c")) {
                messages.add(pool.acquire(10).putAscii(text));
            }
            messages.get(0).seal().onRelease(unwritten -> {
                addAll(batch, next);
                batch.seal();
            });
            messages.get(1).seal();
            messages.get(2).seal();
            addAll(batch, messages);
            messages.get(0).release();
            if (sealed) {
                batch.seal();
            }
            batch.clear();
            assertEquals(1, messages.get(1).referenceCount(), "released");
            assertEquals(1, messages.get(2).referenceCount(), "released");
            assertEquals(4, batch.size());
            next.forEach(message -> assertEquals(2, message.referenceCount()));
            batch.clear();
            assertOnlyOurs(next);
            releaseAll(next);
            messages.get(1).release();
            messages.get(2).release();
        }
    }

    @Test
    void shouldRefuseToBeSentBeforeItIsSealedAndToGrowAfterwards() {
        SendQueue queue = new SendQueue();
        try (SendBuffer message = text(pool, "a")) {
            batch.add(message);
            assertThrows(IllegalStateException.class, () -> queue.offer(batch));
            assertThrows(IllegalStateException.class, () -> queue.offerRetained(batch));
            assertThrows(IllegalStateException.class, () -> batch.retain(1));
            assertThrows(IllegalStateException.class, () -> batch.release(1));
            assertEquals(2, message.referenceCount());
            batch.seal().seal();
            assertThrows(IllegalStateException.class, () -> batch.add(message));
            assertEquals("SendBatch[1 messages, 1 bytes, sealed]", batch.toString());
            assertEquals(OfferResult.QUEUED, queue.offer(batch));
            batch.clear();
            batch.add(message);
            assertThrows(IllegalStateException.class, () -> queue.offer(batch), "a cleared batch is not sealed");
            batch.clear();
            queue.close();
            assertEquals(1, message.referenceCount());
        }
    }

    @Test
    void shouldGrowToAnySize() {
        List<SendBuffer> messages = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            messages.add(text(pool, "message " + i));
        }
        addAll(batch, messages);
        assertEquals(5_000, batch.size());
        assertEquals(messages.stream().mapToLong(SendBuffer::length).sum(), batch.bytes());
        batch.clear();
        assertOnlyOurs(messages);
        releaseAll(messages);
    }
}
