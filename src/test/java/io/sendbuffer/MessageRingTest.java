/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The ring compared with a deque, above all where a bulk add passes the end of the ring. */
class MessageRingTest {
    private static final int MESSAGES = 100;

    private final SendBufferPool pool = Pools.create();
    private final SendBuffer[] messages = new SendBuffer[MESSAGES];
    private final MessageRing ring = new MessageRing(QueueArrays.HEAP);
    private final Deque<SendBuffer> model = new ArrayDeque<>();

    @BeforeEach
    void acquire() {
        for (int i = 0; i < MESSAGES; i++) {
            messages[i] = pool.acquire(8).putInt(i).seal();
        }
    }

    @AfterEach
    void release() {
        for (SendBuffer message : messages) {
            message.release();
        }
    }

    private void addAll(int from, int count) {
        SendBuffer[] source = new SendBuffer[count + 2]; // what lies beyond the count must not be taken
        System.arraycopy(messages, from, source, 0, count);
        source[count] = messages[0];
        ring.addAll(source, count);
        for (int i = 0; i < count; i++) {
            model.add(source[i]);
        }
    }

    private void add(int index) {
        ring.add(messages[index]);
        model.add(messages[index]);
    }

    private void poll(String hint) {
        assertSame(model.poll(), ring.poll(), hint);
    }

    private void pollAll(String hint) {
        while (!model.isEmpty()) {
            poll(hint);
        }
        assertNull(ring.poll(), hint);
    }

    /**
     * Every position of the head, and every count from none to more than the ring, and one twice as large, can hold.
     */
    @Test
    void shouldKeepTheOrderWhereverTheRingEnds() {
        for (int head = 0; head < 8; head++) {
            for (int before = 0; before <= 8; before++) {
                for (int count = 0; count <= 40; count++) {
                    requireOrder(new MessageRing(QueueArrays.HEAP), head, before, count);
                }
            }
        }
    }

    private void requireOrder(MessageRing fresh, int head, int before, int count) {
        String hint = head + ", " + before + ", " + count;
        for (int i = 0; i < head; i++) {
            fresh.add(messages[99]);
            fresh.poll();
        }
        for (int i = 0; i < before; i++) {
            fresh.add(messages[i]);
        }
        SendBuffer[] source = new SendBuffer[count + 1];
        System.arraycopy(messages, before, source, 0, count + 1);
        fresh.addAll(source, count);
        fresh.add(messages[98]);
        for (int i = 0; i < before + count; i++) {
            assertSame(messages[i], fresh.poll(), hint);
        }
        assertSame(messages[98], fresh.poll(), hint);
        assertNull(fresh.poll(), hint);
        assertEquals(true, fresh.isEmpty(), hint);
    }

    /** Enough to make a large ring small, at every position of its head. */
    @Test
    void shouldContinueAfterItShrank() {
        int first = ring.capacity();
        for (int round = 0; round < 64; round += 3) {
            addAll(0, 64);
            pollAll("filled");
            assertEquals(64, ring.capacity());
            useALittle(60_000);
            assertEquals(first, ring.capacity());
            addAll(0, round);
            pollAll("shrunk");
        }
    }

    private void useALittle(int times) {
        for (int i = 0; i < times; i++) {
            add(i % MESSAGES);
            pollAll("shrinking");
            ring.shrinkIfLittleUsed();
        }
    }

    /** Otherwise each of them would make it grow again. */
    @Test
    void shouldNotShrinkBetweenBurstsThatComeAgainAndAgain() {
        for (int round = 0; round < 100; round++) {
            addAll(0, 64);
            pollAll("filled");
            useALittle(10_000);
            assertEquals(64, ring.capacity());
        }
    }

    // ---- more than one ring: segments

    private static final int BURST = 16_384;

    private void addMany(MessageRing target, int count) {
        for (int i = 0; i < count; i++) {
            target.add(messages[i % MESSAGES]);
        }
    }

