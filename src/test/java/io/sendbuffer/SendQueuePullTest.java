/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.TextMessages.text;
import static io.sendbuffer.TextMessages.textOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** A queue that asks for the newest values of marked keys when it drains. */
class SendQueuePullTest {
    private static final int KEYS = 200;

    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();
    private final SendQueue queue = new SendQueue();
    private final List<Integer> asked = new ArrayList<>();

    /** Each value is the letter of its key. */
    private SendBuffer letter(int key) {
        asked.add(key);
        return text(pool, String.valueOf((char) ('a' + key)));
    }

    private void offer(String text) {
        try (SendBuffer message = text(pool, text)) {
            assertEquals(OfferResult.QUEUED, queue.offer(message));
        }
    }

    private void mark(int... keys) {
        for (int key : keys) {
            assertTrue(queue.mark(key));
        }
    }

    @Test
    void shouldAskOnceForAllMarksOfAKey() {
        queue.pullFrom(this::letter, KEYS);
        mark(1, 0, 1, 1);
        assertTrue(queue.hasMarks());
        assertTrue(queue.hasWork());
        assertEquals(List.of(), asked, "nobody asks before the drain");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("ab", textOf(channel));
        assertEquals(2, queue.conflatedMarks());
        assertFalse(queue.hasMarks());
        assertFalse(queue.hasWork());
        assertEquals(2, queue.stats().writtenMessages());
        assertEquals(2, queue.bytesWritten());
        queue.close();
    }

    @Test
    void shouldKeepNothingForAReceiverThatTakesNothing() {
        queue.pullFrom(this::letter, 2);
        channel.block(1_000);
        for (int i = 0; i < 1_000; i++) {
            mark(0, 1);
            assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        }
        assertEquals(2, queue.queuedMessages(), "the write that waits");
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("abab", textOf(channel), "what waited, and then the newest");
        assertEquals(1_996, queue.conflatedMarks());
        queue.close();
    }

    @Test
    void shouldAskAgainForAKeyThatIsMarkedWhileItsValueIsAskedFor() {
        AtomicInteger times = new AtomicInteger();
        queue.pullFrom(
                key -> {
                    if (times.incrementAndGet() == 1) {
                        mark(key);
                    }
                    return letter(key);
                },
                KEYS);
        mark(3);
        queue.flush(channel);
        assertEquals("dd", textOf(channel));
        queue.close();
    }

    @Test
    void shouldGiveEachKeyItsTurnThoughTheFirstOnesAreMarkedAgainAndAgain() {
        QueueLimits small = QueueLimits.DEFAULT.withMaxBytesPerWrite(2);
        SendQueue narrow = new SendQueue(small);
        narrow.pullFrom(
                key -> {
                    narrow.mark(0);
                    narrow.mark(1);
                    return letter(key);
                },
                KEYS);
        for (int key = 0; key < 20; key++) {
            narrow.mark(key);
        }
        assertEquals(FlushResult.MORE, narrow.flush(channel, 20));
        for (int key = 0; key < 20; key++) {
            assertTrue(asked.contains(key), key + " of " + asked);
        }
        narrow.close();
    }

    @Test
    void shouldPutANoticeWhereTheLossIsThoughValuesHaveTheirTurnBefore() {
        SendQueue lossy = new SendQueue(new QueueLimits(10, 100, 4, 4));
        lossy.overrunPolicy(OverrunPolicy.skip(gap -> text(pool, "<" + gap.messages() + ">")));
        lossy.pullFrom(this::letter, KEYS);
        List<SendBuffer> messages = new ArrayList<>();
        messages.add(text(pool, "0"));
        messages.add(
                pool.acquire(1).putAscii("1").messageClass(MessageClass.CONTROL).seal());
        messages.add(text(pool, "23456789"));
        messages.add(text(pool, "abc"));
        assertEquals(OfferResult.QUEUED, lossy.offer(messages.get(0)));
        lossy.mark(25);
        assertEquals(FlushResult.BLOCKED, lossy.flush(channel.block(1)));
        for (SendBuffer message : messages.subList(1, 4)) {
            assertEquals(OfferResult.QUEUED, lossy.offer(message));
        }
        assertEquals(1, lossy.droppedMessages());
        assertEquals(FlushResult.DRAINED, lossy.flush(channel));
        assertEquals("0z1<1>abc", textOf(channel));
        messages.forEach(SendBuffer::release);
        lossy.close();
    }

