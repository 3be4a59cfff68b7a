/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Pools.class)
class BroadcastLogTest {
    @Test
    void shouldWriteWhatIsAppendedToEachSubscriberOnceAndInOrder() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient one = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient two = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());

            fixture.append("a", "b", "c");
            fixture.turn();
            fixture.append("d");
            fixture.turn();
            fixture.turn();

            assertEquals("abcd", one.text());
            assertEquals("abcd", two.text());
        }
    }

    @Test
    void shouldCoalesceNeighborsIntoOnePlainWrite() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());

            fixture.append("ab", "cd", "ef");
            fixture.turn();

            assertEquals(List.of(new HostileChannel.Call(true, 1, 6, 6)), client.channel.calls());
        }
    }

    @Test
    void shouldReleaseAMessageWhenEverySubscriberHasPassedIt() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient fast = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;

            fixture.append("a");
            fixture.turn();
            assertEquals(1, fixture.pool.stats().outstandingBuffers());
            assertEquals(1, fixture.log.stats().retainedMessages());

            slow.flush();
            fixture.turn();
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertEquals("a", fast.text());
            assertEquals("a", slow.text());
        }
    }

    @Test
    void shouldKeepNothingForNoSubscriber() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            fixture.append("a", "b");
            try (SendBatch batch = new SendBatch();
                    SendBuffer message = fixture.message("c")) {
                assertEquals(2, fixture.log.append(batch.add(message).seal()));
            }

            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertEquals(3, fixture.log.tailPosition());
        }
    }

    @Test
    void shouldTakeNoReferenceToWhatItDoesNotAccept() {
        try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT.withMaxBytes(4))) {
            assertEquals(BroadcastLog.TOO_LARGE, fixture.tryAppend("abcde"));
            fixture.log.close();
            assertEquals(BroadcastLog.CLOSED, fixture.tryAppend("a"));
        }
    }

    @Test
    void shouldThrowForAMessageThatIsNotSealed() {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                SendBuffer message = fixture.pool.acquire(8)) {
            assertThrows(IllegalStateException.class, () -> fixture.log.append(message));
        }
    }

    @Test
    void shouldGiveAnEmptyMessageAPositionAndWriteNothing() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());

            fixture.append("", "a", "", "b", "");
            fixture.turn();
            fixture.append("");
            fixture.turn();

            assertEquals("ab", client.text());
            assertEquals(6, fixture.log.stats().passedPosition());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldAppendABatchInOneStep() {
        try (LogFixture fixture = LogFixture.ofMessages(3);
                SendBatch batch = new SendBatch()) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            for (String text : List.of("ab", "cd", "ef")) {
                try (SendBuffer message = fixture.message(text)) {
                    batch.add(message);
                }
            }

            assertEquals(0, fixture.log.append(batch.seal()));
            batch.clear();
            fixture.turn();

            assertEquals("abcdef", client.text());
            assertEquals(1, fixture.log.tailPosition(), "neighbors are one message");
        }
    }

    @Test
    void shouldServeSubscribersOfSeveralReaders() {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogReader other = fixture.log.newReader(() -> {})) {
            LogClient one = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient two = new LogClient(HostileChannel.takingAll());
            assertNotNull(other.subscribe(two, OverrunPolicy.end()));

            fixture.append("a", "b");
            fixture.turn();
            assertEquals(2, fixture.log.stats().retainedMessages(), "the other reader has not passed them");
            other.serve();
            other.endTurn();

            assertEquals("ab", one.text());
            assertEquals("ab", two.text());
            assertEquals(0, fixture.log.stats().retainedMessages());
        }
    }

    @Test
    void shouldEndTheOneSubscriberWhoseChannelFails() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient good = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient bad =
                    fixture.client(HostileChannel.takingAll().throwNext(new IOException("gone")), OverrunPolicy.end());

            fixture.append("a");
            fixture.turn();
            assertEquals(FlushResult.CLOSED, bad.lastResult);
            bad.queue.removeSubscriptions();
            fixture.turn();

            assertEquals("a", good.text());
            assertEquals("java.io.IOException: gone", String.valueOf(bad.queue.failure()));
            assertEquals(0, fixture.log.stats().retainedMessages());
        }
    }

    @Test
    void shouldServeTheOthersWhenAChannelThrowsAnError() {
        AssertionError thrown = new AssertionError("thrown on purpose");
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient one = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient bad = fixture.client(HostileChannel.takingAll().throwNext(thrown), OverrunPolicy.end());
            LogClient two = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());

            fixture.append("a");
            fixture.turn();
            bad.queue.removeSubscriptions();
            fixture.turn();

            assertEquals("a", one.text());
            assertEquals("a", two.text());
            assertTrue(bad.queue.isClosed());
            assertEquals(List.of(thrown), fixture.errors);
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldReleaseTheRestOfAHalfWrittenMessageWhenItsSubscriberEnds() {
        for (int length : new int[] {6, 100_000}) { // the one is copied, the other one is kept
            try (LogFixture fixture = LogFixture.ofMessages(64)) {
                LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(2), OverrunPolicy.end());
                fixture.append("m".repeat(length));
                fixture.turn();
                assertEquals(FlushResult.BLOCKED, client.lastResult);
                assertEquals(1, fixture.pool.stats().outstandingBuffers(), "the rest");

                client.queue.close();
                client.queue.removeSubscriptions();

                assertEquals(0, fixture.pool.stats().outstandingBuffers());
            }
        }
    }

    /** A session that waits for its peer is kept as long as the peer takes enough, of whatever it is sent. */
    @Test
    void shouldCountWhatTheChannelTakesOfALogAsWritten() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(2), OverrunPolicy.end());
            fixture.append("abcdefgh", "ij");
            fixture.send(client, "123");
            fixture.turn();
            assertEquals(2, client.queue.bytesWritten(), "a part of a message");
            client.flush();
            assertEquals(4, client.queue.bytesWritten(), "a part of its rest");
            client.flushAll();

            assertEquals("abcdefghij123", client.text());
            assertEquals(13, client.queue.bytesWritten());
        }
    }

    @Test
    void shouldKeepTheWholeMessageIfThereIsNoMemoryForACopyOfItsRest() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(2), OverrunPolicy.end());
            fixture.append("abcdef");
            fixture.pool.close(); // from now on it has none for anyone
            fixture.turn();
            client.flushAll();

            assertEquals("abcdef", client.text());
        }
    }

    @Test
    void shouldWakeTheReaderForEachAppendAndHaveNewsUntilServed() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.turn();
            assertFalse(fixture.reader.hasNews());
            int before = fixture.wakeUps;

            fixture.append("a", "b");

            assertEquals(before + 2, fixture.wakeUps);
            assertTrue(fixture.reader.hasNews());
            fixture.turn();
            assertFalse(fixture.reader.hasNews());
        }
    }

    /** A thousand that join or leave at the tail wake no loop; the next append does. */
    @Test
    void shouldWakeTheReaderForAJoinOrALeaveOnlyIfSomethingIsThereToWrite() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient first = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            Subscription second = fixture.reader.subscribe(first, OverrunPolicy.end());
            assertNotNull(second);
            second.close();
            assertEquals(0, fixture.wakeUps);
            assertTrue(fixture.reader.hasNews());

            fixture.turn();
            fixture.append("a");
            assertEquals(1, fixture.wakeUps);
            LogClient late = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(late);
            Subscription behind = fixture.reader.subscribeFrom(0, late, OverrunPolicy.end());
            assertNotNull(behind);
            assertEquals(2, fixture.wakeUps);
            behind.close();
            assertEquals(3, fixture.wakeUps);
            fixture.turn();
            assertEquals("a", first.text());
        }
    }

    @Test
    void shouldReportWhatAWakeUpThrowsAndAppendAllTheSame() {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogReader reader = fixture.log.newReader(() -> {
                    throw new IllegalStateException("asleep");
                })) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            assertNotNull(reader.subscribe(client, OverrunPolicy.end()));

            fixture.append("a");
            reader.serve();
            reader.endTurn();

            assertEquals("a", client.text());
            assertEquals(1, fixture.errors.size());
        }
    }

    @Test
    void shouldEndSubscriptionsWhenTheLogIsClosedAndAllIsWritten() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.append("a", "b");
            fixture.log.close();

            fixture.turn();
            fixture.turn();

            assertEquals("ab", client.text());
            assertFalse(client.queue.isSubscribed());
            assertFalse(client.queue.isClosed());
            assertNull(fixture.reader.subscribe(new LogClient(HostileChannel.takingAll()), OverrunPolicy.end()));
        }
    }

    @Test
    void shouldGetNothingMoreAfterTheSubscriptionIsClosed() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            Subscription place = fixture.reader.subscribe(client, OverrunPolicy.hold());
            assertNotNull(place);
            fixture.append("a");
            fixture.turn();

            place.close();
            fixture.append("b");
            fixture.turn();
            fixture.send(client, "c");
            client.flush();

            assertEquals("ac", client.text());
            assertEquals(0, fixture.log.stats().retainedMessages());
            client.queue.close();
        }
    }

    @Test
    void shouldTellHowFarASubscriberIsBehind() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            Subscription place = fixture.reader.subscribe(client, OverrunPolicy.end());
            assertNotNull(place);
            client.stalled = true;
            fixture.append("abc", "de");
            fixture.turn();

            assertEquals(2, place.lagInMessages());
            assertEquals(5, place.lagInBytes());
            assertTrue(place.lagInNanos() > 0);
            client.flush();
            assertEquals(0, place.lagInMessages());
            assertEquals(0, place.lagInBytes());
            assertEquals(0, place.lagInNanos());
            client.queue.close();
        }
    }
}
