/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Subscribers that fall behind the retention. */
@ExtendWith(Pools.class)
@Timeout(30)
class LogOverrunTest {
    private static final GapNotice NONE = gap -> null;

    private static OverrunPolicy skipWith(LogFixture fixture) {
        return OverrunPolicy.skip(gap -> fixture.message(noticeOf(gap)));
    }

    private static String noticeOf(Gap gap) {
        return "[" + gap.firstPosition() + "-" + gap.lastPosition() + ":" + gap.bytes() + "]";
    }

    @Test
    void shouldEndASubscriberThatFellBehindAndKeepNothingForIt() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;

            fixture.append("a", "bc", "d", "e");
            fixture.turn();

            assertEquals(1, slow.overruns.size());
            assertEquals(Gap.ofLog(0, 1, 3), slow.overruns.get(0).gap());
            assertEquals(1, fixture.log.stats().ends());
            assertEquals(0, fixture.log.stats().retainedMessages());
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
        }
    }

    @Test
    void shouldEndASubscriberThatFindsOutInItsOwnFlush() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;
            fixture.append("a");
            fixture.turn();
            fixture.append("b");

            slow.flush();

            assertEquals(FlushResult.CLOSED, slow.lastResult);
            LogOverrunException cause = assertInstanceOf(LogOverrunException.class, slow.queue.failure());
            assertEquals(Gap.ofLog(0, 0, 1), cause.gap());
            assertEquals("", slow.text());
        }
    }

    @Test
    void shouldSkipToTheNextMessageWithANoticeWhereTheLossIs() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), skipWith(fixture));
            fixture.append("a");
            fixture.turn();
            slow.stalled = true;
            fixture.append("b", "cd", "e", "f");
            fixture.turn();

            slow.flushAll();
            fixture.append("g");
            slow.stalled = false;
            fixture.turn();

            assertEquals("a[1-4:5]g", slow.text());
            assertEquals(1, fixture.log.stats().skips());
        }
    }

    @Test
    void shouldContinueWithTheLastSnapshotIfItIsRetained() {
        try (LogFixture fixture = LogFixture.ofMessages(3)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), skipWith(fixture));
            slow.stalled = true;
            fixture.append("a", "b", "c");
            try (SendBuffer snapshot = fixture.message("S")) {
                assertEquals(3, fixture.log.appendSnapshot(snapshot));
            }
            fixture.append("d");
            fixture.turn();

            slow.flushAll();

            assertEquals("[0-2:3]Sd", slow.text());
        }
    }

    @Test
    void shouldSkipWithoutASignIfNoneIsWanted() {
        for (OverrunPolicy policy : List.of(OverrunPolicy.skip(), OverrunPolicy.skip(NONE))) {
            try (LogFixture fixture = LogFixture.ofMessages(1)) {
                LogClient slow = fixture.client(HostileChannel.takingAll(), policy);
                slow.stalled = true;
                fixture.append("a", "b");
                fixture.turn();
                slow.flushAll();
                fixture.append("c");
                fixture.turn();
                slow.flushAll();

                assertEquals("c", slow.text());
            }
        }
    }

    @Test
    void shouldWriteAHalfWrittenMessageToItsEndBeforeTheNotice() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            HostileChannel channel = HostileChannel.takingAll().takeAtMost(2);
            LogClient slow = fixture.client(channel, skipWith(fixture));
            fixture.append("abcdef");
            fixture.turn();
            assertEquals(FlushResult.BLOCKED, slow.lastResult);
            slow.stalled = true;
            fixture.append("x", "y");
            fixture.turn();
            assertEquals(2, fixture.pool.stats().outstandingBuffers(), "the newest message, and a copy of the rest");

            slow.flushAll();
            fixture.append("z");
            fixture.turn();
            slow.flushAll();

            assertEquals("abcdef[1-2:2]z", slow.text());
        }
    }

    @Test
    void shouldKeepALargeHalfWrittenMessageRatherThanCopyIt() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            String large = "m".repeat(100_000);
            LogClient slow = fixture.client(HostileChannel.takingAll().takeAtMost(30_000), skipWith(fixture));
            fixture.append(large);
            fixture.turn();
            slow.stalled = true;
            fixture.append("x", "y");
            fixture.turn();

            slow.flushAll();

            assertEquals(large + "[1-2:2]", slow.text());
        }
    }

    @Test
    void shouldEndTheSubscriberWhoseNoticeThrows() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            IllegalStateException thrown = new IllegalStateException("no notice");
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.skip(gap -> {
                throw thrown;
            }));
            slow.stalled = true;
            fixture.append("a", "b");
            fixture.turn();

            slow.flush();

            assertEquals(FlushResult.CLOSED, slow.lastResult);
            assertEquals(thrown, slow.queue.failure());
        }
    }

    @Test
    void shouldLetAWriteKeepWhatTheRetentionGivesUpMeanwhile() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            List<Long> during = new ArrayList<>();
            HostileChannel channel = HostileChannel.takingAll();
            LogClient client = fixture.client(channel, OverrunPolicy.skip());
            channel.duringWrite(() -> {
                if (during.isEmpty()) {
                    fixture.append("x", "y", "z", "w");
                    during.add(fixture.pool.stats().outstandingBuffers());
                }
            });
            fixture.append("a", "b");

            fixture.turn();
            fixture.turn();

            assertEquals(List.of(4L), during, "two retained, two being written");
            assertTrue(client.text().startsWith("ab"), client.text());
        }
    }

    @Test
    void shouldRefuseWhatWouldOverrunASubscriberThatHolds() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            slow.stalled = true;
            fixture.append("a", "b");

            assertEquals(BroadcastLog.REFUSED, fixture.tryAppend("c"));
            fixture.turn();
            slow.flushAll();
            fixture.turn();
            fixture.append("d");
            fixture.turn();
            slow.flushAll();

            assertEquals("abd", slow.text());
        }
    }

    @Test
    void shouldWaitForASubscriberThatHolds() throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1);
                SendBuffer message = fixture.message("b")) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            slow.stalled = true;
            fixture.append("a");
            fixture.turn();
            assertEquals(BroadcastLog.REFUSED, fixture.log.append(message, Duration.ZERO));
            assertThrows(
                    IllegalStateException.class,
                    () -> fixture.log.append(message, Duration.ofMillis(1)),
                    "this thread serves the reader");
            Callable<Long> shortly = () -> fixture.log.append(message, Duration.ofMillis(1));
            assertEquals(BroadcastLog.REFUSED, Threads.start(shortly).get());

            Future<Long> appended = Threads.start(() -> fixture.log.append(message, Duration.ofSeconds(20)));
            while (!appended.isDone()) {
                fixture.reader.serve();
                slow.flushAll();
                fixture.reader.endTurn();
            }
            assertEquals(1, appended.get());
            fixture.turn();
            slow.flushAll();

            assertEquals("ab", slow.text());
        }
    }

    @Test
    void shouldHoldNoLongerWhenTheSubscriberHasEnded() {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            slow.stalled = true;
            fixture.append("a");
            fixture.turn();

            slow.queue.close();
            slow.queue.removeSubscriptions();
            fixture.turn();

            fixture.append("b");
            assertEquals(0, fixture.pool.stats().outstandingBuffers());
            assertNotNull(slow.queue);
        }
    }

    @Test
    void shouldGiveUpWhatIsTooOldThoughNothingIsAppended() {
        LogRetention brief = LogRetention.DEFAULT.withMaxAge(Duration.ofMillis(1));
        try (LogFixture fixture = new LogFixture(brief)) {
            LogClient slow = fixture.client(HostileChannel.takingAll(), OverrunPolicy.end());
            slow.stalled = true;
            fixture.append("a");

            while (slow.overruns.isEmpty()) {
                fixture.turn();
            }

            assertEquals(0, fixture.log.stats().retainedMessages());
        }
    }
}