    private void pollMany(MessageRing target, int count) {
        for (int i = 0; i < count; i++) {
            assertSame(messages[i % MESSAGES], target.poll());
        }
        assertNull(target.poll());
    }

    @Test
    void shouldKeepTheOrderOfABurstAndGiveItsPlacesBack() {
        addMany(ring, BURST);
        assertTrue(ring.capacity() <= BURST + RingOverflow.SEGMENT, "places: " + ring.capacity());
        pollMany(ring, BURST);
        for (int i = 0; i < 1_000; i++) {
            ring.add(messages[i % MESSAGES]);
            assertSame(messages[i % MESSAGES], ring.poll());
            ring.shrinkIfLittleUsed();
        }
        assertTrue(ring.capacity() <= 64, "places: " + ring.capacity());
        addMany(ring, BURST);
        pollMany(ring, BURST);
    }

    /** Segments spare a sender the stall in which the whole backlog would be copied. */
    @Test
    void shouldNotCopyALongQueue() {
        int[] largest = {0};
        MessageRing fresh = new MessageRing(new QueueArrays() {
            @Override
            SendBuffer[] messages(int length) {
                largest[0] = Math.max(largest[0], length);
                return super.messages(length);
            }
        });
        addMany(fresh, 100_000);
        assertEquals(RingOverflow.SEGMENT, largest[0]);
        pollMany(fresh, 100_000);
    }

    /** The backlog of a receiver that is always a little behind, or one that comes and goes in waves. */
    @Test
    void shouldAllocateNothingForASteadyBacklog() {
        int[] allocated = {0};
        MessageRing fresh = new MessageRing(new QueueArrays() {
            @Override
            SendBuffer[] messages(int length) {
                allocated[0]++;
                return super.messages(length);
            }
        });
        for (int backlog : new int[] {500, 513, 600, 1_024, 5_000}) {
            addMany(fresh, backlog);
            for (int i = 0; i < 3_000; i++) {
                fresh.add(messages[0]);
                fresh.poll();
            }
            int before = allocated[0];
            for (int i = 0; i < 300_000; i++) {
                fresh.add(messages[0]);
                fresh.poll();
            }
            assertEquals(before, allocated[0], "with " + backlog + " waiting");
            while (fresh.poll() != null) {}
        }
        for (int wave = 0; wave < 2_000; wave++) {
            if (wave == 3) {
                allocated[0] = 0;
            }
            addMany(fresh, 5_000);
            while (fresh.poll() != null) {}
            fresh.shrinkIfLittleUsed();
        }
        assertEquals(0, allocated[0], "in waves");
    }

    @Test
    void shouldGiveUpSpareSegmentsThoughItIsNeverEmpty() {
        addMany(ring, 100_000);
        for (int i = 0; i < 99_000; i++) {
            ring.poll();
        }
        for (int i = 0; i < 600_000; i++) {
            ring.add(messages[0]);
            ring.poll();
        }
        assertTrue(ring.capacity() <= 4 * RingOverflow.SEGMENT, "places: " + ring.capacity());
        while (ring.poll() != null) {}
    }

    /** Before and after the ring is split into segments, one by one and all at once. */
    @Test
    void shouldBeAsItWasWhenTheHeapIsFull() {
        for (int before : new int[] {0, 8, 100, 511, 512, 700, 1_024, 2_000}) {
            for (int count : new int[] {1, 9, 513, 1_500}) {
                boolean reached = true;
                for (int n = 0; reached; n++) {
                    reached = isRefusedAt(n, before, count);
                }
            }
        }
    }

