/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that reset, half-close and stop reading, among good ones, which must not be affected. */
@Timeout(60)
class HostileClientsIT {
    private static final int SENDERS = 2;
    private static final int MESSAGES = 600;
    private static final int GOOD = 100;
    private static final int OF_EACH_KIND = 20;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long seed = TestSeed.next();
    private final SplittableRandom random = new SplittableRandom(seed);

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldServeEveryClientThatStillListensWhateverTheOthersDo(WriteMode mode) throws Exception {
        SendBufferPool pool = Pools.create();
        Set<Integer> kept = ConcurrentHashMap.newKeySet();
        // Room for all that is ever sent, so nothing is refused.
        FanOutServer server = new FanOutServer(mode, QueueLimits.DEFAULT, Loopback.SMALL, kept::contains);
        Sleepers sleepers = new Sleepers();
        try (server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            List<SwarmClient> listening = connect(swarm, GOOD, () -> SwarmClient.Mood.GOOD);
            listening.addAll(connect(swarm, OF_EACH_KIND, () -> once(sleepers::fallAsleep)));
            List<SwarmClient> halfClosed = connect(swarm, OF_EACH_KIND, () -> once(SwarmClient::halfClose));
            halfClosed.forEach(client -> kept.add(client.index));
            listening.addAll(halfClosed);
            List<SwarmClient> leaving = connect(swarm, OF_EACH_KIND, () -> once(SwarmClient::leave));
            List<SwarmClient> resetting = connect(swarm, OF_EACH_KIND, () -> once(SwarmClient::reset));
            server.awaitMembers(swarm.clients.size());
            swarm.start(sleepers::wakeWhoseTimeHasCome);

            Threads.runTogether(SENDERS, sender -> publish(server, new Frames.Writer(pool, sender, seed)));

            swarm.awaitReceived(listening, MESSAGES);
            Await.until("only those that listen are left", () -> server.group.size() == listening.size());
            Await.until("those that left saw the end", () -> leaving.stream().allMatch(SwarmClient::hasEnded));
            swarm.requireHealthy();
            assertFalse(listening.stream().anyMatch(SwarmClient::hasEnded), hint());
            requireCauses(server, leaving, EOFException.class);
            requireCauses(server, resetting, IOException.class);
        }
        server.requireAllEndedOnce();
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void shouldRefuseOnlyWholeMessagesToAClientThatDoesNotRead(WriteMode mode) throws Exception {
        SendBufferPool pool = Pools.create();
        QueueLimits low = QueueLimits.DEFAULT.withMaxQueuedBytes(32 << 10);
        FanOutServer server = new FanOutServer(mode, low, Loopback.SMALL, index -> false);
        AtomicBoolean mayResume = new AtomicBoolean();
        AtomicLong accepted = new AtomicLong();
        try (server;
                ClientSwarm swarm = new ClientSwarm(server.socket, Loopback.SMALL)) {
            List<SwarmClient> good = connect(swarm, GOOD, () -> SwarmClient.Mood.GOOD);
            List<SwarmClient> stopping =
                    connect(swarm, OF_EACH_KIND, () -> once(SwarmClient::stopReading), Sequences.Rule.RISING);
            server.awaitMembers(GOOD + OF_EACH_KIND);
            swarm.start(() -> {
                if (mayResume.getAndSet(false)) {
                    stopping.forEach(SwarmClient::resumeReading);
                }
            });

            Set<Session> mustHaveRoom = sessionsOf(server, good);
            Threads.runTogether(SENDERS, sender -> {
                Frames.Writer writer = new Frames.Writer(pool, sender, seed);
                for (int i = 0; i < MESSAGES / SENDERS; i++) {
                    try (SendBuffer message = writer.next()) {
                        accepted.addAndGet(server.broadcastWhenThereIsRoom(message, mustHaveRoom::contains));
                    }
                }
            });
            swarm.awaitReceived(good, MESSAGES);
            assertTrue(accepted.get() < (long) MESSAGES * (GOOD + OF_EACH_KIND), "nothing was refused" + hint());

            mayResume.set(true);
            Await.until("everything accepted arrived", () -> {
                swarm.requireHealthy();
                return received(swarm) >= accepted.get();
            });
            assertEquals(accepted.get(), received(swarm), hint());
            assertEquals(GOOD + OF_EACH_KIND, server.group.size(), "a slow client is not disconnected" + hint());
        }
        server.requireAllEndedOnce();
    }

    private static long received(ClientSwarm swarm) {
        return swarm.clients.stream().mapToLong(client -> client.received.get()).sum();
    }

    private static void publish(FanOutServer server, Frames.Writer writer) throws Exception {
        for (int i = 0; i < MESSAGES / SENDERS; i++) {
            try (SendBuffer message = writer.next()) {
                server.broadcastWhenThereIsRoom(message, session -> false);
            }
        }
    }

    // ---- kinds of clients

    private interface MoodMaker {
        SwarmClient.Mood make();
    }

    private interface Action {
        void on(SwarmClient client) throws IOException;
    }

    private List<SwarmClient> connect(ClientSwarm swarm, int count, MoodMaker moods) throws IOException {
        return connect(swarm, count, moods, Sequences.Rule.ALL);
    }

    private static List<SwarmClient> connect(ClientSwarm swarm, int count, MoodMaker moods, Sequences.Rule rule)
            throws IOException {
        List<SwarmClient> connected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connected.add(swarm.connect(swarm.clients.size(), new Sequences(rule, SENDERS), moods.make()));
        }
        return connected;
    }

    /** Misbehaves once, after a random message of the first half. */
    private SwarmClient.Mood once(Action action) {
        long when = 1L + random.nextInt(MESSAGES / 2);
        return (client, count) -> {
            if (count == when) {
                action.on(client);
            }
        };
    }

    /** Clients that stop reading for a second. Owned by the swarm's thread. */
    private static final class Sleepers {
        private record Sleeper(SwarmClient client, long since) {}

        private final Queue<Sleeper> asleep = new ArrayDeque<>();

        void fallAsleep(SwarmClient client) {
            client.stopReading();
            asleep.add(new Sleeper(client, System.nanoTime()));
        }

        void wakeWhoseTimeHasCome() {
            Sleeper first = asleep.peek();
            while (first != null && System.nanoTime() - first.since() > PAUSE_NANOS) {
                asleep.remove();
                first.client().resumeReading();
                first = asleep.peek();
            }
        }
    }

    // ---- the server's side

    private static Set<Session> sessionsOf(FanOutServer server, List<SwarmClient> clients) {
        Set<Session> sessions = ConcurrentHashMap.newKeySet();
        for (FanOutServer.Member member : membersOf(server, clients)) {
            Session session = member.session;
            if (session != null) {
                sessions.add(session);
            }
        }
        assertEquals(clients.size(), sessions.size());
        return sessions;
    }

    private static List<FanOutServer.Member> membersOf(FanOutServer server, List<SwarmClient> clients) {
        List<Integer> indexes = clients.stream().map(client -> client.index).toList();
        return server.members.stream()
                .filter(member -> indexes.contains(member.index))
                .toList();
    }

    private void requireCauses(FanOutServer server, List<SwarmClient> clients, Class<? extends Throwable> expected)
            throws Exception {
        for (FanOutServer.Member member : membersOf(server, clients)) {
            Await.until("onClosed was called", member::isClosed);
            assertInstanceOf(expected, member.cause, hint());
        }
    }

    private String hint() {
        return TestSeed.hint(seed);
    }
}
