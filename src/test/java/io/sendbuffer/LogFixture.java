/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A log and one reader of it, served by the test's thread. */
final class LogFixture implements AutoCloseable {
    final SendBufferPool pool;
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    final BroadcastLog log;
    final LogReader reader;
    final List<LogClient> clients = new ArrayList<>();
    int wakeUps;

    LogFixture(LogRetention retention) {
        this(retention, LogRetention.NOTHING);
    }

    LogFixture(LogRetention retention, LogRetention history) {
        this(Pools.create(), builder -> builder.retention(retention).history(history));
    }

    /** A log of that pool, with these settings. */
    LogFixture(SendBufferPool pool, UnaryOperator<BroadcastLog.Builder> settings) {
        this.pool = pool;
        log = settings.apply(BroadcastLog.builder(pool))
                .errorHandler(errors::add)
                .build();
        reader = log.newReader(() -> wakeUps++);
    }

    static LogFixture ofMessages(int most) {
        return new LogFixture(LogRetention.DEFAULT.withMaxMessages(most));
    }

    /** Another log of the same pool, with a reader of its own. */
    LogFixture another(int messages) {
        return new LogFixture(pool, builder -> builder.retention(LogRetention.DEFAULT.withMaxMessages(messages)));
    }

    LogClient client(HostileChannel channel, OverrunPolicy policy) {
        LogClient client = client(channel);
        subscribe(client, policy);
        return client;
    }

    /** One that subscribes to nothing. */
    LogClient client(HostileChannel channel) {
        LogClient client = new LogClient(channel);
        clients.add(client);
        return client;
    }

    Subscription subscribe(LogClient client, OverrunPolicy policy) {
        Subscription place = reader.subscribe(client, policy);
        assertNotNull(place);
        return place;
    }

    /** Subscribes with a snapshot that contains all that was appended. */
    Subscription subscribeWith(String snapshot, LogClient client) {
        Subscription place = reader.subscribe(
                client, OverrunPolicy.end(), least -> new LogSnapshot(message(snapshot), log.tailPosition()));
        assertNotNull(place);
        return place;
    }

    SendBuffer message(String text) {
        return pool.acquire(Math.max(1, text.length())).putAscii(text).seal();
    }

    /** Appends one message for each text. */
    void append(String... texts) {
        for (String text : texts) {
            assertTrue(tryAppend(text) >= 0, text);
        }
    }

    long tryAppend(String text) {
        try (SendBuffer message = message(text)) {
            return log.append(message);
        }
    }

    void send(LogClient client, String text) {
        try (SendBuffer message = message(text)) {
            client.queue.offer(message);
        }
    }

    /** One turn of the thread that serves the reader. */
    void turn() {
        reader.serve();
        reader.endTurn();
    }

    @Override
    public void close() {
        clients.forEach(client -> client.queue.close());
        reader.close();
        log.close();
    }
}
