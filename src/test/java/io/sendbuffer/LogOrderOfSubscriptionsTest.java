/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where what was sent to a subscriber goes when it subscribes, leaves, and subscribes again. */
@ExtendWith(Pools.class)
class LogOrderOfSubscriptionsTest {
    private static final OverrunPolicy END = OverrunPolicy.end();

    /** More than a ring of 16 places is found empty before it shrinks. */
    private static final int MANY_TIMES = 10_000;

    private static void serveAll(LogClient client, LogFixture... fixtures) {
        for (int i = 0; i < 3; i++) {
            for (LogFixture each : fixtures) {
                each.reader.serve();
            }
            client.flushAll();
        }
        for (LogFixture each : fixtures) {
            each.reader.endTurn();
        }
    }

    /** As a loop that serves a session which is sent to, again and again, before it looks at its logs. */
    @Test
    void shouldKeepAMessageThatWaitsForTheLogWhileItsRingShrinks() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            fixture.turn();
            for (int i = 0; i < 9; i++) { // the ring has 16 places then
                fixture.send(client, "" + i);
            }
            client.flush();
            fixture.append("[a]");
            fixture.send(client, "m");
            for (int i = 0; i < MANY_TIMES; i++) {
                client.flush();
            }
            assertEquals(1, client.queue.queuedMessages());

            fixture.append("[b]");
            fixture.send(client, "n");
            serveAll(client, fixture);

            assertEquals("012345678[a]m[b]n", client.text());
            assertEquals(0, client.queue.queuedMessages());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    /** In steady traffic: the ring shrinks at another place of it in each run. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void shouldKeepTheOrderWhileARingShrinks(int flushesBefore) {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            fixture.turn();
            for (int i = 0; i < 9; i++) {
                fixture.send(client, "m");
            }
            for (int i = 0; i <= flushesBefore; i++) {
                client.flush();
            }
            for (int round = 0; round < MANY_TIMES / 2; round++) {
                fixture.append("a");
                fixture.send(client, "m");
                if (round % 3 != 0) {
                    client.flush(); // before the reader is served
                }
                fixture.turn();
            }
            assertEquals("mmmmmmmmm" + "am".repeat(MANY_TIMES / 2), client.text());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSendWhatWaitsForOneLogBeforeALogThatIsSubscribedToLater(boolean laterIsServedFirst) {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture later = fixture.another(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            fixture.turn();
            client.stalled = true;
            fixture.append("[a]");
            fixture.send(client, "m");

            later.subscribe(client, END);
            later.append("[b]");
            fixture.send(client, "n");
            later.append("[c]");
            if (laterIsServedFirst) {
                client.stalled = false;
                later.turn(); // writes what may be written before fixture's reader is served
            }
            serveAll(client, fixture, later);

            assertEquals("[a]m[b]n[c]", client.text());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSendWhatWaitsForALogBeforeWhatIsAppendedAfterTheSubscriberLeftAndCameBack(boolean withSnapshot) {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());
            Subscription place = fixture.subscribe(client, END);
            fixture.turn();
            client.stalled = true;
            fixture.append("[a]");
            fixture.send(client, "m");

            place.close();
            if (withSnapshot) {
                fixture.subscribeWith("{a}", client);
            } else {
                fixture.subscribe(client, END);
            }
            fixture.append("[b]");
            client.stalled = false;
            serveAll(client, fixture);

            assertEquals(withSnapshot ? "m{a}[b]" : "m[b]", client.text());
        }
    }

    @Test
    void shouldSendASnapshotBetweenWhatWasSentBeforeAndAfterTheSubscription() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());
            fixture.send(client, "1");
            fixture.send(client, "2");
            fixture.subscribeWith("{}", client);
            fixture.send(client, "3");
            fixture.append("[a]");
            fixture.send(client, "4");
            fixture.turn(); // without a flush before
            client.flushAll();

            assertEquals("12{}3[a]4", client.text());
        }
    }

    /** The channel has taken a part of the first one, or nothing. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void shouldSendASnapshotBetweenWhatWasSentBeforeAndAfterOverABlockedChannel(int taken) {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(taken));
            fixture.send(client, "(1)");
            client.flush();
            fixture.send(client, "(2)");
            fixture.subscribeWith("{}", client);
            fixture.send(client, "(3)");
            fixture.append("[a]");
            fixture.turn();
            client.flush();
            client.channel.takeAtMost(2);
            serveAll(client, fixture);

            assertEquals("(1)(2){}(3)[a]", client.text());
        }
    }

    @Test
    void shouldSendWhatWaitsForOneLogBeforeTheSnapshotOfAnother() {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture other = fixture.another(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            fixture.turn();
            client.stalled = true;
            fixture.append("[a]");
            fixture.send(client, "m");

            other.subscribeWith("{}", client);
            other.append("[b]");
            client.stalled = false;
            other.turn();
            serveAll(client, fixture, other);

            assertEquals("[a]m{}[b]", client.text());
        }
    }

    /** What ends is the stream that the caller of finish saw, though the reader looks at the logs only later. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWriteNothingThatIsAppendedAfterTheQueueFinishes(boolean adopted) {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture other = fixture.another(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            other.subscribe(client, END);
            if (adopted) {
                fixture.turn();
                other.turn();
            }
            fixture.append("[a]");
            fixture.send(client, "1");
            other.append("[b]");

            client.queue.finish();
            fixture.append("[late]");
            other.append("[late]");
            serveAll(client, fixture, other);

            assertEquals("[a]1[b]", client.text());
            assertEquals(FlushResult.CLOSED, client.lastResult);
            assertNull(client.queue.failure());
        }
    }

    @Test
    void shouldEndAQueueThatFinishesWithNothingToWriteThoughTheLogContinues() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), END);
            fixture.turn();

            client.queue.finish();
            fixture.append("[late]");
            fixture.turn();

            assertEquals("", client.text());
            assertEquals(FlushResult.CLOSED, client.lastResult);
        }
    }
}
