/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;

/**
 * What a queue that drops does with each offer, in this order: by the class, by the key, then what has expired makes
 * room, then the oldest that is expendable, then the oldest of all but control messages; then the offer is refused.
 * Against a list that does the same, message by message.
 */
class QueueDropOrderModelTest {
    private static final int STEPS = 4_000;
    private static final int MAX_BYTES = 200;
    private static final int MAX_MESSAGES = 30;
    private static final int RESERVE_BYTES = 30;
    private static final int RESERVE_MESSAGES = 3;

    /** What the list knows of a message. */
    private record Sent(int number, int length, int key, MessageClass messageClass, boolean isExpired) {
        boolean isExpendable() {
            return messageClass == MessageClass.EXPENDABLE;
        }

        boolean isControl() {
            return messageClass == MessageClass.CONTROL;
        }
    }

    private final long seed = TestSeed.next();
    private final String hint = TestSeed.hint(seed);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final SendBufferPool pool = Pools.create();
    private final HostileChannel channel = HostileChannel.takingAll();

    /** One message in a write: what is in a write is never dropped. */
    private final SendQueue queue = new SendQueue(new QueueLimits(MAX_BYTES, MAX_MESSAGES, 1, 1)
            .withWatermarks(MAX_BYTES - random.nextInt(MAX_BYTES / 2), random.nextInt(MAX_BYTES / 2))
            .withControlReserve(RESERVE_BYTES, RESERVE_MESSAGES));

    private final int keys = 1 + random.nextInt(20);
    private final int expendableIn8 = random.nextInt(5);
    private final List<Sent> waiting = new ArrayList<>();
    private final List<Integer> lost = new ArrayList<>();
    private final List<Integer> expectedLost = new ArrayList<>();
    private @Nullable Sent inWrite;
    private int leftOfWrite;
    private int sent;

    @RepeatedTest(20)
    void shouldDecideInThisOrderInPlace() {
        run(Conflation.inPlace());
    }

    @RepeatedTest(20)
    void shouldDecideInThisOrderAtTheEnd() {
        run(Conflation.atEnd());
    }

    private void run(Conflation conflation) {
        queue.overrunPolicy(OverrunPolicy.skip());
        queue.conflation(conflation);
        for (int i = 0; i < STEPS; i++) {
            if (random.nextInt(10) == 0) {
                write(random.nextInt(30) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(5));
            } else {
                offer(conflation);
            }
            requireSame();
        }
        assertTrue(queue.droppedMessages() > 0, hint);
        write(Integer.MAX_VALUE);
        requireSame();
        assertEquals(0, queue.queuedMessages(), hint);
    }

    private void requireSame() {
        assertEquals(expectedLost, lost, hint);
        assertEquals(bytesWaiting(), queue.queuedBytes(), hint);
        assertEquals(waiting.size() + (inWrite == null ? 0 : 1), queue.queuedMessages(), hint);
    }

    // ---- an offer

    private void offer(Conflation conflation) {
        MessageClass messageClass = random.nextInt(8) < expendableIn8
                ? MessageClass.EXPENDABLE
                : random.nextInt(10) == 0 ? MessageClass.CONTROL : MessageClass.NORMAL;
        int key = random.nextInt(3) == 0 ? random.nextInt(keys) : -1;
        int keyOrNone = messageClass == MessageClass.CONTROL ? -1 : key;
        Sent message = new Sent(sent++, 1 + random.nextInt(20), keyOrNone, messageClass, random.nextInt(6) == 0);
        OfferResult expected = expect(message, conflation, queue.isWritable());
        try (SendBuffer buffer = bufferOf(message)) {
            assertEquals(expected, queue.offer(buffer), () -> message + hint);
        }
    }

    private SendBuffer bufferOf(Sent message) {
        SendBuffer buffer = pool.acquire(message.length);
        buffer.messageClass(message.messageClass);
        if (message.key >= 0) {
            buffer.conflate(message.key);
        }
        if (message.isExpired) {
            buffer.expiresAt(AttributedSlice.nowMillis() - 1);
        }
        return buffer.onRelease(unwritten -> {
                    if (unwritten > 0) {
                        lost.add(message.number);
                    }
                })
                .seal(message.length);
    }

