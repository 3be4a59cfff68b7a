package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The ring against a deque, above all where what is added at once passes its end. */
class MessageRingTest {
    private static final int MESSAGES = 100;

    private final SendBufferPool pool = Pools.create();
    private final SendBuffer[] messages = new SendBuffer[MESSAGES];
    private final MessageRing ring = new MessageRing();
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
        SendBuffer[] source = new SendBuffer[count + 2]; // what lies behind the count must not be taken
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
     * Every place of the head, and every number from none to more than the ring and one that is twice as large take.
     */
    @Test
    void shouldKeepTheOrderWhereverTheRingEnds() {
        for (int head = 0; head < 8; head++) {
            for (int before = 0; before <= 8; before++) {
                for (int count = 0; count <= 40; count++) {
                    requireOrder(new MessageRing(), head, before, count);
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

    /** Enough to make a large ring small, at every place of its head. */
    @Test
    void shouldGoOnAfterItShrank() {
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

    /** Else each of them would make it grow again. */
    @Test
    void shouldNotShrinkBetweenBurstsThatComeAgainAndAgain() {
        for (int round = 0; round < 100; round++) {
            addAll(0, 64);
            pollAll("filled");
            useALittle(10_000);
            assertEquals(64, ring.capacity());
        }
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
