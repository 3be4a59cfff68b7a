/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Subscription;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A rate cap where senders and the loop both may write. */
@Timeout(30)
class FlushPaceTest {
    private static final Duration INTERVAL = Duration.ofMillis(40);

    private final SendBufferPool pool = Pools.create();
    private HandDrivenLoop loop;
    private Session session;
    private FlushPace pace;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.INLINE);
        session = loop.open(loop.connect(), new RecordingListener());
        session.minFlushInterval(INTERVAL);
        pace = Objects.requireNonNull(session.pace());
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void send(String text) {
        try (SendBuffer message = pool.acquire(text.length()).putAscii(text).seal()) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
    }

    /** A sender begins the flush that the loop was to begin, and the loop ends it. */
    @Test
    void shouldFlushAgainWhereAnotherThreadHasBegunTheFlushThatWaited() throws Exception {
        send("1");
        send("2");
        loop.dutyCycle();
        assertTrue(pace.flushWaitsVolatile(), "the loop is to flush");
        Await.until("the time has come", () -> pace.nanosToBegin(session.queue) == 0); // for a sender, which is cut off
        loop.dutyCyclesUntil("all is written", () -> session.queuedMessages() == 0);
        loop.dutyCycle();
        assertFalse(pace.flushWaitsVolatile(), "nobody is to flush");
        send("3");
        loop.dutyCyclesUntil("the next one is written", () -> session.queuedMessages() == 0);
    }

    /** A subscriber joins, and the loop looks at it: nothing is written, so what comes first waits for nothing. */
    @Test
    void shouldNotBeginAnIntervalWhereALogHasNothingToWrite() throws Exception {
        session.minFlushInterval(Duration.ofHours(1));
        try (BroadcastLog log = BroadcastLog.builder(pool).build()) {
            Subscription place = session.subscribe(log);
            assertNotNull(place);
            for (int i = 0; i < 3; i++) {
                session.flush();
                loop.dutyCycle();
            }
            try (SendBuffer message = pool.acquire(1).putByte('1').seal()) {
                log.append(message);
                loop.dutyCyclesUntil("it is written", () -> place.lagInMessages() == 0);
                log.append(message);
            }
            for (int i = 0; i < 3; i++) {
                session.flush();
                loop.dutyCycle();
            }
            assertEquals(1, place.lagInMessages(), "the second one waits for its time");
            session.abort();
        }
    }

    @Test
    void shouldNotEndAFlushThatBeganLater() throws Exception {
        send("1");
        long begun = pace.begunVolatile();
        send("23");
        Await.until("the time has come", () -> pace.nanosToBegin(session.queue) == 0);
        pace.isOver(begun);
        assertTrue(pace.goesOn(session.queue, 0));
        pace.isOver(pace.begunVolatile());
        assertFalse(pace.goesOn(session.queue, 0));
        loop.dutyCyclesUntil("all is written", () -> session.queuedMessages() == 0);
    }
}
