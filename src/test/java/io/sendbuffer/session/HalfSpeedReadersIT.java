/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A hundred clients that read half of what is broadcast, with defaults alone: each misses what its queue has no room
 * for, and the refusal listener is notified of that once, not for each message. A tick stands for a millisecond, so the
 * rates hold whatever the machine's speed.
 */
@Timeout(60)
class HalfSpeedReadersIT {
    private static final int READERS = 100;
    private static final int LENGTH = 64;
    private static final int MESSAGES_OF_A_TICK = 20;

    /** For this many ticks the queues are full, after the ticks that fill them. */
    private static final int TICKS_WHEN_FULL = 1_000;

    private static final int MAX_TICKS = 20_000;

    private final SendBufferPool pool = Pools.create();
    private final List<SocketChannel> peers = new ArrayList<>();
    private final ByteBuffer halfATick = ByteBuffer.allocateDirect(MESSAGES_OF_A_TICK / 2 * LENGTH);
    private final Map<Session, Episodes> episodes = new ConcurrentHashMap<>();
    private final SessionGroup group = new SessionGroup(new RefusalListener() {
        @Override
        public void onRefused(Session session) {
            of(session).begun.incrementAndGet();
        }

        @Override
        public void onRefusalsEnded(Session session, long messages, long bytes) {
            of(session).ended.incrementAndGet();
            of(session).missed.addAndGet(messages);
            of(session).missedBytes.addAndGet(bytes);
        }
    });

    private static final class Episodes {
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
        final AtomicLong missed = new AtomicLong();
        final AtomicLong missedBytes = new AtomicLong();
    }

    private Episodes of(Session session) {
        return episodes.computeIfAbsent(session, key -> new Episodes());
    }

    @AfterEach
    void closePeers() {
        CloseHelper.closeAll(peers);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotifyOfTheBeginningAndTheEndOfWhatEachMisses(DefaultsHost.Kind kind) throws Exception {
        try (DefaultsHost host = new DefaultsHost(kind)) {
            for (int i = 0; i < READERS; i++) {
                DefaultsHost.Connection connection = host.connectSlow();
                peers.add(connection.peer());
                connection.peer().configureBlocking(false);
                group.add(connection.session());
            }
            long sent = 0;
            long accepted = 0;
            int ticksWhenFull = 0;
            for (int tick = 0; ticksWhenFull < TICKS_WHEN_FULL; tick++) {
                assertTrue(tick < MAX_TICKS, "the queues are never full");
                for (int i = 0; i < MESSAGES_OF_A_TICK; i++) {
                    try (SendBuffer message = pool.acquire(LENGTH).seal(LENGTH)) {
                        accepted += group.broadcast(message);
                        sent += READERS;
                    }
                }
                readHalf();
                ticksWhenFull += sent - accepted >= READERS ? 1 : 0;
            }
            assertTrue(sent - accepted > 50L * READERS, "few were refused");
            assertEquals(READERS, group.size(), "a member that misses something stays");
            group.forEach(group::remove);
            requireOneEpisodeEach(sent - accepted);
            closePeers(); // the host would wait for them
        }
    }

    private void readHalf() throws IOException {
        for (SocketChannel peer : peers) {
            assertTrue(peer.read(halfATick.clear()) >= 0, "its connection ended");
        }
    }

    private void requireOneEpisodeEach(long missed) throws Exception {
        Await.until(
                "onRefusalsEnded was called for each episode",
                () -> episodes.values().stream().allMatch(each -> each.ended.get() == each.begun.get()));
        assertEquals(READERS, episodes.size());
        episodes.values().forEach(each -> assertEquals(1, each.begun.get(), "episodes of one that never catches up"));
        assertEquals(
                missed,
                episodes.values().stream().mapToLong(each -> each.missed.get()).sum());
        assertEquals(
                missed * LENGTH,
                episodes.values().stream()
                        .mapToLong(each -> each.missedBytes.get())
                        .sum());
    }
}
