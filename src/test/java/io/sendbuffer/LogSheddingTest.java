/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue whose messages wait behind one of a log: the pools see that it is stalled, or that it moves. */
@Timeout(30)
class LogSheddingTest extends SheddingFixture {
    private static final String MESSAGE = "a message of the log";

    private final SendBufferPool other = Pools.create();
    private final BroadcastLog log = BroadcastLog.builder(other).build();
    private final LogReader reader = log.newReader(() -> {});
    private final List<LogClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(client -> client.queue.close());
        reader.close();
        log.close();
        releaseHeld();
    }

    private LogClient client(HostileChannel channel) {
        LogClient client = new LogClient(channel);
        clients.add(client);
        assertNotNull(reader.subscribe(client, OverrunPolicy.hold()));
        reader.serve();
        return client;
    }

    private void append() {
        try (SendBuffer message =
                other.acquire(MESSAGE.length()).putAscii(MESSAGE).seal()) {
            assertTrue(log.append(message) >= 0);
        }
    }

    private void turn() {
        reader.serve();
        reader.endTurn();
    }

    /** Its channel took a part of the log's message, and takes nothing more. */
    private LogClient blockedWithin() {
        LogClient client = client(HostileChannel.takingAll().takeAtMost(3));
        append();
        turn();
        assertEquals(FlushResult.BLOCKED, client.lastResult);
        client.channel.takeAtMost(0);
        return client;
    }

    private ChunkStore store() {
        try (SendBuffer any = pool.acquire(1).seal()) {
            return any.chunk().store;
        }
    }

    @Test
    void shouldSeeAQueueStalledThatIsBlockedByAMessageOfALog() {
        ChunkStore store = store();
        LogClient client = blockedWithin();
        assertFalse(client.queue.holder.isWaiting(), "the log's own memory is the log's");
        offer(client.queue, pool, 1);
        client.flush();
        assertEquals(FlushResult.BLOCKED, client.lastResult);
        assertTrue(client.queue.holder.isWaiting());
        assertFalse(client.queue.holder.isStalled(store), "not for long");

        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        client.flush(); // takes nothing

        assertTrue(client.queue.holder.isStalled(store));
    }

    @Test
    void shouldSeeAQueueMoveWhoseChannelTakesMessagesOfALog() {
        ChunkStore store = store();
        LogClient client = blockedWithin();
        offer(client.queue, pool, 1);
        client.flush();
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        client.flush();
        assertTrue(client.queue.holder.isStalled(store));

        client.channel.takeAtMost(1);
        client.flush();
        assertEquals(FlushResult.BLOCKED, client.lastResult);
        assertFalse(client.queue.holder.isStalled(store));

        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        assertTrue(client.queue.holder.isStalled(store));
        client.channel.takeAtMost(Integer.MAX_VALUE);
        client.flushAll();
        assertFalse(client.queue.holder.isStalled(store));
        assertFalse(client.queue.holder.isWaiting());
        assertEquals(MESSAGE.length() + CHUNK, client.channel.byteCount());
    }

    /** The message waits for one of a log that its reader has not looked at. */
    @Test
    void shouldSeeThatAMessageWaitsForALog() {
        LogClient client = client(HostileChannel.takingAll());
        append();
        offer(client.queue, pool, 1);

        client.flush();
        assertEquals(FlushResult.DRAINED, client.lastResult);
        assertTrue(client.queue.holder.isWaiting());
        turn();

        assertFalse(client.queue.holder.isWaiting());
        assertEquals(MESSAGE.length() + CHUNK, client.channel.byteCount());
    }

    @Test
    void shouldEndAQueueThatIsBlockedByAMessageOfALogWhenThePoolIsExhausted() {
        List<LogClient> blocked = List.of(blockedWithin(), blockedWithin(), blockedWithin());
        for (LogClient client : blocked) {
            offer(client.queue, pool, 2);
            client.flush();
        }
        pass(pool, 2 * MIN_LAG_IN_CHUNKS);
        exhaust();

        chunk(pool).release();

        blocked.forEach(client -> requireShed(client.queue));
    }

    /** The sender is too fast, and no queue too slow: all of them take what they can. */
    @Test
    void shouldNotEndQueuesWhoseChannelsTakeMessagesOfALogWhenThePoolIsExhausted() {
        List<LogClient> moving = List.of(blockedWithin(), blockedWithin(), blockedWithin(), blockedWithin());
        for (LogClient client : moving) {
            offer(client.queue, pool, CHUNKS / 4 - 1);
            client.flush();
        }
        for (LogClient client : moving) {
            client.channel.takeAtMost(1);
            client.flush();
        }
        exhaust();

        assertNull(pool.tryAcquire(CHUNK));

        moving.forEach(client -> assertFalse(client.queue.isClosed()));
    }
}
