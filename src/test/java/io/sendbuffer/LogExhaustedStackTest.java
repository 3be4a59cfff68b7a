/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The stack ends at each call of a log, in turn. What was refused had no effect, what may have been accepted is written
 * once and in order, and the log continues. Each overflow loses a few references at most, which is better than one
 * released too often: the pool is not checked.
 */
@Timeout(60)
class LogExhaustedStackTest {
    private static final int SWEEPS = 12;

    /** What one overflow may cost: a reader gives back several messages at once. */
    private static final int MAX_LOST = 4;

    private final List<Throwable> errors = new ArrayList<>();
    private final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().errorHandler(errors::add).build());
    private int overflows;

    private void sweep(int number, IntConsumer action) throws InterruptedException {
        overflows += new StackSweep(action).run(number % 2 == 0);
    }

    /** What is reported is an overflow, never a message released too often. */
    private void finish(int maxLostOfEach) {
        assertTrue(overflows > SWEEPS, () -> overflows + " overflows");
        errors.forEach(error -> assertEquals(StackOverflowError.class, error.getClass()));
        long lost = pool.stats().outstandingBuffers();
        assertTrue(lost <= (long) maxLostOfEach * (overflows + errors.size()), () -> lost + " lost of " + overflows);
        Pools.forget(pool); // it may have lost some
        pool.close();
    }

    private BroadcastLog log() {
        return BroadcastLog.builder(pool).errorHandler(errors::add).build();
    }

    private SendBuffer letter(int index) {
        return pool.acquire(1).putByte((byte) ('a' + index % 26)).seal();
    }

    private static void serve(LogReader reader, int times) {
        for (int i = 0; i < times; i++) {
            reader.serve();
            reader.endTurn();
        }
    }

    @Test
    void shouldWriteWhatWasAppendedOnceAndInOrder() throws Exception {
        for (int i = 0; i < SWEEPS; i++) {
            BroadcastLog log = log();
            LogReader reader = log.newReader(() -> {});
            LogClient client = new LogClient(HostileChannel.takingAll());
            reader.subscribe(client, OverrunPolicy.end());
            StringBuilder accepted = new StringBuilder();
            sweep(i, level -> {
                try (SendBuffer message = letter(level)) {
                    long position = log.append(message);
                    assertEquals(position, log.tailPosition() - 1);
                    accepted.append((char) ('a' + level % 26));
                }
            });

            serve(reader, 10);
            String written = client.text();
            assertEquals(written.length(), log.tailPosition());
            assertTrue(isWithin(accepted.toString(), written), () -> accepted + " is not within " + written);
            close(log, reader, client);
        }
        finish(1);
    }

    @Test
    void shouldAppendABatchWholeOrNotAtAll() throws Exception {
        for (int i = 0; i < SWEEPS; i++) {
            BroadcastLog log = log();
            LogReader reader = log.newReader(() -> {});
            LogClient client = new LogClient(HostileChannel.takingAll());
            reader.subscribe(client, OverrunPolicy.end());
            SendBatch batch = new SendBatch();
            for (int k = 0; k < 3; k++) {
                try (SendBuffer message = letter(k)) {
                    batch.add(message);
                }
                pool.acquire(8).release(); // no neighbors, so that nothing is merged
            }
            batch.seal();
            sweep(i, level -> {
                long position = log.append(batch);
                assertEquals(position, log.tailPosition() - 3);
            });

            serve(reader, 10);
            String written = client.text();
            assertEquals("abc".repeat(written.length() / 3), written);
            assertEquals(written.length(), log.tailPosition());
            batch.clear();
            close(log, reader, client);
        }
        finish(3);
    }

    /** Who could not subscribe holds nothing up: the log has room for what follows. */
    @Test
    void shouldWaitForNoSubscriberThatDidNotSubscribe() throws Exception {
        for (int i = 0; i < SWEEPS; i++) {
            BroadcastLog log = BroadcastLog.builder(pool)
                    .retention(LogRetention.DEFAULT.withMaxMessages(4))
                    .errorHandler(errors::add)
                    .build();
            LogReader reader = log.newReader(() -> {});
            List<LogClient> clients = new ArrayList<>();
            for (int k = 0; k < StackSweep.LEVELS; k++) {
                clients.add(new LogClient(HostileChannel.takingAll()));
            }
            boolean[] subscribed = new boolean[StackSweep.LEVELS];
            sweep(i, level -> {
                subscribed[level] = reader.subscribe(clients.get(level), OverrunPolicy.hold()) != null;
            });

            serve(reader, 10);
            for (int k = 0; k < 100; k++) {
                try (SendBuffer message = letter(k)) {
                    int number = k;
                    assertTrue(log.append(message) >= 0, () -> number + " was refused");
                }
                serve(reader, 2);
            }
            for (int k = 0; k < StackSweep.LEVELS; k++) {
                int length = clients.get(k).channel.byteCount();
                assertTrue(subscribed[k] ? length == 100 : length == 0 || length == 100, length + " of 100");
            }
            clients.forEach(client -> client.queue.close());
            reader.close();
            log.close();
        }
        finish(1);
    }

    @Test
    void shouldContinueWhereAReaderMetTheEndOfTheStack() throws Exception {
        for (int i = 0; i < SWEEPS; i++) {
            BroadcastLog log = log();
            LogReader reader = log.newReader(() -> {});
            LogClient client = new LogClient(HostileChannel.takingAll().takeAtMost(2));
            reader.subscribe(client, OverrunPolicy.end());
            StringBuilder sent = new StringBuilder();
            for (int k = 0; k < 3 * StackSweep.LEVELS; k++) {
                try (SendBuffer message = letter(k)) {
                    log.append(message);
                    sent.append((char) ('a' + k % 26));
                }
            }
            sweep(i, level -> {
                reader.serve();
                reader.endTurn();
            });

            serve(reader, 3 * StackSweep.LEVELS);
            if (client.queue.isClosed()) {
                assertTrue(sent.toString().startsWith(client.text()), client::text);
            } else {
                assertEquals(sent.toString(), client.text());
            }
            close(log, reader, client);
        }
        finish(MAX_LOST);
    }

    @Test
    void shouldCloseThoughTheFirstCloseMetTheEndOfTheStack() throws Exception {
        for (int i = 0; i < SWEEPS; i++) {
            List<BroadcastLog> logs = new ArrayList<>();
            List<LogReader> readers = new ArrayList<>();
            List<LogClient> clients = new ArrayList<>();
            for (int k = 0; k < StackSweep.LEVELS; k++) {
                BroadcastLog log = log();
                LogReader reader = log.newReader(() -> {});
                LogClient client = new LogClient(HostileChannel.takingAll());
                reader.subscribe(client, OverrunPolicy.end());
                reader.serve();
                try (SendBuffer message = letter(k)) {
                    log.append(message);
                }
                logs.add(log);
                readers.add(reader);
                clients.add(client);
            }
            sweep(i, level -> logs.get(level).close());

            for (int k = 0; k < StackSweep.LEVELS; k++) {
                logs.get(k).close();
                serve(readers.get(k), 2);
                assertEquals(1, clients.get(k).channel.byteCount());
                serve(readers.get(k), 2);
                assertEquals(false, clients.get(k).queue.isSubscribed(), "the subscription is over");
                close(logs.get(k), readers.get(k), clients.get(k));
            }
        }
        finish(1);
    }

    private static void close(BroadcastLog log, LogReader reader, LogClient client) {
        client.queue.close();
        reader.close();
        log.close();
    }

    private static boolean isWithin(String part, String whole) {
        byte[] letters = whole.getBytes(StandardCharsets.US_ASCII);
        int found = 0;
        for (byte letter : letters) {
            if (found < part.length() && part.charAt(found) == letter) {
                found++;
            }
        }
        return found == part.length();
    }
}
