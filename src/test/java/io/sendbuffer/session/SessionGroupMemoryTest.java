/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.FullHeapQueues;
import io.sendbuffer.HostileChannel;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A heap that is full while the queue of one member grows, at each of its allocations, affects that member alone:
 * neither the broadcaster nor the members after it.
 */
@Timeout(60)
class SessionGroupMemoryTest {
    private static final int MEMBERS = 3;
    private static final int STARVED = 1;
    private static final int LENGTH = 10;
    private static final int MESSAGES = 600;
    private static final int BATCH = 100;

    private final SendBufferPool pool = Pools.create();
    private final List<Throwable> reported = new CopyOnWriteArrayList<>();
    private final BlockingSessions sessions = BlockingSessions.builder()
            .writeMode(WriteMode.INLINE)
            .errorHandler(reported::add)
            .build();

    @AfterEach
    void close() {
        sessions.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldServeTheOthersWhereverTheHeapOfOneIsFull(boolean once) throws Exception {
        List<SendBuffer> messages = new ArrayList<>();
        for (int number = 0; number < MESSAGES; number++) {
            messages.add(NumberedMessages.sealed(pool, number, LENGTH));
            pool.acquire(1).release(); // so that a batch merges none
        }
        int allocations = 0;
        while (broadcastAll(messages, FullHeapQueues.after(allocations, once))) {
            allocations++;
        }
        assertTrue(allocations > 2, "its queue never grew");
        messages.forEach(message -> assertEquals(1, message.referenceCount()));
        messages.forEach(SendBuffer::release);
        assertEquals(List.of(), reported);
    }

    /**
     * Broadcasts single messages, then a batch, which is written with them, repeatedly. Returns whether an allocation
     * was refused.
     */
    private boolean broadcastAll(List<SendBuffer> messages, FullHeapQueues.Starved starved) throws Exception {
        SessionGroup group = new SessionGroup();
        List<HostileChannel> channels = new ArrayList<>();
        List<RecordingListener> listeners = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            HostileChannel channel = HostileChannel.takingAll();
            RecordingListener listener = new RecordingListener();
            Session session = sessions.addOutput(channel, listener);
            if (i == STARVED) {
                replaceQueue(session, starved);
            }
            group.add(session);
            channels.add(channel);
            listeners.add(listener);
        }
        for (int from = 0; from < messages.size(); from += 2 * BATCH) {
            messages.subList(from, from + BATCH).forEach(group::queue);
            SendBatch batch = new SendBatch();
            messages.subList(from + BATCH, from + 2 * BATCH).forEach(batch::add);
            group.broadcast(batch.seal());
            batch.clear();
        }
        for (int i = 0; i < MEMBERS; i++) {
            if (i != STARVED) {
                NumberedMessages.requireMessages(channels.get(i).bytes(), MESSAGES, LENGTH);
            }
        }
        group.forEach(Session::abort);
        Await.until("each was notified", () -> listeners.stream().allMatch(RecordingListener::isClosed));
        return starved.refused().getAsBoolean();
    }

    private static void replaceQueue(Session session, FullHeapQueues.Starved starved)
            throws ReflectiveOperationException {
        Field queue = Session.class.getDeclaredField("queue");
        queue.setAccessible(true);
        queue.set(session, starved.queue());
    }
}
