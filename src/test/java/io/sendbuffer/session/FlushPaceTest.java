/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
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
