/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the sample and a redis-server close a subscriber that does not read. Skipped where there is no redis-server. */
@Timeout(120)
class RedisLimitsIT {
    private static final int MESSAGE_BYTES = 100_000;

    /** More than the kernel takes for a subscriber, on loopback. */
    private static final int MANY = 400;

    @SuppressWarnings("NullAway.Init") // before each
    private RedisProcess redis;

    @SuppressWarnings("NullAway.Init")
    private PubSubServer ours;

    @BeforeEach
    void start() throws Exception {
        redis = RedisProcess.start();
        PrintStream console = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        ours = PubSubServer.start(new PubSubSettings(0, 128L << 20), console);
    }

    @AfterEach
    void close() throws Exception {
        if (ours != null) {
            ours.close();
            assertEquals(0, ours.pool().stats().outstandingBuffers());
        }
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void shouldCloseAtTheHardLimitAtOnce() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            try (Stalled stalled = new Stalled(port, "pubsub 4mb 0 0")) {
                assertTrue(stalled.publish(MANY) < MANY, "a port of " + port);
                assertEquals(":0", stalled.publisher.ask("PUBLISH", "other", "x"));
            }
        }
    }

    @Test
    void shouldCloseWhenTheSoftLimitIsPassedForItsSeconds() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            try (Stalled stalled = new Stalled(port, "pubsub 0 4mb 2")) {
                long start = System.nanoTime();
                assertEquals(MANY, stalled.publish(MANY), "not at once");
                Await.until("it is closed", () -> stalled.receivers() == 0);
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                assertTrue(millis >= 1_900, "after " + millis + " ms"); // Redis counts by seconds, from 2 to 4
            }
        }
    }

    @Test
    void shouldCloseForASoftLimitOfNoSecondsWithinMoments() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            try (Stalled stalled = new Stalled(port, "pubsub 0 4mb 0")) {
                stalled.publish(MANY);
                Await.until("it is closed", () -> stalled.receivers() == 0);
            }
        }
    }

    @Test
    void shouldNeverCloseForLimitsOfZeroNorForThoseOfAnotherClass() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            for (String limits : List.of("pubsub 0 0 1", "pubsub 0 0 0 normal 1mb 1mb 1 replica 1mb 1mb 1")) {
                try (Stalled stalled = new Stalled(port, limits)) {
                    assertEquals(MANY, stalled.publish(MANY));
                    assertEquals(1, stalled.receivers());
                }
            }
        }
    }

    @Test
    void shouldCloseASubscriberWhoseLimitIsLoweredToLessThanItHolds() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            try (Stalled stalled = new Stalled(port, "pubsub 0 0 0")) {
                assertEquals(MANY, stalled.publish(MANY));
                stalled.limit("pubsub 4mb 0 0");
                stalled.publish(1);
                Await.until("it is closed", () -> stalled.receivers() == 0);
            }
        }
    }

    @Test
    void shouldBeATurnOfTheSoftLimitOnlyAsLongAsItIsPassed() throws Exception {
        for (int port : List.of(redis.port(), ours.port())) {
            try (Stalled reading = new Stalled(port, "pubsub 0 4mb 2")) {
                long start = System.nanoTime();
                while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5)) {
                    assertEquals(200, reading.publish(200));
                    reading.read(200); // 20 MB, which were too much for a moment
                }
            }
        }
    }

    /** A subscriber that does not read, and a publisher. */
    private static final class Stalled implements AutoCloseable {
        final RespClient publisher;
        private final RespClient subscriber;
        private final String text = "x".repeat(MESSAGE_BYTES);

        Stalled(int port, String limits) throws IOException {
            publisher = new RespClient(port);
            subscriber = new RespClient(port);
            limit(limits);
            assertEquals("[subscribe, news, :1]", subscriber.ask("SUBSCRIBE", "news"));
        }

        void limit(String limits) throws IOException {
            assertEquals("+OK", publisher.ask("CONFIG", "SET", "client-output-buffer-limit", limits));
        }

        /** Publishes until nobody gets it; returns how many messages somebody got. */
        int publish(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                if (publisher.ask("PUBLISH", "news", text).equals(":0")) {
                    return i;
                }
            }
            return count;
        }

        void read(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                assertEquals("[message, news, " + text + "]", subscriber.reply());
            }
        }

        /** Without a message that counts. */
        int receivers() {
            try {
                return publisher.ask("PUBLISH", "news", "").equals(":0") ? 0 : 1;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() throws IOException {
            publisher.close();
            subscriber.close();
        }
    }
}
