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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where a subscription begins. */
@ExtendWith(Pools.class)
class LogPositionsTest {
    private static final OverrunPolicy END = OverrunPolicy.end();

    private static LogFixture withHistory(int messages) {
        return new LogFixture(LogRetention.DEFAULT, LogRetention.DEFAULT.withMaxMessages(messages));
    }

    private static LogClient client(LogFixture fixture) {
        LogClient client = new LogClient(HostileChannel.takingAll());
        fixture.clients.add(client);
        return client;
    }

    @Test
    void shouldBeginWithTheNextMessageAndSayWhere() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            fixture.append("a", "b");
            LogClient client = client(fixture);

            Subscription place = fixture.reader.subscribe(client, END);
            fixture.append("c");
            fixture.turn();

            assertNotNull(place);
            assertEquals(2, place.startPosition());
            assertEquals(3, place.position());
            assertEquals("c", client.text());
        }
    }

    @Test
    void shouldContinueAtAPositionOfTheHistory() {
        try (LogFixture fixture = withHistory(2)) {
            fixture.client(HostileChannel.takingAll(), END);
            fixture.append("a", "b", "c");
            fixture.turn();
            assertEquals(1, fixture.log.leastPosition());

            LogClient again = client(fixture);
            assertNotNull(fixture.reader.subscribeFrom(1, again, END));
            fixture.append("d");
            fixture.turn();

            assertEquals("bcd", again.text());
        }
    }

    @Test
    void shouldNotBeginWhereNothingIsRetained() {
        try (LogFixture fixture = withHistory(2)) {
            fixture.append("a", "b", "c");
            LogClient client = client(fixture);

            assertNull(fixture.reader.subscribeFrom(0, client, END));
            assertNull(fixture.reader.subscribeFrom(4, client, END), "beyond the tail");
            assertFalse(client.queue.isSubscribed());
            assertNotNull(fixture.reader.subscribeFrom(3, client, END), "the tail itself");
        }
    }

    @Test
    void shouldReleaseTheHistoryWhenTheLogIsClosed() {
        try (LogFixture fixture = withHistory(8)) {
            fixture.append("a", "b", "c");
            assertEquals(3, fixture.pool.stats().outstandingBuffers());

            fixture.log.close();

            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldForgetTheHistoryThatIsTooOldAtTheNextAppend() {
        LogRetention history = LogRetention.DEFAULT.withMaxAge(Duration.ofNanos(1));
        try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT, history)) {
            fixture.append("a", "b", "c");
            fixture.append("d");

            assertTrue(fixture.log.stats().retainedMessages() <= 2, "the newest may be younger than that");
        }
    }

    @Test
    void shouldSendTheSnapshotFirstAndThenWhatItDoesNotContain() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            fixture.append("a");
            LogClient client = client(fixture);

            Subscription place = fixture.reader.subscribe(client, END, least -> {
                fixture.append("b", "c"); // the snapshot contains b
                return new LogSnapshot(fixture.message("{ab}"), least + 1);
            });
            fixture.append("d");
            fixture.turn();
            client.flushAll();

            assertNotNull(place);
            assertEquals("{ab}cd", client.text());
        }
    }

    @Test
    void shouldSendTheSnapshotBeforeWhatIsSentAfterTheSubscription() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            LogClient client = client(fixture);
            fixture.send(client, "1");
            fixture.reader.subscribe(client, END, least -> new LogSnapshot(fixture.message("{}"), least));
            fixture.send(client, "2");

            client.flush();
            assertEquals("1", client.text(), "the reader has not adopted the subscriber");
            fixture.turn();

            assertEquals("1{}2", client.text());
        }
    }

    @Test
    void shouldSendTheSnapshotThoughItsQueueFinishesBeforeTheReaderKnowsTheSubscriber() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            LogClient client = client(fixture);
            fixture.reader.subscribe(client, END, least -> new LogSnapshot(fixture.message("{}"), least));

            client.queue.finish();
            client.flush();
            assertEquals(FlushResult.DRAINED, client.lastResult);
            fixture.turn();

            assertEquals("{}", client.text());
            assertEquals(FlushResult.CLOSED, client.lastResult);
        }
    }

    @Test
    void shouldWriteWhatWaitedForItsAdoptionThoughTheLogHasNothing() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            LogClient client = client(fixture);
            fixture.reader.subscribe(client, END);
            fixture.send(client, "1");
            client.flush();
            fixture.turn();

            assertEquals("1", client.text());
        }
    }

    @Test
    void shouldAskForAnotherSnapshotIfTheFirstIsTooLate() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            List<Long> asked = new ArrayList<>();
            LogClient client = client(fixture);

            assertNotNull(fixture.reader.subscribe(client, END, least -> {
                asked.add(least);
                if (asked.size() == 1) {
                    fixture.append("a", "b", "c");
                }
                return new LogSnapshot(fixture.message("S" + least), least);
            }));
            fixture.turn();

            assertEquals(List.of(0L, 3L), asked);
            assertEquals("S3", client.text());
        }
    }

    @Test
    void shouldGiveUpIfEverySnapshotIsTooLate() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = client(fixture);

            assertNull(fixture.reader.subscribe(client, END, least -> {
                fixture.append("a", "b");
                return new LogSnapshot(fixture.message("S"), least);
            }));

            assertFalse(client.queue.isSubscribed());
        }
    }

    @Test
    void shouldNotSubscribeIfTheSourceThrowsOrItsSnapshotIsNotOne() {
        try (LogFixture fixture = LogFixture.ofMessages(8);
                SendBuffer unsealed = fixture.pool.acquire(8)) {
            LogClient client = client(fixture);
            assertThrows(
                    ArithmeticException.class,
                    () -> fixture.reader.subscribe(client, END, least -> {
                        throw new ArithmeticException();
                    }));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> fixture.reader.subscribe(
                            client, END, least -> new LogSnapshot(fixture.message("S"), least + 1)));
            assertThrows(
                    IllegalStateException.class,
                    () -> fixture.reader.subscribe(client, END, least -> new LogSnapshot(unsealed.retain(), least)));

            assertFalse(client.queue.isSubscribed());
            fixture.append("a");
            assertEquals(0, fixture.log.stats().retainedMessages(), "nothing waits for it");
        }
    }

    @Test
    void shouldNotSubscribeWhenTheReaderIsClosedWhileTheSnapshotIsMade() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            LogClient client = client(fixture);

            assertNull(fixture.reader.subscribe(client, END, least -> {
                fixture.reader.close();
                return new LogSnapshot(fixture.message("{}"), least);
            }));

            assertFalse(client.queue.isSubscribed());
            fixture.append("a");
            assertEquals(0, fixture.pool.stats().outstandingBuffers(), "nothing waits for it");
        }
    }

    @Test
    void shouldEndWhatHasJoinedWhenTheReaderIsClosed() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            LogClient client = client(fixture);
            assertNotNull(fixture.reader.subscribe(
                    client, OverrunPolicy.hold(), least -> new LogSnapshot(fixture.message("{}"), least)));
            fixture.append("a");

            fixture.reader.close();

            assertFalse(client.queue.isSubscribed());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertNull(fixture.reader.subscribe(client, END));
        }
    }

    @Test
    void shouldKeepWhatFollowsWhileASnapshotIsMade() {
        try (LogFixture fixture = LogFixture.ofMessages(8)) {
            fixture.client(HostileChannel.takingAll(), END);
            LogClient client = client(fixture);

            fixture.reader.subscribe(client, END, least -> {
                fixture.append("a");
                fixture.turn(); // all others have passed it
                return new LogSnapshot(fixture.message("{}"), least);
            });
            fixture.turn();
            client.flushAll();

            assertEquals("{}a", client.text());
        }
    }
}
