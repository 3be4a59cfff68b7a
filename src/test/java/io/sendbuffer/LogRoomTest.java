/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an append takes from others to have room, and what it leaves to them. */
@ExtendWith(Pools.class)
class LogRoomTest {
    private static LogRetention bytes(long most) {
        return LogRetention.DEFAULT.withMaxBytes(most);
    }

    /** A batch of one-byte messages, each with a position of its own. */
    private static SendBatch batch(LogFixture fixture, int count) {
        SendBatch batch = new SendBatch();
        for (int i = 0; i < count; i++) {
            try (SendBuffer message = fixture.message("b")) {
                batch.add(message);
            }
            fixture.pool.acquire(8).release(); // no neighbors, so that nothing is merged
        }
        return batch.seal();
    }

    /** One that is at 0, and one that holds the log from a position on. */
    private static Subscription slowAndHolder(LogFixture fixture, LogClient slow, int heldFrom, int tail) {
        Subscription place = fixture.subscribe(slow, OverrunPolicy.end());
        LogClient holder = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
        fixture.turn();
        slow.stalled = true;
        for (int i = 0; i < tail; i++) {
            holder.stalled = i >= heldFrom;
            fixture.append("x");
            fixture.turn();
        }
        return place;
    }

    private static void requireUntouched(LogFixture fixture, LogClient slow, Subscription place) {
        assertEquals(0, fixture.log.leastPosition(), "nothing is given up");
        fixture.turn();
        assertTrue(slow.overruns.isEmpty());
        slow.flushAll();
        assertEquals(place.position(), fixture.log.tailPosition());
        assertNull(slow.queue.failure());
    }

    @Test
    void shouldGiveUpNothingOfOthersForAMessageThatIsRefusedForItsBytes() {
        try (LogFixture fixture = new LogFixture(bytes(10))) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription place = slowAndHolder(fixture, slow, 5, 6);

            assertEquals(BroadcastLog.REFUSED, fixture.tryAppend("z".repeat(10)), "there is room for 9 at most");

            requireUntouched(fixture, slow, place);
            assertEquals("xxxxxx", slow.text());
        }
    }

    @Test
    void shouldOverrunOthersForAMessageThatHasRoomThen() {
        try (LogFixture fixture = new LogFixture(bytes(10))) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            slowAndHolder(fixture, slow, 5, 6);

            assertEquals(6, fixture.tryAppend("z".repeat(9)));

            assertEquals(5, fixture.log.leastPosition());
            fixture.turn();
            assertEquals(1, slow.overruns.size());
        }
    }

    @Test
    void shouldGiveUpNothingOfOthersForABatchThatIsRefusedForItsBytes() {
        try (LogFixture fixture = new LogFixture(bytes(4))) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription place = slowAndHolder(fixture, slow, 2, 3);
            try (SendBatch batch = batch(fixture, 4)) {
                assertEquals(BroadcastLog.REFUSED, fixture.log.append(batch), "there is room for 3 at most");
            }
            requireUntouched(fixture, slow, place);
        }
    }

    @Test
    void shouldGiveUpNothingOfOthersForABatchThatIsRefusedForItsMessages() {
        try (LogFixture fixture = LogFixture.ofMessages(4)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription place = slowAndHolder(fixture, slow, 2, 4);
            try (SendBatch three = batch(fixture, 3)) {
                assertEquals(BroadcastLog.REFUSED, fixture.log.append(three), "there is room for 2 at most");
            }
            requireUntouched(fixture, slow, place);
        }
    }

    @Test
    void shouldOverrunOthersForABatchThatHasRoomThen() {
        try (LogFixture fixture = LogFixture.ofMessages(4)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            slowAndHolder(fixture, slow, 2, 4);
            try (SendBatch two = batch(fixture, 2)) {
                assertEquals(4, fixture.log.append(two));
            }
            assertEquals(2, fixture.log.leastPosition());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFindABatchTooLargeThatHasMoreMessagesThanTheRetention(boolean merged) {
        try (LogFixture fixture = LogFixture.ofMessages(2);
                SendBatch three = merged ? mergedBatch(fixture, 3) : batch(fixture, 3);
                SendBatch two = merged ? mergedBatch(fixture, 2) : batch(fixture, 2)) {
            assertEquals(merged ? 1 : 3, three.checkedPieceCount());

            assertEquals(BroadcastLog.TOO_LARGE, fixture.log.append(three));
            assertEquals(0, fixture.log.tailPosition());
            assertEquals(0, fixture.log.append(two));
        }
    }

    private static SendBatch mergedBatch(LogFixture fixture, int count) {
        SendBatch batch = new SendBatch();
        for (int i = 0; i < count; i++) {
            try (SendBuffer message = fixture.message("12345678")) {
                batch.add(message);
            }
        }
        return batch.seal();
    }

    @Test
    void shouldAppendNothingForAnEmptyBatchAndReturnTheTail() {
        try (LogFixture fixture = LogFixture.ofMessages(2);
                SendBatch empty = new SendBatch().seal()) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            assertEquals(0, fixture.log.append(empty));
            fixture.append("a");
            fixture.turn();

            assertEquals(1, fixture.log.append(empty));
            assertEquals(1, fixture.log.tailPosition());
            fixture.append("b");
            fixture.turn();
            assertEquals("ab", client.text());
        }
    }

    @Test
    void shouldKeepTheHistoryWithinItsBytesAfterOneAppend() {
        LogRetention history = new LogRetention(100, 1000, LogRetention.MAX_AGE);
        try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT, history)) {
            for (int i = 0; i < 150; i++) {
                fixture.append("x");
                assertEquals(Math.min(i + 1, 100), fixture.log.stats().retainedBytes());
            }

            fixture.append("y".repeat(70));
            assertEquals(100, fixture.log.stats().retainedBytes());
            fixture.append("z".repeat(100));
            assertEquals(100, fixture.log.stats().retainedBytes());
            assertEquals(1, fixture.log.stats().retainedMessages());
            fixture.append("w".repeat(101));
            assertEquals(0, fixture.log.stats().retainedMessages(), "more than the history may have");
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldKeepTheHistoryWithinItsMessagesAfterOneAppend() {
        LogRetention history = LogRetention.DEFAULT.withMaxMessages(3);
        for (int size : List.of(1, 2, 3, 5)) {
            try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT, history)) {
                fixture.append("a", "b", "c");
                try (SendBatch batch = batch(fixture, size)) {
                    assertEquals(3, fixture.log.append(batch));
                }
                assertEquals(3, fixture.log.stats().retainedMessages());
                fixture.append("d");
                assertEquals(3, fixture.log.stats().retainedMessages());
            }
        }
    }

    /** What a subscriber kept beyond the history goes when it leaves, though nothing is appended. */
    @Test
    void shouldKeepTheHistoryWithinItsMessagesWhenTheLastSubscriberLeaves() {
        LogRetention history = LogRetention.DEFAULT.withMaxMessages(3);
        try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT, history)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription place = fixture.subscribe(slow, OverrunPolicy.end());
            slow.stalled = true;
            fixture.append("1", "2", "3", "4", "5", "6", "7", "8");
            fixture.turn();
            assertEquals(8, fixture.log.stats().retainedMessages());

            place.close();
            fixture.turn();

            assertEquals(3, fixture.log.stats().retainedMessages());
        }
    }
}