    private boolean isRefusedAt(int n, int before, int count) {
        String hint = before + " and " + count + " at " + n;
        FullHeap heap = FullHeap.onceAfter(arraysOf(before) + n);
        MessageRing fresh = new MessageRing(heap);
        addMany(fresh, before);
        SendBuffer[] source = new SendBuffer[count];
        Arrays.fill(source, messages[1]);
        boolean refused = false;
        try {
            fresh.addAll(source, count);
        } catch (OutOfMemoryError e) {
            refused = true;
        }
        assertEquals(refused, heap.refused() > 0, hint);
        try {
            fresh.add(messages[2]);
        } catch (OutOfMemoryError e) {
            fresh.add(messages[2]);
        }
        for (int i = 0; i < before; i++) {
            assertSame(messages[i % MESSAGES], fresh.poll(), hint);
        }
        for (int i = 0; i < (refused ? 0 : count); i++) {
            assertSame(messages[1], fresh.poll(), hint);
        }
        assertSame(messages[2], fresh.poll(), hint);
        assertNull(fresh.poll(), hint);
        return heap.refused() > 0;
    }

    /** The number of arrays that a ring has created when it holds this many messages. */
    private int arraysOf(int count) {
        FullHeap heap = FullHeap.onceAfter(Integer.MAX_VALUE);
        addMany(new MessageRing(heap), count);
        return (int) (Integer.MAX_VALUE - heap.left());
    }

    @Test
    void shouldKeepNoMemoryAfterTheEnd() {
        addMany(ring, BURST);
        pollMany(ring, BURST);

        ring.giveUpPlaces();

        assertEquals(0, ring.capacity());
        assertTrue(ring.isEmpty());
        assertNull(ring.poll());
        assertNull(ring.peek(0));
    }

    @RepeatedTest(5)
    void shouldDoWhatADequeDoesWithALongQueue() {
        long seed = TestSeed.next();
        String hint = TestSeed.hint(seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 3_000; i++) {
            switch (random.nextInt(5)) {
                case 0 -> addAll(0, random.nextInt(MESSAGES));
                case 1 -> {
                    for (int batches = random.nextInt(12); batches > 0; batches--) {
                        addAll(random.nextInt(MESSAGES / 2), random.nextInt(MESSAGES / 2));
                    }
                }
                case 2 -> add(random.nextInt(MESSAGES));
                default -> {
                    for (int polls = random.nextInt(random.nextInt(20) == 0 ? 4_000 : 200); polls > 0; polls--) {
                        poll(hint);
                    }
                    for (int times = random.nextInt(900); ring.isEmpty() && times > 0; times--) {
                        ring.shrinkIfLittleUsed();
                    }
                }
            }
            assertEquals(model.isEmpty(), ring.isEmpty(), hint);
        }
        pollAll(hint);
    }

