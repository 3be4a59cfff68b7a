/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The ends of subscriptions: what becomes of a snapshot, and of a message that the subscriber has got a part of. */
@ExtendWith(Pools.class)
class LogSubscriptionEndsTest {
    private static final OverrunPolicy END = OverrunPolicy.end();

    /** How the thread that serves a reader takes a subscription out. */
    private static final List<BiConsumer<LogReader, Subscription>> WAYS_OUT =
            List.of((reader, place) -> reader.close(), LogReader::remove);

    /**
     * A queue ends, its loop finds no cursor to remove, and then the snapshot is there: the reader adopts the cursor
     * before the thread that subscribes looks at the queue.
     */
    @Test
    void shouldReleaseASnapshotWhoseQueueEndsWhileItIsMadeThoughTheReaderHasAdoptedTheCursor() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());

            Subscription place = fixture.reader.subscribe(client, END, least -> {
                client.queue.close();
                client.queue.removeSubscriptions();
                appendWithListener(fixture, fixture::turn); // released when the cursor begins behind it
                return new LogSnapshot(fixture.message("{}"), fixture.log.tailPosition());
            });
            assertNull(place);
            assertTrue(fixture.reader.hasNews());
            fixture.turn();

            assertTrue(fixture.reader.isEmpty());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertEquals("", client.text());
            assertTrue(fixture.reader.closeIfUnused());
        }
    }

    /** The thread that makes the snapshot owns the cursor until then, whatever the reader does meanwhile. */
    @Test
    void shouldReleaseASnapshotWhoseQueueEndsWhileItIsMadeThoughOthersLeaveMeanwhile() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());
            Subscription other = fixture.reader.subscribe(fixture.client(HostileChannel.takingAll()), END);
            assertNotNull(other);
            fixture.turn();

            assertNull(fixture.reader.subscribe(client, END, least -> {
                client.queue.close();
                client.queue.removeSubscriptions();
                other.close();
                fixture.turn();
                fixture.turn();
                return new LogSnapshot(fixture.message("{}"), least);
            }));
            fixture.turn();

            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertTrue(fixture.reader.isEmpty());
            assertTrue(fixture.reader.closeIfUnused());
        }
    }

    @Test
    void shouldReleaseASnapshotWhoseQueueEndsWhileItIsMade() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());

            assertNull(fixture.reader.subscribe(client, END, least -> {
                client.queue.close();
                client.queue.removeSubscriptions();
                return new LogSnapshot(fixture.message("{}"), least);
            }));

            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            fixture.turn();
            assertTrue(fixture.reader.isEmpty());
            assertTrue(fixture.reader.closeIfUnused());
        }
    }

    private static void appendWithListener(LogFixture fixture, Runnable listener) {
        try (SendBuffer message = fixture.pool
                .acquire(1)
                .putAscii("a")
                .onRelease(unwritten -> listener.run())
                .seal()) {
            fixture.log.append(message);
        }
    }

    @Test
    void shouldRefuseASourceThatMakesNoSnapshot() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll());

            NullPointerException thrown = assertThrows(
                    NullPointerException.class, () -> fixture.reader.subscribe(client, END, least -> nothing()));

            assertEquals("the source returned no snapshot", thrown.getMessage());
            assertFalse(client.queue.isSubscribed());
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    @Test
    void shouldEndAQueueWhoseSubscriptionIsTakenOutWithinAMessage() {
        for (BiConsumer<LogReader, Subscription> takeOut : WAYS_OUT) {
            for (int length : new int[] {10, 100_000}) { // the rest of the one is copied, the other one is retained
                try (LogFixture fixture = LogFixture.ofMessages(64)) {
                    LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(3));
                    Subscription place = fixture.subscribe(client, END);
                    fixture.append("m".repeat(length));
                    fixture.turn();
                    fixture.send(client, "next");

                    takeOut.accept(fixture.reader, place);
                    client.flushAll();

                    assertEquals("mmm", client.text());
                    assertEquals(FlushResult.CLOSED, client.lastResult);
                    assertInstanceOf(IOException.class, client.queue.failure());
                    assertTrue(place.isClosed());
                    fixture.reader.endTurn();
                    assertEquals(0, fixture.pool.stats().outstandingBuffers());
                }
            }
        }
    }

    @Test
    void shouldEndAQueueWhoseSubscriptionIsTakenOutWithinASnapshot() {
        for (BiConsumer<LogReader, Subscription> takeOut : WAYS_OUT) {
            try (LogFixture fixture = LogFixture.ofMessages(64)) {
                LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(3));
                Subscription place = fixture.subscribeWith("{snapshot}", client);
                fixture.turn();

                takeOut.accept(fixture.reader, place);

                assertEquals("{sn", client.text());
                assertInstanceOf(IOException.class, client.queue.failure());
                assertEquals(0, fixture.pool.stats().outstandingBuffers());
            }
        }
    }

    @Test
    void shouldLeaveAQueueOpenWhoseSubscriptionIsTakenOutBetweenMessages() {
        for (BiConsumer<LogReader, Subscription> takeOut : WAYS_OUT) {
            try (LogFixture fixture = LogFixture.ofMessages(64)) {
                LogClient client = fixture.client(HostileChannel.takingAll());
                Subscription place = fixture.subscribe(client, END);
                fixture.append("a");
                fixture.turn();
                client.stalled = true;
                fixture.append("b"); // not begun
                fixture.turn();
                fixture.send(client, "next");

                takeOut.accept(fixture.reader, place);
                client.flushAll();

                assertEquals("anext", client.text());
                assertFalse(client.queue.isClosed());
                assertFalse(client.queue.isSubscribed());
            }
        }
    }

    /** The channel took nothing of it: what comes next may be anything. */
    @Test
    void shouldLeaveAQueueOpenWhoseSnapshotWasNotBegun() {
        for (BiConsumer<LogReader, Subscription> takeOut : WAYS_OUT) {
            try (LogFixture fixture = LogFixture.ofMessages(64)) {
                LogClient client = fixture.client(HostileChannel.takingAll().block(1));
                Subscription place = fixture.subscribeWith("{snapshot}", client);
                fixture.turn();
                assertEquals(FlushResult.BLOCKED, client.lastResult);

                takeOut.accept(fixture.reader, place);
                fixture.send(client, "next");
                client.flushAll();

                assertEquals("next", client.text());
                assertFalse(client.queue.isClosed());
                assertEquals(0, fixture.pool.stats().outstandingBuffers());
            }
        }
    }

    @Test
    void shouldKeepTheCauseOfAQueueThatHasEndedWhenItsSubscriptionsAreRemoved() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll().takeAtMost(3), END);
            fixture.append("message");
            fixture.turn();

            client.queue.close();
            client.queue.removeSubscriptions();

            assertNull(client.queue.failure());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldSayThatItIsClosedAndWhatItsPolicyIs() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            OverrunPolicy policy = OverrunPolicy.skip(gap -> null);
            LogClient client = fixture.client(HostileChannel.takingAll());
            Subscription closed = fixture.subscribe(client, policy);
            Subscription open = fixture.subscribe(client, END);
            fixture.turn();
            assertSame(policy, closed.overrunPolicy());
            assertSame(END, open.overrunPolicy());
            assertFalse(closed.isClosed());

            closed.close();

            assertTrue(closed.isClosed());
            assertFalse(open.isClosed());
            fixture.log.close();
            fixture.turn();
            assertTrue(open.isClosed(), "the log is closed, and all of it is written");
        }
    }

    @Test
    void shouldNameAPolicyAsInTheCode() {
        assertEquals("end()", OverrunPolicy.end().toString());
        assertEquals("skip()", OverrunPolicy.skip().toString());
        assertEquals("hold()", OverrunPolicy.hold().toString());
        GapNotice notice = new GapNotice() {
            @Override
            public SendBuffer noticeOf(Gap gap) {
                throw new AssertionError("no gap");
            }

            @Override
            public String toString() {
                return "notice";
            }
        };
        assertEquals("skip(notice)", OverrunPolicy.skip(notice).toString());
        assertNotNull(assertThrows(NullPointerException.class, () -> OverrunPolicy.skip(nothing()))
                .getMessage());
    }
}
