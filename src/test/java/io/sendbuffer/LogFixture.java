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

/** A log and one reader of it, served by the test's thread. */
final class LogFixture implements AutoCloseable {
    final SendBufferPool pool = Pools.create();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    final BroadcastLog log;
    final LogReader reader;
    final List<LogClient> clients = new ArrayList<>();
    int wakeUps;

    LogFixture(LogRetention retention) {
        this(retention, LogRetention.NOTHING);
    }

    LogFixture(LogRetention retention, LogRetention history) {
        log = BroadcastLog.builder(pool)
                .retention(retention)
                .history(history)
                .errorHandler(errors::add)
                .build();
        reader = log.newReader(() -> wakeUps++);
    }

    static LogFixture ofMessages(int most) {
        return new LogFixture(LogRetention.DEFAULT.withMaxMessages(most));
    }

    LogClient client(HostileChannel channel, OverrunPolicy policy) {
        LogClient client = new LogClient(channel);
        assertNotNull(reader.subscribe(client, policy));
        clients.add(client);
        return client;
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
