/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Receivers that take what they like, of messages that come one by one, in batches, with listeners, or stay with the
 * application: whenever what they hold moves, each gets its bytes in order, each listener is notified once and not
 * before, and all memory comes back.
 */
class EvacuationModelTest {
    private static final int STEPS = 4_000;
    private static final int CHUNK = 1 << 10;
    private static final int QUEUES = 4;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.track(SendBufferPool.builder()
            .chunkSize(CHUNK)
            .maxMemory(256 * CHUNK)
            .stripes(1)
            .shedSlowConsumers(false)
            .build());
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<SendBuffer> held = new ArrayList<>();
    private final ReleaseCounter listener = new ReleaseCounter();
    private long listened;
    private long copied;

    /** A queue, its channel, and what the channel has to take. */
    private final class Receiver {
        final HostileChannel channel = HostileChannel.seeded(random.nextLong());
        final SendQueue queue = new SendQueue(new QueueLimits(20_000, 500, 1_000, 8));
        final ByteArrayOutputStream expected = new ByteArrayOutputStream();

        void requireExpected() {
            byte[] taken = channel.bytes();
            byte[] all = expected.toByteArray();
            assertTrue(taken.length <= all.length, TestSeed.hint(seed));
            assertArrayEquals(Arrays.copyOf(all, taken.length), taken, TestSeed.hint(seed));
        }
    }

    @RepeatedTest(20)
    void shouldWriteAllInOrderAndGiveAllBackWhateverMoves() {
        for (int i = 0; i < QUEUES; i++) {
            receivers.add(new Receiver());
        }
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        for (Receiver receiver : receivers) {
            while (receiver.queue.flush(receiver.channel) != FlushResult.DRAINED) {}
            receiver.requireExpected();
            assertEquals(receiver.expected.size(), receiver.channel.bytes().length, TestSeed.hint(seed));
        }
        held.forEach(SendBuffer::release);
        assertTrue(copied > 0, TestSeed.hint(seed));
        assertEquals(listened, listener.released(), TestSeed.hint(seed));
        assertEquals(0, pool.stats().outstandingBuffers(), TestSeed.hint(seed));
    }

    private void step() {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> sendOne();
            case 4 -> sendBatch();
            case 5 -> copied += pool.evacuate();
            case 6 -> release();
            case 7 -> replaceOne();
            default -> {
                Receiver receiver = receivers.get(random.nextInt(QUEUES));
                receiver.queue.flush(receiver.channel, 1 + random.nextInt(1_500));
            }
        }
    }

    private @Nullable SendBuffer message() {
        int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 900 : 60);
        SendBuffer message = pool.tryAcquire(length);
        if (message == null) {
            return null;
        }
        for (int i = 0; i < length; i++) {
            message.putByte(random.nextInt(256));
        }
        if (random.nextInt(8) == 0) {
            message.onRelease(listener);
            listened++;
        }
        return message.seal();
    }

    private static byte[] bytesOf(SendBuffer message) {
        byte[] bytes = new byte[message.length()];
        message.getBytes(0, bytes, 0, bytes.length);
        return bytes;
    }

    private void sendOne() {
        SendBuffer message = message();
        if (message == null) {
            return;
        }
        for (Receiver receiver : receivers) {
            if (random.nextBoolean() && receiver.queue.offer(message) == OfferResult.QUEUED) {
                receiver.expected.writeBytes(bytesOf(message));
            }
        }
        if (random.nextInt(20) == 0 && held.size() < 30) {
            held.add(message);
        } else {
            message.release();
        }
    }

    private void sendBatch() {
        try (SendBatch batch = new SendBatch()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int left = random.nextInt(6); left > 0; left--) {
                SendBuffer message = message();
                if (message != null) {
                    bytes.writeBytes(bytesOf(message));
                    batch.add(message);
                    message.release();
                }
            }
            batch.seal();
            for (Receiver receiver : receivers) {
                if (random.nextBoolean() && receiver.queue.offer(batch) == OfferResult.QUEUED) {
                    receiver.expected.writeBytes(bytes.toByteArray());
                }
            }
        }
    }

    private void release() {
        if (!held.isEmpty()) {
            held.remove(random.nextInt(held.size())).release();
        }
    }

    private void replaceOne() {
        if (random.nextInt(40) == 0) {
            Receiver receiver = receivers.get(random.nextInt(QUEUES));
            receiver.queue.close();
            receiver.requireExpected();
            receivers.set(receivers.indexOf(receiver), new Receiver());
        }
    }
}