    @RepeatedTest(5)
    void shouldFindAndReplaceEachMessageByItsNumber() {
        long seed = TestSeed.next();
        String hint = TestSeed.hint(seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<SendBuffer> all = new ArrayList<>(); // by number
        for (int i = 0; i < 300; i++) {
            for (int adds = random.nextInt(random.nextInt(10) == 0 ? 2_000 : 20); adds > 0; adds--) {
                all.add(messages[random.nextInt(MESSAGES)]);
                ring.add(all.get(all.size() - 1));
            }
            for (int polls = random.nextInt(200); polls > 0 && !ring.isEmpty(); polls--) {
                assertSame(all.get((int) ring.firstNumber()), ring.poll(), hint);
            }
            for (int looks = 0; looks < 10 && !ring.isEmpty(); looks++) {
                int number = (int) ring.firstNumber() + random.nextInt(ring.waiting());
                SendBuffer other = messages[random.nextInt(MESSAGES)];
                assertSame(all.get(number), ring.at(number), hint);
                assertSame(all.set(number, other), ring.replace(number, other), hint);
            }
        }
        while (!ring.isEmpty()) {
            assertSame(all.get((int) ring.firstNumber()), ring.poll(), hint);
        }
        assertEquals(all.size(), ring.firstNumber(), hint);
    }

    /** As a deque would whose messages leave from within as well. Numbers are those of the ring, whatever they are. */
    @RepeatedTest(20)
    void shouldPassTheHolesOfMessagesThatWereTakenOut() {
        long seed = TestSeed.next();
        String hint = TestSeed.hint(seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<SendBuffer> waiting = new ArrayList<>();
        int compactions = 0;
        for (int i = 0; i < 1_000; i++) {
            for (int adds = random.nextInt(random.nextInt(20) == 0 ? 2_000 : 30); adds > 0; adds--) {
                waiting.add(messages[random.nextInt(MESSAGES)]);
                ring.add(waiting.get(waiting.size() - 1));
            }
            for (int polls = random.nextInt(20); polls > 0 && !waiting.isEmpty(); polls--) {
                assertSame(waiting.remove(0), ring.poll(), hint);
            }
            long next = ring.nextNumber();
            for (int outs = random.nextInt(random.nextInt(10) == 0 ? 1_000 : 40); outs > 0; outs--) {
                takeAnyOut(waiting, random, hint);
            }
            assertEquals(next, ring.nextNumber(), hint);
            if (ring.isSparse()) {
                compactions++;
                ring.compact();
                assertEquals(next - waiting.size(), ring.firstNumber(), hint);
                assertEquals(0, ring.holesAmong(0, ring.places()), hint);
            }
            assertEquals(next, ring.nextNumber(), hint);
            assertEquals(waiting.size(), ring.waiting(), hint);
            assertEquals(waiting.isEmpty(), ring.isEmpty(), hint);
            assertSame(waiting.isEmpty() ? null : waiting.get(0), ring.peek(0), hint);
        }
        assertTrue(compactions > 0, hint);
        for (SendBuffer each : waiting) {
            assertSame(each, ring.poll(), hint);
        }
        assertNull(ring.poll(), hint);
    }

    private void takeAnyOut(List<SendBuffer> waiting, SplittableRandom random, String hint) {
        if (waiting.isEmpty()) {
            return;
        }
        int index = random.nextInt(waiting.size());
        long number = ring.firstNumber();
        for (int before = index; ring.at(number) == null || before > 0; number++) {
            before -= ring.at(number) == null ? 0 : 1;
        }
        SendBuffer expected = waiting.remove(index);
        assertSame(expected, ring.at(number), hint);
        assertSame(expected, ring.takeOut(number), hint);
    }

    @Test
    void shouldAllocateNothingToMoveMessagesTogether() {
        FullHeap heap = FullHeap.after(100);
        MessageRing fresh = new MessageRing(heap);
        addMany(fresh, 3_000);
        for (long number = fresh.firstNumber() + 1; number < fresh.nextNumber() - 1; number++) {
            fresh.takeOut(number);
        }
        long left = heap.left();
        assertTrue(fresh.isSparse());
        fresh.compact();
        assertEquals(2, fresh.waiting());
        assertEquals(2, fresh.places());
        addMany(fresh, 2_000);
        assertEquals(left, heap.left(), "what was emptied is spare");
        assertSame(messages[0], fresh.poll());
        assertSame(messages[2_999 % MESSAGES], fresh.poll());
        pollMany(fresh, 2_000);
    }

    @RepeatedTest(20)
    void shouldDoWhatADequeDoes() {
        long seed = TestSeed.next();
        String hint = TestSeed.hint(seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5_000; i++) {
            switch (random.nextInt(6)) {
                case 0 -> add(random.nextInt(MESSAGES));
                case 1 -> addAll(random.nextInt(MESSAGES / 2), random.nextInt(MESSAGES / 2));
                case 2 -> addAll(random.nextInt(MESSAGES - 8), random.nextInt(8));
                case 3 -> {
                    for (int polls = random.nextInt(90); polls > 0; polls--) {
                        poll(hint);
                    }
                }
                case 4 -> poll(hint);
                default -> {
                    if (ring.isEmpty()) {
                        ring.shrinkIfLittleUsed();
                    }
                }
            }
            assertEquals(model.isEmpty(), ring.isEmpty(), hint);
        }
        pollAll(hint);
    }
}
