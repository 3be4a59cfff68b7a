/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;

/**
 * A receiver that gets notices can account for every message: random offers to a queue that drops the oldest, random
 * writes of a channel that takes what it likes. Each message has its number; what arrives is the numbers in order, and
 * where some are missing, a notice of how many.
 */
class QueueGapModelTest {
    private static final int STEPS = 3_000;
    private static final byte MESSAGE = 'M';
    private static final byte NOTICE = 'N';
    private static final int NOTICE_LENGTH = 1 + Long.BYTES + Long.BYTES;
    private static final int HEADER = 1 + Integer.BYTES + Integer.BYTES;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.seeded(seed);
    private final SendQueue queue = new SendQueue(new QueueLimits(2_000, 40, 300, 4));

    /** How many of eight messages that are sent alone are control messages, and how many expendable. */
    private int controlInEight;

    private int expendableInEight;
    private final List<Integer> lengths = new ArrayList<>();

    @RepeatedTest(20)
    void shouldAccountForEveryMessage() {
        queue.overrunPolicy(OverrunPolicy.skip(this::notice));
        overrun();
        long dropped = requireAllAccountedFor(ByteBuffer.wrap(channel.bytes()));
        assertEquals(queue.droppedMessages(), dropped, TestSeed.hint(seed));
        assertTrue(dropped > 0, TestSeed.hint(seed));
        assertEquals(0, queue.queuedBytes());
        assertEquals(0, queue.queuedMessages());
    }

    /** What is dropped lies here and there among what is not: so few wait that each run has its notice. */
    @RepeatedTest(20)
    void shouldAccountForEveryMessageWhereItIsMissing() {
        queue.limits(
                new QueueLimits(2_000, 12, 300, 4).withWatermarks(1_950, 1_900).withControlReserve(300, 3));
        controlInEight = 1 + random.nextInt(2);
        expendableInEight = random.nextInt(5);
        shouldAccountForEveryMessage();
    }

    /** Here in more places than notices may wait: some count what is lost a little later. */
    @RepeatedTest(20)
    void shouldCountEveryMessageThoughTheyAreMissingInManyPlaces() {
        queue.limits(new QueueLimits(20_000, 200, 300, 4).withWatermarks(19_950, 19_900));
        controlInEight = 3;
        queue.overrunPolicy(OverrunPolicy.skip(this::notice));
        overrun();
        assertTrue(queue.droppedMessages() > 0, TestSeed.hint(seed));
        requireAllCounted(ByteBuffer.wrap(channel.bytes()), true);
    }

    /** A pool is exhausted at times: a notice comes later then, and counts all. */
    @RepeatedTest(20)
    void shouldCountEveryMessageThoughNotEachNoticeCanBeMade() {
        queue.overrunPolicy(OverrunPolicy.skip(gap -> random.nextInt(3) > 0 ? null : notice(gap)));
        overrun();
        for (int i = 0; i < 100; i++) { // before one of these the last notice can be made
            offerOne();
            flushAll();
        }
        requireAllCounted(ByteBuffer.wrap(channel.bytes()), false);
    }

    private void overrun() {
        for (int i = 0; i < STEPS; i++) {
            int what = random.nextInt(10);
            if (what < 6) {
                offerOne();
            } else if (what < 7) {
                offerSome();
            } else {
                queue.flush(channel, 1 + random.nextInt(1_000));
            }
        }
        flushAll();
    }

    private void flushAll() {
        FlushResult result;
        do {
            result = queue.flush(channel);
        } while (result != FlushResult.DRAINED);
    }

    private SendBuffer message() {
        int length = random.nextInt(300);
        lengths.add(length);
        SendBuffer message = pool.acquire(HEADER + length).putByte(MESSAGE).putInt(lengths.size() - 1);
        message.putInt(length);
        for (int i = 0; i < length; i++) {
            message.putByte(length);
        }
        return message.seal();
    }

    private SendBuffer notice(Gap gap) {
        return pool.acquire(NOTICE_LENGTH)
                .putByte(NOTICE)
                .putLong(gap.messages())
                .putLong(gap.bytes())
                .seal();
    }

    /** It is refused if the channel is in the middle of so much that nothing may be dropped. */
    private void offerOne() {
        int of = random.nextInt(8);
        try (SendBuffer message = message()) {
            if (of < controlInEight) {
                message.messageClass(MessageClass.CONTROL);
            } else if (of < controlInEight + expendableInEight) {
                message.messageClass(MessageClass.EXPENDABLE);
            }
            requireOffered(queue.offer(message), 1);
        }
    }

    private void offerSome() {
        try (SendBatch batch = new SendBatch()) {
            int count = 2 + random.nextInt(3);
            boolean areMerged = random.nextBoolean();
            SendBuffer gap = pool.acquire(1); // keeps neighbors from being merged
            for (int i = 0; i < count; i++) {
                SendBuffer message = message();
                batch.add(message);
                message.release();
                if (!areMerged) {
                    gap.release();
                    gap = pool.acquire(1);
                }
            }
            gap.release();
            requireOffered(queue.offer(batch.seal()), count);
        }
    }

    private void requireOffered(OfferResult result, int count) {
        if (result != OfferResult.QUEUED) {
            assertTrue(result.isRefused(), result::toString);
            for (int i = 0; i < count; i++) {
                lengths.remove(lengths.size() - 1);
            }
        }
    }

    private long requireAllAccountedFor(ByteBuffer received) {
        int next = 0;
        long dropped = 0;
        while (received.hasRemaining()) {
            if (received.get() == NOTICE) {
                long messages = received.getLong();
                long bytes = 0;
                for (int i = 0; i < messages; i++) {
                    bytes += HEADER + lengths.get(next++);
                }
                dropped += messages;
                assertEquals(bytes, received.getLong(), TestSeed.hint(seed));
            } else {
                assertEquals(next, received.getInt(), TestSeed.hint(seed));
                int length = received.getInt();
                assertEquals(lengths.get(next++), length);
                received.position(received.position() + length);
            }
        }
        assertEquals(lengths.size(), next, TestSeed.hint(seed));
        return dropped;
    }

    /**
     * Each message counts in a notice.
     *
     * @param inTime and none is missing that no notice has counted
     */
    private void requireAllCounted(ByteBuffer received, boolean inTime) {
        long missing = 0;
        long missingBytes = 0;
        int next = 0;
        while (received.hasRemaining()) {
            if (received.get() == NOTICE) {
                missing -= received.getLong();
                missingBytes -= received.getLong();
            } else {
                int number = received.getInt();
                for (; next < number; next++) {
                    missing++;
                    missingBytes += HEADER + lengths.get(next);
                }
                next++;
                assertTrue(!inTime || missing <= 0, TestSeed.hint(seed));
                int length = received.getInt();
                received.position(received.position() + length);
            }
        }
        assertEquals(0, missing, TestSeed.hint(seed));
        assertEquals(0, missingBytes, TestSeed.hint(seed));
        assertEquals(lengths.size(), next, TestSeed.hint(seed));
    }
}