    @Test
    void shouldLetMessagesAndValuesTakeTurnsMessagesFirst() {
        SendQueue narrow = new SendQueue(QueueLimits.DEFAULT.withMaxBytesPerWrite(2));
        narrow.pullFrom(this::letter, KEYS);
        for (int i = 0; i < 6; i++) {
            try (SendBuffer message = text(pool, String.valueOf(i))) {
                narrow.offer(message);
            }
            narrow.mark(i);
        }
        assertEquals(FlushResult.DRAINED, narrow.flush(channel));
        assertEquals("01ab23cd45ef", textOf(channel));
        narrow.close();
    }

    @Test
    void shouldWriteTheRestOfAValueBeforeAMessage() {
        queue.pullFrom(key -> text(pool, "value"), KEYS);
        channel.takeAtMost(2);
        mark(0);
        assertEquals(FlushResult.BLOCKED, queue.flush(channel));
        offer("message");
        while (queue.flush(channel) == FlushResult.BLOCKED) {}
        assertEquals("valuemessage", textOf(channel));
        queue.close();
    }

    @Test
    void shouldEndWithWhatTheSourceThrows() {
        IllegalStateException thrown = new IllegalStateException("on purpose");
        queue.pullFrom(
                key -> {
                    if (key == 2) {
                        throw thrown;
                    }
                    return letter(key);
                },
                KEYS);
        mark(0, 1, 2, 3);
        offer("m");
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertSame(thrown, queue.failure());
        assertEquals("m", textOf(channel));
        assertEquals(0, queue.queuedMessages());
        assertFalse(queue.mark(0));
    }

    @Test
    void shouldEndWithAnErrorOfTheSourceAndThrowIt() {
        OutOfMemoryError thrown = new OutOfMemoryError("on purpose");
        queue.pullFrom(
                key -> {
                    if (key == 1) {
                        throw thrown;
                    }
                    return letter(key);
                },
                KEYS);
        mark(0, 1);
        assertSame(thrown, assertThrows(OutOfMemoryError.class, () -> queue.flush(channel)));
        assertSame(thrown, queue.failure());
    }

    @Test
    void shouldEndIfAValueIsNotSealed() {
        queue.pullFrom(key -> pool.acquire(1).putByte(1), KEYS);
        mark(0);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        Throwable failure = queue.failure();
        assertTrue(failure instanceof IllegalStateException, () -> "failure: " + failure);
    }

    @Test
    void shouldLeaveOutKeysWithoutAValue() {
        queue.pullFrom(key -> key == 1 ? null : key == 2 ? pool.acquire(1).seal() : letter(key), KEYS);
        mark(0, 1, 2, 3);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("ad", textOf(channel));
        mark(1, 2);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        queue.close();
    }

    /** No value is no promise of one: a source that has none for want of memory marks the key again itself. */
    @Test
    void shouldAskAgainForAKeyWithoutAValueWhenItIsMarkedAgainAndNotBefore() {
        boolean[] isExhausted = {true};
        queue.pullFrom(
                key -> {
                    asked.add(key);
                    return isExhausted[0] ? null : text(pool, String.valueOf(key));
                },
                KEYS);
        mark(7, 8);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals(List.of(7, 8), asked);
        assertFalse(queue.hasMarks(), "it would be asked for again and again, for nothing");
        isExhausted[0] = false;
        mark(9);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("9", textOf(channel), "7 and 8 are not asked for by a mark of another key");
        mark(7);
        assertEquals(FlushResult.DRAINED, queue.flush(channel));
        assertEquals("97", textOf(channel));
        assertEquals(0, queue.conflatedMarks());
        queue.close();
    }

    @Test
    void shouldWriteWhatWasMarkedBeforeAFinishAndRefuseWhatComesAfter() {
        queue.pullFrom(this::letter, KEYS);
        mark(4, 5);
        queue.finish();
        assertFalse(queue.mark(6));
        assertFalse(queue.isWrittenToTheEnd());
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals("ef", textOf(channel));
        assertTrue(queue.isWrittenToTheEnd());
    }

    @Test
    void shouldGiveBackWhatItAskedForIfTheSourceClosesIt() {
        queue.pullFrom(
                key -> {
                    queue.close();
                    return letter(key);
                },
                KEYS);
        mark(0, 1);
        assertEquals(FlushResult.CLOSED, queue.flush(channel));
        assertEquals("", textOf(channel));
        assertEquals(0, queue.unwrittenMessages());
    }

    @Test
    void shouldShareAValueThatOthersHaveToo() {
        SendBuffer shared = text(pool, "s");
        queue.pullFrom(
                key -> {
                    shared.retain();
                    return shared;
                },
                KEYS);
        mark(0, 1);
        queue.flush(channel);
        assertEquals("ss", textOf(channel));
        assertEquals(1, shared.referenceCount());
        shared.release();
        queue.close();
    }

