/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a thread appends, and what it sends to one subscriber alone, arrives in the order of its calls. */
@ExtendWith(Pools.class)
class LogOrderTest {
    @Test
    void shouldKeepTheOrderOfTheCallsOfOneThread() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());

            fixture.send(client, "1");
            fixture.append("a", "b");
            fixture.send(client, "2");
            fixture.send(client, "3");
            fixture.append("c");
            fixture.send(client, "4");
            fixture.turn();
            client.flushAll();

            assertEquals("1ab23c4", client.text());
        }
    }

    @Test
    void shouldKeepTheOrderBeforeTheReaderKnowsTheSubscriber() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            fixture.send(client, "1");
            assertNotNull(fixture.reader.subscribe(client, OverrunPolicy.end()));
            fixture.append("a");
            fixture.send(client, "2");

            client.flush();
            assertEquals("1", client.text(), "2 comes after a, which the reader has not seen");
            fixture.turn();
            client.flushAll();

            assertEquals("1a2", client.text());
        }
    }

    @Test
    void shouldLeaveASubscribedQueueToItsReader() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.turn();
            fixture.send(client, "1");

            assertEquals(FlushResult.BUSY, client.queue.flush(client.channel));
            assertEquals(0, client.queue.beginWrite());
            assertEquals("", client.text());
            client.flush();
            assertEquals("1", client.text());
        }
    }

    private static void sendKeyed(LogFixture fixture, LogClient client, int key) {
        try (SendBuffer message =
                fixture.pool.acquire(1).putByte('a' + key).conflate(key).seal()) {
            assertEquals(OfferResult.QUEUED, client.queue.offer(message));
        }
    }

    /** Each goes to the end again and again, behind what was appended before; the others keep their places. */
    @Test
    void shouldKeepTheOrderThoughMessagesAreTakenOutOfTheQueue() {
        try (LogFixture fixture = LogFixture.ofMessages(1_000)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            client.queue.conflation(Conflation.atEnd());
            StringBuilder expected = new StringBuilder();
            fixture.send(client, "1");
            expected.append('1');
            for (int i = 0; i < 300; i++) {
                fixture.append("-");
                expected.append('-');
                sendKeyed(fixture, client, i % 20);
                if (i % 50 == 25) {
                    fixture.send(client, "2");
                    expected.append('2');
                }
                if (i >= 280) {
                    expected.append((char) ('a' + i % 20));
                }
            }
            assertEquals(280, client.queue.conflatedMessages());
            assertTrue(client.queue.backlog().places() < 100, "its holes were forgotten");
            fixture.turn();
            client.flushAll();

            assertEquals(expected.toString(), client.text());
        }
    }

    @Test
    void shouldTakeTheTurnOfAnOlderMessageAmongThoseOfTheLog() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            sendKeyed(fixture, client, 0);
            fixture.append("-");
            sendKeyed(fixture, client, 1);
            fixture.append("-");
            sendKeyed(fixture, client, 0);
            fixture.turn();
            client.flushAll();

            assertEquals("a-b-", client.text());
        }
    }

    /** It is the first of the queue, and the log's messages wait for it. */
    @Test
    void shouldLeaveOutWhatHasExpiredAmongThoseOfTheLog() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.append("-");
            try (SendBuffer expired = fixture.message("x");
                    SendBuffer another = fixture.message("y")) {
                expired.expiresAt(AttributedSlice.nowMillis());
                another.expiresAt(AttributedSlice.nowMillis());
                client.queue.offer(expired);
                fixture.append("-");
                fixture.send(client, "1");
                client.queue.offer(another);
            }
            fixture.turn();
            client.flushAll();

            assertEquals("--1", client.text());
            assertEquals(2, client.queue.expiredMessages());
            assertEquals(0, client.queue.queuedMessages());
        }
    }

    @Test
    void shouldContinueAfterABatchThatIsEmpty() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.append("a");
            assertEquals(OfferResult.QUEUED, client.queue.offer(new SendBatch().seal()));
            fixture.append("b");
            fixture.send(client, "1");
            fixture.turn();
            client.flushAll();

            assertEquals("ab1", client.text());
        }
    }

    @Test
    void shouldEndAQueueThatFinishesWhenTheLogIsWrittenUpToThen() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            fixture.append("a");
            fixture.send(client, "1");
            fixture.append("b");

            client.queue.finish();
            fixture.turn();
            client.flushAll();

            assertEquals("a1b", client.text());
            assertEquals(FlushResult.CLOSED, client.lastResult);
        }
    }

    @Test
    void shouldSayThatThereIsMoreWhenTheTurnIsOver() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            client.stalled = true;
            fixture.send(client, "1");
            fixture.append("a");
            fixture.send(client, "2");
            fixture.append("b");
            fixture.turn();

            int flushes = 1;
            while (client.queue.flushWithLogs(client.channel, 1) == FlushResult.MORE) {
                flushes++;
            }

            assertEquals("1a2b", client.text());
            assertEquals(4, flushes);
        }
    }

    @Test
    void shouldWriteWhatWaitedForALogThatTheSubscriberLeft() {
        try (LogFixture fixture = LogFixture.ofMessages(64)) {
            LogClient client = new LogClient(HostileChannel.takingAll());
            fixture.clients.add(client);
            Subscription place = fixture.reader.subscribe(client, OverrunPolicy.end());
            assertNotNull(place);
            fixture.turn();
            fixture.append("a");
            fixture.send(client, "1");

            place.close();
            fixture.turn();

            assertEquals("1", client.text());
        }
    }

    @Test
    void shouldReadTwoLogs() {
        try (LogFixture fixture = LogFixture.ofMessages(64);
                BroadcastLog other = BroadcastLog.builder(fixture.pool).build();
                LogReader otherReader = other.newReader(() -> {})) {
            LogClient client = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            assertNotNull(otherReader.subscribe(client, OverrunPolicy.end()));

            fixture.append("a", "b");
            fixture.send(client, "1");
            try (SendBuffer message = fixture.message("X")) {
                other.append(message);
            }
            fixture.send(client, "2");
            otherReader.serve();
            fixture.turn();
            client.flushAll();

            String text = client.text();
            assertEquals("ab12", text.replace("X", ""));
            assertEquals("1X2", text.replaceAll("[ab]", ""));
            otherReader.endTurn();
            fixture.reader.endTurn();
            client.queue.close();
            client.queue.removeSubscriptions();
        }
    }

    /** With one thread, the order of all calls is known: each subscriber gets exactly that. */
    @RepeatedTest(40)
    void shouldDeliverExactlyTheCallsWhateverTheChannelsTake() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        try (LogFixture fixture = LogFixture.ofMessages(1 + random.nextInt(40))) {
            List<LogClient> clients = new ArrayList<>();
            List<StringBuilder> expected = new ArrayList<>();
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        if (clients.size() < 6) {
                            clients.add(fixture.client(HostileChannel.seeded(random.nextLong()), OverrunPolicy.hold()));
                            expected.add(new StringBuilder());
                        }
                    }
                    case 1, 2, 3 -> {
                        String text = "<" + step + ">" + "x".repeat(random.nextInt(20));
                        if (fixture.tryAppend(text) >= 0) {
                            expected.forEach(stream -> stream.append(text));
                        }
                    }
                    case 4 -> {
                        if (!clients.isEmpty()) {
                            int which = random.nextInt(clients.size());
                            fixture.send(clients.get(which), "(" + step + ")");
                            expected.get(which).append("(").append(step).append(")");
                        }
                    }
                    case 5 -> {
                        if (!clients.isEmpty()) {
                            clients.get(random.nextInt(clients.size())).flush();
                        }
                    }
                    default -> fixture.turn();
                }
            }
            for (int i = 0; i < 3; i++) {
                fixture.reader.serve();
                clients.forEach(LogClient::flushAll);
            }
            fixture.reader.endTurn();

            for (int i = 0; i < clients.size(); i++) {
                assertEquals(expected.get(i).toString(), clients.get(i).text(), "client " + i + TestSeed.hint(seed));
            }
            assertEquals(0, fixture.log.stats().retainedMessages(), TestSeed.hint(seed));
        }
    }

    /** Each subscriber sees every position once and in order, or a notice that says exactly which ones are missing. */
    @RepeatedTest(40)
    void shouldAccountForEachPositionOfASubscriberThatIsOverrun() {
        long seed = TestSeed.next();
        SplittableRandom random = new SplittableRandom(seed);
        try (LogFixture fixture = LogFixture.ofMessages(1 + random.nextInt(10))) {
            LogClient client = fixture.client(
                    HostileChannel.seeded(random.nextLong()),
                    OverrunPolicy.skip(
                            gap -> fixture.message("[" + gap.firstPosition() + "-" + gap.lastPosition() + "]")));
            for (int step = 0; step < 400; step++) {
                if (random.nextInt(3) > 0) {
                    fixture.append("<" + fixture.log.tailPosition() + ">");
                } else {
                    client.stalled = random.nextInt(3) > 0;
                    fixture.turn();
                }
            }
            fixture.reader.serve();
            client.flushAll();
            fixture.reader.endTurn();

            long next = 0;
            for (String token : client.text().split("(?<=[>\\]])", -1)) {
                if (token.startsWith("<")) {
                    assertEquals("<" + next + ">", token, TestSeed.hint(seed));
                    next++;
                } else if (token.startsWith("[")) {
                    String[] gap = token.substring(1, token.length() - 1).split("-", -1);
                    assertEquals(next, Long.parseLong(gap[0]), TestSeed.hint(seed));
                    next = Long.parseLong(gap[1]) + 1;
                }
            }
            assertEquals(fixture.log.tailPosition(), next, TestSeed.hint(seed));
        }
    }
}
