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
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A subscriber of two logs that leaves and comes back, with snapshots and without, over a channel that takes parts.
 * With one thread the order of all calls is known: each message is whole, and what was sent to the subscriber alone
 * lies behind all that was appended before and before all that was appended later.
 */
@ExtendWith(Pools.class)
class LogChurnOrderTest {
    private static final int STEPS = 300;
    private static final int MAX_PLACES = 5;
    private static final int MAX_CYCLES = 10_000;

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<Subscription> places = new ArrayList<>();
    private int calls;

    /** Names the call; some are large enough for their rest to be retained, where they are written in part. */
    private String text(char kind) {
        int fill = random.nextInt(40) == 0 ? 40_000 : random.nextInt(12);
        return "<" + kind + calls++ + "." + "x".repeat(fill) + ">";
    }

    @RepeatedTest(40)
    void shouldKeepTheOrderOfTheCallsThoughTheSubscriberLeavesAndComesBack() {
        try (LogFixture fixture = LogFixture.ofMessages(4096);
                LogFixture other = fixture.another(4096)) {
            HostileChannel channel = HostileChannel.seeded(random.nextLong()).takeAtMost(1 + random.nextInt(40));
            LogClient client = fixture.client(channel);
            int sent = 0;
            for (int step = 0; step < STEPS; step++) {
                LogFixture log = random.nextBoolean() ? fixture : other;
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> log.append(text('a'));
                    case 3, 4 -> {
                        fixture.send(client, text('m'));
                        sent++;
                    }
                    case 5 -> join(log, client);
                    case 6 -> leave();
                    case 7 -> client.flush();
                    case 8 -> client.stalled = random.nextBoolean();
                    default -> log.turn();
                }
            }
            writeTheRest(client, fixture, other);
            requireOrder(client.text(), sent);
        }
    }

    private void join(LogFixture log, LogClient client) {
        if (places.size() < MAX_PLACES) {
            places.add(
                    random.nextBoolean()
                            ? log.subscribeWith(text('s'), client)
                            : log.subscribe(client, OverrunPolicy.hold()));
        }
    }

    private void leave() {
        if (!places.isEmpty()) {
            places.remove(random.nextInt(places.size())).close();
        }
    }

    /** As a loop does, which serves a reader only if it has news, and flushes only what is not drained. */
    private static void writeTheRest(LogClient client, LogFixture... logs) {
        client.stalled = false;
        client.channel.takeAtMost(Integer.MAX_VALUE);
        client.flush(); // the channel is writable again
        boolean isBusy = true;
        for (int i = 0; i < MAX_CYCLES && isBusy; i++) {
            isBusy = client.lastResult == FlushResult.BLOCKED || client.lastResult == FlushResult.MORE;
            if (isBusy) {
                client.flush();
            }
            for (LogFixture each : logs) {
                if (each.reader.hasNews()) {
                    each.reader.serve();
                    isBusy = true;
                }
                each.reader.endTurn();
            }
        }
    }

    private void requireOrder(String stream, int sent) {
        int lastSent = -1;
        int lastOther = -1;
        int found = 0;
        for (String token : stream.split("(?<=>)", -1)) {
            if (!token.isEmpty()) {
                assertTrue(token.matches("<[ams][0-9]+\\.x*>"), () -> "cut: " + token + TestSeed.hint(seed));
                int call = Integer.parseInt(token.substring(2, token.indexOf('.')));
                String where = "at " + call + TestSeed.hint(seed);
                if (token.charAt(1) == 'm') {
                    assertTrue(call > lastSent && call > lastOther, where);
                    lastSent = call;
                    found++;
                } else {
                    assertTrue(call > lastSent, where);
                    lastOther = Math.max(lastOther, call);
                }
            }
        }
        assertEquals(sent, found, TestSeed.hint(seed));
    }
}
