/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;

/**
 * A receiver can account for every message, and gets the last one of each key: random messages with and without a key,
 * a class or a time, alone and in batches, to a queue that conflates, drops or refuses, and random writes of a channel
 * that takes what it likes.
 */
class QueueConflationModelTest {
    private static final int STEPS = 3_000;
    private static final int NO_KEY = -1;
    private static final byte MESSAGE = 'M';
    private static final byte NOTICE = 'N';
    private static final int NOTICE_LENGTH = 1 + 4 * Long.BYTES;
    private static final int HEADER = 1 + Integer.BYTES + Integer.BYTES;
    private static final QueueLimits LIMITS =
            new QueueLimits(2_000, 40, 300, 4).withWatermarks(1_500, 500).withControlReserve(200, 3);

    /** What the test knows of each message that it offered. */
    private static final class Sent {
        final int number;
        final int length;
        final int key;
        final MessageClass messageClass;
        final boolean expires;
        boolean isUnwritten;
        boolean isReceived;

        /** How many messages it stands for that others replaced. */
        int replaced;

        /** The number of the first message whose turn it has. */
        int turn;

        Sent(int number, int length, int key, MessageClass messageClass, boolean expires) {
            this.number = number;
            this.length = length;
            this.key = key;
            this.messageClass = messageClass;
            this.expires = expires;
            this.turn = number;
        }
    }

    private final long seed = TestSeed.next();
    private final String hint = TestSeed.hint(seed);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.seeded(seed);
    private final SendQueue queue = new SendQueue(LIMITS);

    /** How many of 20 steps write. */
    private final int pace = 1 + random.nextInt(8);

    private final int keys = 1 + random.nextInt(60);
    private final List<Sent> accepted = new ArrayList<>();
    private final Map<Integer, Sent> lastOfKey = new HashMap<>();
    private final long[] noticed = new long[4];

    @RepeatedTest(20)
    void shouldGiveEachKeyItsLastMessageInPlace() {
        run(Conflation.inPlace().withNotice(this::notice), OverrunPolicy.hold(), false);
    }

    @RepeatedTest(20)
    void shouldGiveEachKeyItsLastMessageInTheOrderOfTheSends() {
        run(Conflation.atEnd().withNotice(this::notice), OverrunPolicy.hold(), false);
    }

    @RepeatedTest(20)
    void shouldAccountForAllThatIsReplacedDroppedOrExpiredInPlace() {
        run(Conflation.inPlace(), OverrunPolicy.skip(this::notice), true);
    }

    @RepeatedTest(20)
    void shouldAccountForAllThatIsReplacedDroppedOrExpiredAtTheEnd() {
        run(Conflation.atEnd(), OverrunPolicy.skip(this::notice), true);
    }

    @RepeatedTest(10)
    void shouldAccountForAllWhenItConflatesNothing() {
        run(Conflation.off().withNotice(this::notice), OverrunPolicy.hold(), true);
        assertEquals(0, queue.conflatedMessages());
    }

    private void run(Conflation conflation, OverrunPolicy policy, boolean mayExpire) {
        queue.conflation(conflation);
        queue.overrunPolicy(policy);
        for (int i = 0; i < STEPS; i++) {
            int what = random.nextInt(20);
            if (what >= pace && what < 17) {
                offerOne(mayExpire);
            } else if (what >= pace) {
                offerSome(mayExpire);
            } else {
                queue.flush(channel, 1 + random.nextInt(600));
            }
            assertTrue(queue.queuedBytes() <= 2_200 + NOTICE_LENGTH, hint);
            assertTrue(queue.queuedMessages() <= 44, hint);
            assertTrue(queue.backlog().places() <= 2 * 43 + 64, hint);
        }
        FlushResult result;
        do {
            result = queue.flush(channel);
            assertTrue(result != FlushResult.CLOSED, hint);
        } while (result != FlushResult.DRAINED);
        assertEquals(0, queue.queuedBytes(), hint);
        assertEquals(0, queue.queuedMessages(), hint);
        List<Sent> received = readAll(ByteBuffer.wrap(channel.bytes()), policy == OverrunPolicy.hold() && !mayExpire);
        requireAccountedFor(received);
        boolean isInOrder = conflation.kind != Conflation.Kind.IN_PLACE;
        if (isInOrder) {
            requireAscending(received);
        }
        if (!isInOrder && policy == OverrunPolicy.hold()) {
            requireTurnsKept(received);
        }
        requireLastOfEachKey(mayExpire, policy != OverrunPolicy.hold());
    }

    // ---- sending

