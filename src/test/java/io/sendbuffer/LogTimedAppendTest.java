/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Appends that wait for room, of each kind. */
@ExtendWith(Pools.class)
@Timeout(30)
class LogTimedAppendTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    enum Kind {
        MESSAGE {
            @Override
            long append(LogFixture fixture, Duration timeout) throws InterruptedException {
                try (SendBuffer message = fixture.message("new")) {
                    return fixture.log.append(message, timeout);
                }
            }
        },
        SNAPSHOT {
            @Override
            long append(LogFixture fixture, Duration timeout) throws InterruptedException {
                try (SendBuffer message = fixture.message("new")) {
                    return fixture.log.appendSnapshot(message, timeout);
                }
            }
        },
        BATCH {
            @Override
            long append(LogFixture fixture, Duration timeout) throws InterruptedException {
                try (SendBatch batch = new SendBatch();
                        SendBuffer message = fixture.message("new")) {
                    return fixture.log.append(batch.add(message).seal(), timeout);
                }
            }
        };

        abstract long append(LogFixture fixture, Duration timeout) throws InterruptedException;
    }

    /** Holds the log, which is full. */
    private static LogClient holder(LogFixture fixture) {
        LogClient holder = fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
        holder.stalled = true;
        fixture.append("a");
        fixture.turn();
        return holder;
    }

    @ParameterizedTest
    @EnumSource
    void shouldWaitForRoomAndAppend(Kind kind) throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            LogClient holder = holder(fixture);
            FutureTask<Long> append = new FutureTask<>(() -> kind.append(fixture, LONG));
            Thread publisher = new Thread(append, "publisher");
            publisher.start();
            Await.until("it waits", () -> publisher.getState() == Thread.State.TIMED_WAITING);

            holder.stalled = false;
            holder.flushAll();
            fixture.turn();

            assertEquals(1, Threads.join(append));
            fixture.turn();
            assertEquals("anew", holder.text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeRefusedWhenTheTimeIsOver(Kind kind) {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            holder(fixture);

            long result = Threads.join(Threads.start(() -> kind.append(fixture, Duration.ofMillis(2))));

            assertEquals(BroadcastLog.REFUSED, result);
            assertEquals(1, fixture.log.tailPosition());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotWaitOnTheThreadThatServesAReader(Kind kind) throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            holder(fixture);

            assertThrows(IllegalStateException.class, () -> kind.append(fixture, LONG));

            assertEquals(BroadcastLog.REFUSED, kind.append(fixture, Duration.ZERO));
        }
    }

    /** It would wait for itself, sooner or later: that does not depend on the room there is. */
    @ParameterizedTest
    @EnumSource
    void shouldSayAtOnceThatTheThreadServesAReader(Kind kind) throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1)) {
            fixture.client(HostileChannel.takingAll(), OverrunPolicy.hold());
            fixture.turn();

            assertThrows(IllegalStateException.class, () -> kind.append(fixture, LONG));

            assertEquals(0, fixture.log.tailPosition());
            assertEquals(0, kind.append(fixture, Duration.ZERO));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldWaitOnAThreadThatServesAReaderOfAnotherLog(Kind kind) throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(1);
                LogFixture other = fixture.another(1)) {
            holder(other);

            assertEquals(0, kind.append(fixture, LONG));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseATimeoutThatIsOutOfItsRange(Kind kind) throws Exception {
        try (LogFixture fixture = LogFixture.ofMessages(4)) {
            for (Duration timeout : new Duration[] {
                Duration.ofNanos(-1), Duration.ofSeconds(-1), Duration.ofDays(1).plusNanos(1)
            }) {
                IllegalArgumentException thrown =
                        assertThrows(IllegalArgumentException.class, () -> kind.append(fixture, timeout));
                assertTrue(String.valueOf(thrown.getMessage()).contains("between 0 and 1 day"), thrown::getMessage);
            }
            assertEquals(0, fixture.log.tailPosition());
            assertEquals(0, kind.append(fixture, Duration.ofDays(1)));
            assertEquals(1, kind.append(fixture, Duration.ofNanos(1)));
        }
    }
}