    private OfferResult expect(Sent message, Conflation conflation, boolean isWritable) {
        while (true) {
            Sent older = olderOf(message);
            int bytes = message.length - (older == null ? 0 : older.length);
            if (older != null && bytes <= 0) {
                return replace(older, message, conflation);
            }
            if (older == null && message.isExpendable() && !isWritable) {
                return OfferResult.REFUSED_EXPENDABLE;
            }
            OfferResult limit = limitFor(message, bytes, older == null ? 1 : 0);
            if (limit == OfferResult.QUEUED) {
                return older == null ? add(message) : replace(older, message, conflation);
            }
            if (message.isExpendable()) {
                return OfferResult.REFUSED_EXPENDABLE;
            }
            if (!isRoomMade()) {
                return limit;
            }
        }
    }

    private @Nullable Sent olderOf(Sent message) {
        Sent older = null;
        for (Sent each : waiting) {
            if (each.key == message.key && message.key >= 0) {
                older = each;
            }
        }
        return older;
    }

    private OfferResult limitFor(Sent message, int bytes, int messages) {
        boolean isControl = message.isControl();
        if (bytesWaiting() + bytes > MAX_BYTES + (isControl ? RESERVE_BYTES : 0)) {
            return OfferResult.REFUSED_BYTES;
        }
        int count = waiting.size() + (inWrite == null ? 0 : 1);
        boolean hasRoom = count + messages <= MAX_MESSAGES + (isControl ? RESERVE_MESSAGES : 0);
        return hasRoom ? OfferResult.QUEUED : OfferResult.REFUSED_MESSAGES;
    }

    private long bytesWaiting() {
        long bytes = inWrite == null ? 0 : inWrite.length;
        for (Sent message : waiting) {
            bytes += message.length;
        }
        return bytes;
    }

    private OfferResult add(Sent message) {
        waiting.add(message);
        return OfferResult.QUEUED;
    }

    private OfferResult replace(Sent older, Sent message, Conflation conflation) {
        expectedLost.add(older.number);
        if (conflation.kind == Conflation.Kind.IN_PLACE) {
            waiting.set(waiting.indexOf(older), message);
        } else {
            waiting.remove(older);
            waiting.add(message);
        }
        return OfferResult.QUEUED;
    }

    private boolean isRoomMade() {
        return dropExpiredBehind() || isOneDropped();
    }

    private boolean dropExpiredBehind() {
        if (!waiting.isEmpty() && waiting.get(0).isExpired) {
            return false; // it goes first, alone
        }
        List<Sent> expired = waiting.stream().filter(Sent::isExpired).toList();
        expired.forEach(each -> expectedLost.add(each.number));
        waiting.removeAll(expired);
        return !expired.isEmpty();
    }

    private boolean isOneDropped() {
        Sent victim = !waiting.isEmpty() && waiting.get(0).isExpired ? waiting.get(0) : null;
        for (int i = 0; i < waiting.size() && victim == null; i++) {
            victim = waiting.get(i).isExpendable() ? waiting.get(i) : null;
        }
        for (int i = 0; i < waiting.size() && victim == null; i++) {
            victim = waiting.get(i).isControl() ? null : waiting.get(i);
        }
        if (victim != null) {
            waiting.remove(victim);
            expectedLost.add(victim.number);
        }
        return victim != null;
    }

    // ---- a write

    private void write(int bytesPerCall) {
        int before = channel.byteCount();
        FlushResult result = queue.flush(channel.takeAtMost(bytesPerCall));
        int taken = channel.byteCount() - before;
        while (inWrite != null || begin()) {
            int some = Math.min(taken, leftOfWrite);
            taken -= some;
            leftOfWrite -= some;
            if (leftOfWrite > 0) {
                break;
            }
            inWrite = null;
        }
        assertEquals(0, taken, hint);
        assertEquals(inWrite == null ? FlushResult.DRAINED : FlushResult.BLOCKED, result, hint);
    }

    private boolean begin() {
        while (!waiting.isEmpty() && waiting.get(0).isExpired) {
            expectedLost.add(waiting.remove(0).number);
        }
        if (waiting.isEmpty()) {
            return false;
        }
        inWrite = waiting.remove(0);
        leftOfWrite = inWrite.length;
        return true;
    }
}
