/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.time.Duration;
import org.agrona.concurrent.CachedNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to messages, and to those that wait for them, when time passes; by a clock that the test moves. */
@ExtendWith(Pools.class)
class LogAgeTest {
    private static final LogRetention ONE_SECOND = LogRetention.DEFAULT.withMaxAge(Duration.ofSeconds(1));
    private final CachedNanoClock clock = new CachedNanoClock();

    private LogFixture fixture(LogRetention retention, LogRetention history) {
        return new LogFixture(
                Pools.create(), log -> log.retention(retention).history(history).clock(clock));
    }

    private void passMillis(long count) {
        clock.advance(Duration.ofMillis(count).toNanos());
    }

    /** A cycle of a loop, which serves the reader only if that has news. */
    private static void cycle(LogFixture fixture) {
        if (fixture.reader.hasNews()) {
            fixture.reader.serve();
        }
        fixture.reader.endTurn();
    }

    /** A reader checks the age of messages at intervals. */
    private static void cycleUntilEmpty(LogFixture fixture) throws Exception {
        Await.until("the log is empty", () -> fixture.log.stats().retainedMessages() == 0, () -> cycle(fixture));
    }

    @Test
    void shouldEndASubscriberThatIsOverrunByAgeWithoutAnotherAppend() throws Exception {
        try (LogFixture fixture = fixture(ONE_SECOND, LogRetention.NOTHING)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            LogClient quick = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;
            fixture.append("a", "b");
            cycle(fixture);
            passMillis(1_001);

            cycleUntilEmpty(fixture);
            cycle(fixture);
            cycle(fixture);

            assertEquals(1, slow.overruns.size());
            assertEquals(Gap.ofLog(0, 1, 2), slow.overruns.get(0).gap());
            assertEquals(1, fixture.log.stats().ends());
            assertEquals("ab", quick.text());
            assertTrue(quick.overruns.isEmpty());
        }
    }

    /** Its channel has taken a part of the message before. */
    @ParameterizedTest
    @ValueSource(ints = {8, 100_000})
    void shouldEndABlockedSubscriberThatIsOverrunByAge(int length) throws Exception {
        try (LogFixture fixture = fixture(ONE_SECOND, LogRetention.NOTHING)) {
            LogClient slow = fixture.client(HostileChannel.takingAll().takeAtMost(3), OverrunPolicy.end());
            fixture.append("m".repeat(length));
            cycle(fixture);
            assertEquals(FlushResult.BLOCKED, slow.lastResult);
            slow.stalled = true;
            fixture.append("b");
            cycle(fixture);
            passMillis(1_001);

            cycleUntilEmpty(fixture);
            cycle(fixture);
            cycle(fixture);

            assertEquals(1, slow.overruns.size());
            assertEquals(Gap.ofLog(1, 1, 1), slow.overruns.get(0).gap());
            assertEquals("mmm", slow.text());
            slow.queue.removeSubscriptions();
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldNotEndASubscriberWhoseMessagesAreAsOldAsTheRetentionAllows() {
        try (LogFixture fixture = fixture(ONE_SECOND, LogRetention.NOTHING)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;
            fixture.append("a");
            cycle(fixture);
            passMillis(1_000);
            cycle(fixture);
            cycle(fixture);
            slow.stalled = false;
            fixture.append("b");
            cycle(fixture);

            assertEquals("ab", slow.text());
        }
    }

    @Test
    void shouldSayHowOldTheOldestRetainedMessageIsToASubscriberThatIsBehindTheRetention() {
        LogRetention two = LogRetention.DEFAULT.withMaxMessages(2);
        try (LogFixture fixture = fixture(two, LogRetention.NOTHING)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription place = fixture.subscribe(slow, OverrunPolicy.skip());
            fixture.turn();
            slow.stalled = true;
            assertEquals(0, place.lagInNanos(), "not behind");
            for (int i = 0; i < 4; i++) { // positions 0 and 1 are overrun
                fixture.append("x");
                passMillis(1);
            }

            assertEquals(4, place.lagInMessages());
            assertEquals(2_000_000, place.lagInNanos());
            passMillis(5);
            assertEquals(7_000_000, place.lagInNanos());
            fixture.turn();
            slow.flushAll();
            assertEquals(0, place.lagInNanos());
        }
    }

    @Test
    void shouldRefuseWhatAHoldersMessageIsTooOldForAndGiveUpNothingOfOthers() {
        try (LogFixture fixture = fixture(ONE_SECOND, LogRetention.NOTHING)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            Subscription slowPlace = fixture.subscribe(slow, OverrunPolicy.skip());
            LogClient holder = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            slow.stalled = true;
            fixture.append("a");
            fixture.turn();
            holder.stalled = true;
            fixture.append("b");
            passMillis(1_001);

            assertEquals(BroadcastLog.REFUSED, fixture.tryAppend("c"));
            try (SendBatch batch = new SendBatch();
                    SendBuffer message = fixture.message("c")) {
                assertEquals(
                        BroadcastLog.REFUSED,
                        fixture.log.append(batch.add(message).seal()));
            }
            assertEquals(0, fixture.log.leastPosition());
            assertEquals(0, fixture.log.stats().skips());
            assertEquals(2, slowPlace.lagInMessages());

            holder.stalled = false;
            fixture.turn();
            fixture.append("c");
            assertEquals(2, fixture.log.leastPosition(), "the others are overrun once the append succeeds");
        }
    }

    @Test
    void shouldForgetAllOfTheHistoryThatIsTooOldAtOneAppend() {
        LogRetention history = LogRetention.DEFAULT.withMaxAge(Duration.ofMillis(10));
        try (LogFixture fixture = fixture(LogRetention.DEFAULT, history)) {
            for (int i = 0; i < 100; i++) {
                fixture.append("x");
            }
            passMillis(11);
            assertEquals(100, fixture.log.stats().retainedMessages());

            fixture.append("y");

            assertEquals(1, fixture.log.stats().retainedMessages());
            assertEquals(1, fixture.pool.stats().outstandingBuffers());
        }
    }
}