    @Test
    void shouldBeginAndCompleteWritesOfValues() {
        queue.pullFrom(this::letter, KEYS);
        offer("m");
        mark(0);
        assertEquals(1, queue.beginWrite());
        mark(1);
        assertEquals(1, queue.completeWrite(1), "values, after the message");
        assertEquals(List.of(0, 1), asked);
        mark(2);
        assertEquals(0, queue.beginWrite(), "a write is pending");
        assertEquals(1, queue.completeWrite(2));
        assertEquals(List.of(0, 1, 2), asked);
        assertEquals(0, queue.completeWrite(1));
        assertEquals(0, queue.queuedMessages());
        queue.close();
    }

    @Test
    void shouldRefuseWrongUse() {
        assertThrows(IllegalStateException.class, () -> queue.mark(0));
        assertFalse(queue.hasKey(0));
        assertThrows(IllegalArgumentException.class, () -> queue.pullFrom(this::letter, 0));
        queue.pullFrom(this::letter, 3);
        assertThrows(IllegalStateException.class, () -> queue.pullFrom(this::letter, 3));
        assertThrows(IllegalArgumentException.class, () -> queue.mark(-1));
        assertThrows(IllegalArgumentException.class, () -> queue.mark(3));
        assertTrue(queue.hasKey(2));
        assertFalse(queue.hasKey(3));
        assertFalse(queue.hasKey(-1));
        queue.close();
    }

    @Test
    void shouldNotTakeValuesForOlderMessagesWhereTheAgeIsLimited() {
        SendQueue limited = new SendQueue(QueueLimits.DEFAULT.withMaxAge(Duration.ofSeconds(1)));
        limited.overrunPolicy(OverrunPolicy.skip());
        limited.pullFrom(this::letter, KEYS);
        HostileChannel narrow = HostileChannel.takingAll().takeAtMost(2);
        try (SendBuffer message = text(pool, "old")) {
            limited.offer(message);
        }
        long start = System.nanoTime();
        assertFalse(limited.isOverdue(start));
        limited.mark(0);
        limited.mark(1);
        limited.flush(narrow); // a part of the message
        assertTrue(limited.isOverdue(start + Duration.ofSeconds(2).toNanos()));
        limited.flush(narrow);
        narrow.takeAtMost(1);
        limited.flush(narrow);
        assertFalse(limited.isOverdue(start + Duration.ofSeconds(3).toNanos()), "values only");
        assertEquals("old", textOf(narrow).substring(0, 3));
        limited.close();
    }

    /** A random channel, random marks and messages: for each key a sequence that ends with the newest value. */
    @Test
    void shouldEndWithTheNewestValueOfEachKeyWhateverTheChannelTakes() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        HostileChannel hostile = HostileChannel.seeded(random.nextLong());
        AtomicIntegerArray table = new AtomicIntegerArray(KEYS);
        queue.pullFrom(
                key -> pool.acquire(5).putByte(key).putInt(table.get(key)).seal(), KEYS);
        int messages = 0;
        for (int i = 0; i < 5_000; i++) {
            int key = random.nextInt(KEYS);
            table.incrementAndGet(key);
            mark(key);
            if (random.nextInt(10) == 0) {
                try (SendBuffer message =
                        pool.acquire(5).putByte(KEYS).putInt(messages++).seal()) {
                    assertEquals(OfferResult.QUEUED, queue.offer(message));
                }
            }
            if (random.nextInt(3) == 0) {
                queue.flush(hostile, 1 + random.nextInt(1_000));
            }
        }
        while (queue.flush(hostile) != FlushResult.DRAINED) {}
        requireNewest(hostile, table, messages, TestSeed.hint(seed));
        queue.close();
    }

    private void requireNewest(HostileChannel hostile, AtomicIntegerArray table, int messages, String hint) {
        ByteBuffer bytes = ByteBuffer.wrap(hostile.bytes());
        int[] last = new int[KEYS + 1];
        Arrays.fill(last, -1);
        int values = 0;
        while (bytes.hasRemaining()) {
            int key = bytes.get() & 0xff;
            int value = bytes.getInt();
            assertTrue(value > last[key], "in order" + hint);
            last[key] = value;
            values += key < KEYS ? 1 : 0;
        }
        for (int key = 0; key < KEYS; key++) {
            assertEquals(table.get(key), Math.max(0, last[key]), "the newest" + hint);
        }
        assertEquals(messages - 1, last[KEYS], "all messages" + hint);
        assertEquals(5_000, values + queue.conflatedMarks(), "each mark is accounted for" + hint);
    }
}
