/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is inserted into a subscriber's stream: nothing enters a message that the subscriber has got a part of. */
@ExtendWith(Pools.class)
class LogInsertsTest {
    /** The rest of the one is copied, and the other one is retained. */
    private static final String SHORT = "<half-written>";

    private static final String LONG = "<" + "m".repeat(100_000) + ">";
    private static final OverrunPolicy END = OverrunPolicy.end();

    /** A channel that takes a part of either. */
    private static HostileChannel takingParts(String message) {
        return HostileChannel.takingAll().takeAtMost(message.length() / 3);
    }

    private static OverrunPolicy skipWithNotice(LogFixture fixture) {
        return OverrunPolicy.skip(gap -> fixture.message("[gap]"));
    }

    private static void flushAll(LogClient client, LogFixture... fixtures) {
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

    @ParameterizedTest
    @ValueSource(strings = {"short", "long"})
    void shouldSendASnapshotBehindTheHalfWrittenMessageOfAnotherLog(String length) {
        String message = length.equals("long") ? LONG : SHORT;
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture other = fixture.another(64)) {
            LogClient client = fixture.client(takingParts(message), END);
            fixture.append(message, "next");
            fixture.turn();
            assertEquals(FlushResult.BLOCKED, client.lastResult);

            other.subscribeWith("[snapshot]", client);
            flushAll(client, other, fixture);

            assertEquals(message + "[snapshot]next", client.text());
        }
    }

    /** The log that the notice is of was subscribed to last, so it is looked at first. */
    @ParameterizedTest
    @ValueSource(strings = {"short", "long"})
    void shouldSendANoticeBehindTheHalfWrittenMessageOfAnotherLog(String length) {
        String message = length.equals("long") ? LONG : SHORT;
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture other = fixture.another(2)) {
            LogClient client = fixture.client(takingParts(message), END);
            other.subscribe(client, skipWithNotice(other));
            fixture.turn();
            other.turn();
            other.append("a", "b", "c"); // the first one is overrun
            fixture.append(message);
            client.stalled = true;
            fixture.turn();
            other.turn();

            flushAll(client, fixture, other);

            assertEquals(message + "[gap]", client.text());
        }
    }

    /** Another one of the same log, and one of another log. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void shouldSendASnapshotBehindAnotherThatIsHalfWritten(int written) {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                LogFixture other = fixture.another(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(written));
            fixture.subscribeWith("<snapshot 1>", client);
            fixture.turn();

            fixture.subscribeWith("<snapshot 2>", client);
            other.subscribeWith("<snapshot 3>", client);
            flushAll(client, other, fixture);

            List<String> whole = new ArrayList<>(List.of(client.text().split("(?<=>)", 3)));
            assertEquals("<snapshot 1>", whole.get(0));
            Collections.sort(whole); // between two logs there is no order
            assertEquals(List.of("<snapshot 1>", "<snapshot 2>", "<snapshot 3>"), whole);
        }
    }

    /** The client can account for each message, to the last one. */
    @Test
    void shouldSendANoticeToAReceiverThatFinishes() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), skipWithNotice(fixture));
            fixture.turn();
            client.stalled = true;
            fixture.append("a", "b");
            fixture.turn();
            client.queue.finish();
            fixture.append("c"); // b is given up too, and c comes after the end
            client.stalled = false;

            flushAll(client, fixture);

            assertEquals("[gap]", client.text());
            assertEquals(FlushResult.CLOSED, client.lastResult);
            assertNull(client.queue.failure());
        }
    }

    @Test
    void shouldSendASnapshotBehindAHalfWrittenNotice() {
        try (LogFixture fixture = LogFixture.ofMessages(1);
                LogFixture other = fixture.another(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(2), skipWithNotice(fixture));
            fixture.turn();
            client.stalled = true;
            fixture.append("a", "b");
            fixture.turn();
            client.flush(); // a part of the notice
            assertEquals("[g", client.text());

            other.subscribeWith("<snapshot>", client);
            flushAll(client, other, fixture);

            assertEquals("[gap]<snapshot>", client.text());
        }
    }

    @Test
    void shouldSendASnapshotBehindAHalfWrittenMessageOfTheQueue() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(3));
            fixture.send(client, "(sent before)");
            client.flush();

            fixture.subscribeWith("<snapshot>", client);
            flushAll(client, fixture);

            assertEquals("(sent before)<snapshot>", client.text());
        }
    }

    @Test
    void shouldReleaseANoticeThatIsNotSealedAndEndTheQueue() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client = fixture.client(
                    HostileChannel.takingAll(),
                    OverrunPolicy.skip(gap -> fixture.pool.acquire(8).putAscii("gap")));
            fixture.turn();
            fixture.append("a", "b");
            fixture.turn();

            assertEquals(FlushResult.CLOSED, client.lastResult);
            assertInstanceOf(IllegalStateException.class, client.queue.failure());
            client.queue.removeSubscriptions();
            fixture.turn();
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldReleaseANoticeThatIsEmptyAndContinueWithoutOne() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient client =
                    fixture.client(HostileChannel.takingAll(), OverrunPolicy.skip(gap -> fixture.message("")));
            fixture.turn();
            fixture.append("a", "b");
            fixture.turn();
            fixture.append("c");
            fixture.turn();

            assertEquals("c", client.text());
            assertNull(client.queue.failure());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }
}