    private SendBuffer message(boolean mayExpire, List<Sent> offered) {
        int length = random.nextInt(200);
        int key = random.nextInt(4) == 0 ? NO_KEY : random.nextInt(keys);
        MessageClass messageClass = switch (random.nextInt(8)) {
            case 0 -> key == NO_KEY ? MessageClass.CONTROL : MessageClass.NORMAL;
            case 1 -> MessageClass.EXPENDABLE;
            default -> MessageClass.NORMAL;
        };
        boolean expires = mayExpire && messageClass != MessageClass.CONTROL && random.nextInt(5) == 0;
        Sent sent = new Sent(accepted.size() + offered.size(), length, key, messageClass, expires);
        offered.add(sent);
        SendBuffer message = pool.acquire(HEADER + length).putByte(MESSAGE).putInt(sent.number);
        message.putInt(length).putBytes(new byte[length]);
        if (key != NO_KEY) {
            message.conflate(key);
        }
        if (expires) {
            message.expireAfter(Duration.ofMillis(1));
        }
        message.messageClass(messageClass).onRelease(unwritten -> sent.isUnwritten = unwritten > 0);
        return message.seal();
    }

    private void offerOne(boolean mayExpire) {
        List<Sent> offered = new ArrayList<>();
        Map<Integer, Sent> before = new HashMap<>(lastOfKey);
        try (SendBuffer message = message(mayExpire, offered)) {
            note(queue.offer(message), offered, before);
        }
    }

    private void offerSome(boolean mayExpire) {
        List<Sent> offered = new ArrayList<>();
        Map<Integer, Sent> before = new HashMap<>(lastOfKey);
        try (SendBatch batch = new SendBatch()) {
            int count = 2 + random.nextInt(5);
            SendBuffer gap = pool.acquire(1); // keeps neighbors from being merged, which would count as one
            for (int i = 0; i < count; i++) {
                SendBuffer message = message(mayExpire, offered);
                batch.add(message);
                message.release();
                gap.release();
                gap = pool.acquire(1);
            }
            gap.release();
            OfferResult result = queue.offer(batch.seal());
            batch.clear();
            note(result, offered, before);
        }
    }

    /** A message whose older one came back within the offer has that one's turn, where nothing is dropped. */
    private void note(OfferResult result, List<Sent> offered, Map<Integer, Sent> before) {
        if (result != OfferResult.QUEUED) {
            assertTrue(result.isRefused(), result::toString);
            return;
        }
        for (Sent sent : offered) {
            accepted.add(sent);
            if (sent.key != NO_KEY) {
                Sent older = before.put(sent.key, sent);
                if (older != null && older.isUnwritten) {
                    sent.turn = older.turn;
                    sent.replaced = older.replaced + 1;
                }
                lastOfKey.put(sent.key, sent);
            }
        }
    }

    private SendBuffer notice(Gap gap) {
        return pool.acquire(NOTICE_LENGTH)
                .putByte(NOTICE)
                .putLong(gap.messages())
                .putLong(gap.bytes())
                .putLong(gap.conflated())
                .putLong(gap.expired())
                .seal();
    }

    // ---- what arrived

    private List<Sent> readAll(ByteBuffer stream, boolean allReplaced) {
        List<Sent> received = new ArrayList<>();
        long replaced = 0;
        while (stream.hasRemaining()) {
            if (stream.get() == NOTICE) {
                for (int i = 0; i < noticed.length; i++) {
                    noticed[i] += stream.getLong();
                }
                continue;
            }
            Sent sent = accepted.get(stream.getInt());
            assertTrue(!sent.isReceived, hint);
            sent.isReceived = true;
            replaced += sent.replaced;
            assertTrue(!allReplaced || replaced <= noticed[2], () -> "the notice comes first, " + hint);
            assertEquals(sent.length, stream.getInt(), hint);
            stream.position(stream.position() + sent.length);
            received.add(sent);
        }
        return received;
    }

    private void requireAccountedFor(List<Sent> received) {
        long bytes = 0;
        for (Sent sent : accepted) {
            assertEquals(sent.isReceived, !sent.isUnwritten, hint);
            bytes += sent.isReceived ? 0 : HEADER + sent.length;
        }
        assertEquals(accepted.size(), received.size() + noticed[0], hint);
        assertEquals(bytes, noticed[1], hint);
        assertEquals(queue.conflatedMessages(), noticed[2], hint);
        assertEquals(queue.expiredMessages(), noticed[3], hint);
        assertEquals(queue.droppedMessages(), noticed[0] - noticed[2] - noticed[3], hint);
    }

    private void requireAscending(List<Sent> received) {
        for (int i = 1; i < received.size(); i++) {
            assertTrue(received.get(i - 1).number < received.get(i).number, hint);
        }
    }

    private void requireTurnsKept(List<Sent> received) {
        for (int i = 1; i < received.size(); i++) {
            assertTrue(received.get(i - 1).turn < received.get(i).turn, hint);
        }
    }

    private void requireLastOfEachKey(boolean mayExpire, boolean mayDrop) {
        Map<Integer, Integer> newest = new HashMap<>();
        for (Sent sent : accepted) {
            if (sent.isReceived && sent.key != NO_KEY) {
                newest.put(sent.key, sent.number);
            }
            if (sent.messageClass == MessageClass.CONTROL) {
                assertTrue(sent.isReceived, hint);
            }
        }
        for (Sent last : lastOfKey.values()) {
            boolean mayBeLost = mayDrop || (mayExpire && last.expires);
            assertTrue(last.isReceived || mayBeLost, hint);
        }
        assertTrue(mayDrop || mayExpire || newest.size() == lastOfKey.size(), hint);
    }
}
