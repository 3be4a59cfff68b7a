/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds that a log accepts, and the positions that a subscriber may name. */
@ExtendWith(Pools.class)
class LogSettingsTest {
    private static final long POOL = 1 << 20;
    private final SendBufferPool pool = Pools.track(
            SendBufferPool.builder().chunkSize(64 << 10).maxMemory(POOL).build());

    private static void requireRefused(String rule, Executable setting) {
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, setting).getMessage());
        assertTrue(message.contains(rule), message);
    }

    private void setRetention(LogRetention retention) {
        BroadcastLog.builder(pool).retention(retention);
    }

    @Test
    void shouldRefuseARetentionThatRetainsNothing() {
        requireRefused("maxBytes must be between 1 and", () -> setRetention(LogRetention.DEFAULT.withMaxBytes(0)));
        requireRefused(
                "maxMessages must be between 1 and 16,777,216, was 0",
                () -> setRetention(LogRetention.DEFAULT.withMaxMessages(0)));
        for (Duration brief : new Duration[] {Duration.ZERO, Duration.ofNanos(999_000), Duration.ofNanos(999_999)}) {
            requireRefused(
                    "maxAge must be between 1 ms and 365 days, was " + brief,
                    () -> setRetention(LogRetention.DEFAULT.withMaxAge(brief)));
        }
        setRetention(new LogRetention(1, 1, Duration.ofMillis(1)));
    }

    @Test
    void shouldRefuseMoreMessagesThanALogCanNumberInItsRing() {
        requireRefused(
                "maxMessages must be between 0 and 16,777,216, was 16,777,217",
                () -> LogRetention.DEFAULT.withMaxMessages(16_777_217));
        setRetention(LogRetention.DEFAULT.withMaxMessages(16_777_216));
    }

    /** A pool that one log exhausts has nothing for the rest of the server. */
    @Test
    void shouldRefuseARetentionAsLargeAsItsPool() {
        BroadcastLog.Builder asLarge = BroadcastLog.builder(pool).retention(LogRetention.DEFAULT.withMaxBytes(POOL));
        requireRefused("must be less than the pool's maxMemory, 1,048,576", asLarge::build);

        asLarge.retention(LogRetention.DEFAULT.withMaxBytes(POOL - 1)).build().close();
    }

    private long largestThatIsAccepted(BroadcastLog log) {
        long accepted = 0;
        for (int size : new int[] {(int) POOL / 4, (int) POOL / 4 + 1}) {
            try (SendBuffer message =
                    pool.acquire(size).putBytes(new byte[size]).seal()) {
                accepted = log.append(message) >= 0 ? size : accepted;
            }
        }
        return accepted;
    }

    @Test
    void shouldRetainAQuarterOfASmallPoolByDefault() {
        try (BroadcastLog log = BroadcastLog.builder(pool).build()) {
            assertEquals(POOL / 4, largestThatIsAccepted(log));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, -1, -4, 4, 1L << 32, (1L << 32) + 2})
    void shouldNotSubscribeFromAPositionThatIsNotThere(long position) {
        try (LogFixture fixture = new LogFixture(LogRetention.DEFAULT, LogRetention.DEFAULT)) {
            fixture.append("a", "b", "c");
            LogClient client = fixture.client(HostileChannel.takingAll());

            assertNull(fixture.reader.subscribeFrom(position, client, OverrunPolicy.end()));

            assertFalse(client.queue.isSubscribed());
            assertNotNull(fixture.reader.subscribeFrom(0, client, OverrunPolicy.end()));
            fixture.turn();
            assertEquals("abc", client.text());
        }
    }

    @Test
    void shouldNameWhatIsMissing() {
        NullPointerException thrown =
                assertThrows(NullPointerException.class, () -> LogRetention.DEFAULT.withMaxAge(nothing()));
        assertEquals("maxAge", thrown.getMessage());
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }
}
