/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An overrun is found by a flush or by the reader: it counts, and is notified, once. */
@ExtendWith(Pools.class)
class LogOverrunOnceTest {
    private static LogClient overrun(LogFixture fixture, OverrunPolicy policy) {
        LogClient slow = fixture.client(HostileChannel.takingAll(), policy);
        fixture.turn();
        slow.stalled = true;
        fixture.append("a");
        fixture.turn(); // the reader sees that one, and no more
        fixture.append("b", "c", "d");
        return slow;
    }

    @Test
    void shouldCountAnOverrunOnceThatAFlushFindsAndNotNotifyIt() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = overrun(fixture, OverrunPolicy.end());

            slow.flush(); // its channel is writable again
            assertEquals(FlushResult.CLOSED, slow.lastResult);
            assertInstanceOf(LogOverrunException.class, slow.queue.failure());
            assertEquals(1, fixture.log.stats().ends());
            for (int i = 0; i < 3; i++) {
                fixture.append("e");
                fixture.turn();
            }

            assertEquals(1, fixture.log.stats().ends());
            assertTrue(slow.overruns.isEmpty(), "the flush has ended the queue already");
            assertEquals(0, fixture.log.stats().retainedMessages(), "nothing waits for it");
        }
    }

    @Test
    void shouldCountAnOverrunOnceThatTheReaderFindsAndNotifyItOnce() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = overrun(fixture, OverrunPolicy.end());

            for (int i = 0; i < 3; i++) {
                fixture.turn();
                slow.flush();
                fixture.append("e");
            }

            assertEquals(1, fixture.log.stats().ends());
            assertEquals(1, slow.overruns.size());
        }
    }

    @Test
    void shouldKeepTheStartPositionOfASubscriberThatSkips() {
        try (LogFixture fixture = LogFixture.ofMessages(2)) {
            LogClient slow = fixture.client(HostileChannel.takingAll());
            fixture.append("before");
            Subscription place = fixture.subscribe(slow, OverrunPolicy.skip());
            fixture.turn();
            slow.stalled = true;
            fixture.append("a", "b", "c", "d");
            fixture.turn();
            slow.flushAll();
            fixture.append("e");
            slow.stalled = false;
            fixture.turn();

            assertEquals("e", slow.text());
            assertEquals(1, place.startPosition());
            assertEquals(6, place.position());
            assertEquals(1, fixture.log.stats().skips());
        }
    }
}
