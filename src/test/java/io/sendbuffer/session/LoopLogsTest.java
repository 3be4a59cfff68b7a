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
import io.sendbuffer.LogClocks;
import io.sendbuffer.LogRetention;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Subscription;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.CachedNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The readers of a loop, which come with the first subscriber of a log and go with the last. */
@Timeout(30)
class LoopLogsTest {
    private static final Duration AGE = Duration.ofMillis(10);

    private final SendBufferPool pool = Pools.create();
    private final CachedNanoClock clock = new CachedNanoClock();
    private final BroadcastLog log = LogClocks.with(clock, BroadcastLog.builder(pool))
            .history(LogRetention.DEFAULT.withMaxAge(AGE))
            .build();
    private final List<String> released = new ArrayList<>();
    private HandDrivenLoop loop;
    private Loopback connection;
    private Session session;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.LOOP);
        connection = loop.connect();
        session = loop.open(connection, new RecordingListener());
    }

    @AfterEach
    void close() {
        session.abort();
        loop.close();
        log.close();
    }

    private void append(String text, Runnable onRelease) {
        try (SendBuffer message = pool.acquire(text.length())
                .putAscii(text)
                .onRelease(unwritten -> {
                    released.add(text);
                    onRelease.run();
                })
                .seal()) {
            assertTrue(log.append(message) >= 0);
        }
    }

    private void requireReceived(String text) throws Exception {
        ByteBuffer received = ByteBuffer.allocate(text.length());
        Await.until("the peer got " + text, () -> !received.hasRemaining(), () -> {
            loop.dutyCycle();
            connection.read(received);
        });
        assertEquals(text, new String(received.array(), StandardCharsets.US_ASCII));
    }

    private Subscription subscribe() {
        Subscription place = session.subscribe(log);
        assertNotNull(place);
        return place;
    }

    /**
     * Leaves, so that the loop finds the reader unused. In the middle of that the second message becomes too old for
     * the history, and is released by the step that closes the reader.
     */
    private void leaveWhileTheSecondMessageBecomesTooOld(Runnable onSecond) throws Exception {
        Subscription place = subscribe();
        append("1", () -> clock.advance(AGE.toNanos() / 2));
        clock.advance(AGE.toNanos() - 1);
        append("2", onSecond);
        requireReceived("12");
        clock.advance(AGE.toNanos() / 2 + 2);
        place.close();
        loop.dutyCycle();
    }

    /** A listener may wait for a lock that another thread holds which subscribes. */
    @Test
    void shouldReleaseMessagesUnderNoLockWhenAReaderIsFoundUnused() throws Exception {
        List<Boolean> holdsLock = new ArrayList<>();

        leaveWhileTheSecondMessageBecomesTooOld(() -> holdsLock.add(Thread.holdsLock(loop.loop.logs())));

        assertEquals(List.of("1", "2"), released);
        assertEquals(List.of(false), holdsLock);
        assertFalse(loop.loop.logs().hasNews());
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a subscriber may try again and again
    void shouldTakeANewSubscriptionWhileItsUnusedReaderIsTakenOut() throws Exception {
        List<Subscription> places = new ArrayList<>();

        leaveWhileTheSecondMessageBecomesTooOld(() -> places.add(session.subscribe(log)));

        assertEquals(List.of("1", "2"), released);
        assertEquals(1, places.size());
        assertNotNull(places.get(0), "the reader that is closed is not the one to join");
        append("3", () -> {});
        requireReceived("3");
        loop.dutyCycle(); // would take out a reader that is not used
        append("4", () -> {});
        requireReceived("4");
        assertEquals(4, places.get(0).position());
    }

    /** One after another: each time the reader is another one. */
    @Test
    void shouldTakeANewSubscriptionAfterItsUnusedReaderWasTakenOut() throws Exception {
        for (int i = 0; i < 3; i++) {
            Subscription place = subscribe();
            append("a", () -> {});
            requireReceived("a");
            place.close();
            loop.dutyCycle();
            loop.dutyCycle();
            assertFalse(loop.loop.logs().hasNews());
        }
        assertEquals(3, log.tailPosition());
    }
}
