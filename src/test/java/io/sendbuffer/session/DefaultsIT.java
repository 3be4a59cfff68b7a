/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.SlowConsumerException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With defaults alone, clients that stall hurt no other client: the sender is never refused a buffer, the others get
 * every byte, and only those that stall end, where they keep memory that cannot move. Sends as fast as the healthy ones
 * read, over real sockets.
 */
@Timeout(60)
class DefaultsIT {
    /** A quarter of the default, so that it is reached sooner; one test uses the default. */
    private static final long SMALL_CAP = 64L << 20;

    private static final int CHUNK = 128 << 10;

    /**
     * The sender continues when each healthy session has fewer bytes than this to write: it ignores the stalled ones.
     */
    private static final int ENOUGH_QUEUED = 1 << 20;

    private static final int ENOUGH_MESSAGES = 4_096;

    private SendBufferPool pool =
            Pools.track(SendBufferPool.builder().maxMemory(SMALL_CAP).build());

    private long cap = SMALL_CAP;

    private final byte[] payload = new byte[5 << 20];
    private final List<SocketChannel> stalledPeers = new ArrayList<>();
    private final List<DefaultsHost.Connection> stalled = new ArrayList<>();
    private final List<CheckedPeers.Peer> healthy = new ArrayList<>();
    private final SessionGroup group = new SessionGroup();
    private final ReleaseCounter listener = new ReleaseCounter();

    /** Messages have a listener, so what a client holds does not move out of its chunk, and pins all of it. */
    private boolean stays;

    private int refused;
    private String firstRefusal = "";
    private int messages;
    private int broadcasts;
    private long takenBefore;
    private long takenAtNanos;

    DefaultsIT() {
        new SplittableRandom(5).nextBytes(payload);
    }

    @AfterEach
    void closeStalledPeers() {
        CloseHelper.closeAll(stalledPeers);
    }

    private void addHealthy(DefaultsHost host, CheckedPeers peers, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            CheckedPeers.Peer peer = peers.add(host.connect());
            healthy.add(peer);
            group.add(peer.session);
        }
        peers.start();
    }

    private void addStalled(DefaultsHost host, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            DefaultsHost.Connection connection = host.connectSlow();
            stalled.add(connection);
            stalledPeers.add(connection.peer());
        }
    }

    /** Acquires a buffer, retries for at most a second if refused, and counts the refusals. */
    private SendBuffer message(int length) throws Exception {
        payload[0] = (byte) messages++; // no two consecutive messages are the same
        SendBuffer buffer = pool.tryAcquire(length);
        if (buffer == null) {
            buffer = acquireLate(length);
        }
        return (stays ? buffer.onRelease(listener) : buffer)
                .putBytes(payload, 0, length)
                .seal();
    }

    private SendBuffer acquireLate(int length) {
        SendBuffer buffer = null;
        long start = System.nanoTime();
        while (buffer == null) {
            if (refused++ == 0) {
                firstRefusal = "message " + messages + ", " + endedCount() + " ended, " + pool.stats()
                        + ", direct buffers take " + ofDirectBuffers();
            }
            assertTrue(System.nanoTime() - start < 1_000_000_000L, () -> "refused for a second: " + pool.stats());
            LockSupport.parkNanos(100_000);
            buffer = pool.tryAcquire(length);
        }
        return buffer;
    }

    private static long ofDirectBuffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(each -> each.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getTotalCapacity)
                .sum();
    }

    private void broadcast(int length) throws Exception {
        for (CheckedPeers.Peer peer : healthy) {
            awaitRoom(peer);
        }
        try (SendBuffer message = message(length)) {
            group.queue(message);
        }
        if (++broadcasts % 16 == 0) { // like a server that writes once for what it read at once
            group.flush();
        }
        healthy.forEach(peer -> peer.expect(payload, length));
    }

    private void send(CheckedPeers.Peer peer, int length) throws Exception {
        awaitRoom(peer);
        try (SendBuffer message = message(length)) {
            assertEquals(OfferResult.QUEUED, peer.session.send(message));
        }
        peer.expect(payload, length);
    }

    /** Like a server that writes once for what it read at once. */
    private void queue(CheckedPeers.Peer peer, int length) throws Exception {
        try (SendBuffer message = message(length)) {
            assertEquals(OfferResult.QUEUED, peer.session.queue(message));
        }
        peer.expect(payload, length);
        if (messages % 64 == 0) {
            healthy.forEach(each -> each.session.flush());
            awaitRoom(peer);
        }
    }

    private static void awaitRoom(CheckedPeers.Peer peer) throws Exception {
        if (peer.session.queuedBytes() > ENOUGH_QUEUED || peer.session.queuedMessages() > ENOUGH_MESSAGES) {
            Await.until(
                    "a healthy peer reads",
                    () -> peer.session.queuedBytes() < ENOUGH_QUEUED / 2
                            && peer.session.queuedMessages() < ENOUGH_MESSAGES / 2);
        }
    }

    private void requireOnlyStalledEnded(DefaultsHost.Kind kind, CheckedPeers peers) throws Exception {
        requireThatOthersAreWell(peers);
        assertEquals(0, refused, () -> kind + ": first refusal: " + firstRefusal);
    }

    private void requireThatOthersAreWell(CheckedPeers peers) throws Exception {
        group.flush();
        peers.requireAll();
        for (CheckedPeers.Peer peer : healthy) {
            assertFalse(peer.session.isClosed(), () -> "a healthy session ended: " + peer.session);
        }
        for (DefaultsHost.Connection connection : stalled) {
            if (connection.session().isClosed()) {
                Await.until("it was notified", connection.listener()::isClosed);
                assertInstanceOf(SlowConsumerException.class, connection.listener().cause);
                connection.listener().requireOrder();
            }
        }
        assertTrue(pool.stats().reservedBytes() <= cap, () -> pool.stats().toString());
    }

    private long endedCount() {
        return stalled.stream().filter(each -> each.session().isClosed()).count();
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepOneThatStallsThoughAFewBytesOfItAreInEveryChunk(DefaultsHost.Kind kind) throws Exception {
        continueWhileAFewBytesAreInEveryChunk(kind, 0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldContinueWhenAFewBytesOfOneThatStallsPinEveryChunk(DefaultsHost.Kind kind) throws Exception {
        stays = true;
        continueWhileAFewBytesAreInEveryChunk(kind, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldContinueWithThePoolsDefaultsToo(boolean pins) throws Exception {
        pool = Pools.create();
        cap = pool.stats().maxMemory();
        stays = pins;
        continueWhileAFewBytesAreInEveryChunk(DefaultsHost.Kind.LOOP, pins ? 1 : 0);
    }

    private void continueWhileAFewBytesAreInEveryChunk(DefaultsHost.Kind kind, int ended) throws Exception {
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHealthy(host, peers, 4);
            addStalled(host, 1);
            stalled.forEach(each -> group.add(each.session()));
            fill(stalled.get(0).session());

            for (int tick = 0; tick * (long) CHUNK < 3 * cap; tick++) {
                broadcast(64);
                send(healthy.get(tick % healthy.size()), CHUNK);
            }

            requireOnlyStalledEnded(kind, peers);
            assertEquals(ended, endedCount(), "it ends only if it pins every chunk");
            closeStalledPeers();
        }
    }

    /** Fills the kernel buffers of a client that reads nothing, so that what comes next stays in its queue. */
    private void fill(Session session) throws Exception {
        Await.until("the kernel takes no more", () -> session.queuedBytes() > 1 << 20, () -> {
            try (SendBuffer message = message(64 << 10)) {
                session.send(message);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepOneThatStallsOnAQuietChannel(DefaultsHost.Kind kind) throws Exception {
        continueWhileAQuietChannelIsInEveryChunk(kind, 0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldContinueWhenTheQuietChannelOfOneThatStallsPinsEveryChunk(DefaultsHost.Kind kind) throws Exception {
        stays = true;
        continueWhileAQuietChannelIsInEveryChunk(kind, 1);
    }

    private void continueWhileAQuietChannelIsInEveryChunk(DefaultsHost.Kind kind, int ended) throws Exception {
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHealthy(host, peers, 4);
            addStalled(host, 1);
            fill(stalled.get(0).session());

            for (int i = 0; i * 64L < cap * 5 / 4; i++) {
                if (i % 2_001 == 0) { // one per chunk
                    try (SendBuffer message = message(64)) {
                        stalled.get(0).session().send(message);
                    }
                }
                queue(healthy.get(i / 64 % healthy.size()), 64);
            }
            healthy.forEach(peer -> peer.session.flush());

            requireOnlyStalledEnded(kind, peers);
            assertEquals(ended, endedCount(), "it ends only if it pins every chunk");
            closeStalledPeers();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldContinueWhileClientsStallOneByOne(DefaultsHost.Kind kind) throws Exception {
        int count = 200;
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHealthy(host, peers, 20);
            addStalled(host, count);

            int perStall = (int) (cap * 7 / 4 / 1024 / count);
            for (DefaultsHost.Connection next : stalled) {
                group.add(next.session());
                for (int i = 0; i < perStall; i++) {
                    broadcast(1024);
                }
            }

            requireOnlyStalledEnded(kind, peers);
            long ended = endedCount(); // the pool pins what came since the oldest that is left
            assertTrue(ended > count / 3 && ended < count * 3 / 5, () -> kind + ": " + ended + " ended");
            closeStalledPeers(); // the host would wait for the others
        }
    }

    /** Those that took something just before the pool is exhausted are the next test's. */
    @ParameterizedTest
    @EnumSource
    void shouldContinueWhenAHundredStallAtOnce(DefaultsHost.Kind kind) throws Exception {
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHundredStalled(host, peers);
            Await.until("each has enough to write", this::isEachBehind, () -> broadcast(64 << 10));
            group.flush();
            takenAtNanos = System.nanoTime();
            Await.until("the kernel takes no more", this::haveTakenNothingForLong);

            tickUntilLongAfterExhausted();

            requireThatOthersAreWell(peers);
            assertEquals(100, endedCount(), "otherwise they pin every chunk");
            long taken = takenByStalled() - takenBefore;
            assertEquals(0, refused, () -> kind + ": " + firstRefusal + "; they took " + taken + " bytes at last");
        }
    }

    /**
     * When the pool is exhausted, receivers that recently took something look like slow ones that still read. Most are
     * slow then, so the pool refuses the sender until it sees that they take nothing.
     */
    @ParameterizedTest
    @EnumSource
    void shouldSoonContinueWhenMostStallInTheMomentBefore(DefaultsHost.Kind kind) throws Exception {
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHundredStalled(host, peers);

            tickUntilLongAfterExhausted();

            requireThatOthersAreWell(peers);
            assertEquals(100, endedCount(), "otherwise they pin every chunk");
        }
    }

    private void addHundredStalled(DefaultsHost host, CheckedPeers peers) throws Exception {
        stays = true;
        addHealthy(host, peers, 4);
        addStalled(host, 100);
        stalled.forEach(each -> group.add(each.session()));
    }

    private boolean isEachBehind() {
        return stalled.stream().allMatch(each -> each.session().queuedBytes() > 1 << 20);
    }

    private long takenByStalled() {
        return stalled.stream()
                .mapToLong(each -> each.session().queue.bytesWritten())
                .sum();
    }

    /** The sockets' send buffers pass some bytes on to the peers' receive buffers for a while. */
    private boolean haveTakenNothingForLong() {
        long taken = takenByStalled();
        boolean hasEachTaken =
                stalled.stream().allMatch(each -> each.session().queue.bytesWritten() > 0);
        if (taken != takenBefore || !hasEachTaken) {
            takenBefore = taken;
            takenAtNanos = System.nanoTime();
        }
        return System.nanoTime() - takenAtNanos > TimeUnit.MILLISECONDS.toNanos(500);
    }

    private void tickUntilLongAfterExhausted() throws Exception {
        for (int tick = 0; tick * (long) CHUNK < 3 * cap; tick++) {
            broadcast(1024);
            send(healthy.get(tick % healthy.size()), CHUNK - 1024);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndNoSessionForAMessageThatIsLargerThanAnyQueueTakes(DefaultsHost.Kind kind) throws Exception {
        SessionGroup strict = new SessionGroup(Session::abort);
        int length = (4 << 20) + 1;
        try (DefaultsHost host = new DefaultsHost(kind);
                CheckedPeers peers = new CheckedPeers()) {
            addHealthy(host, peers, 20);
            healthy.forEach(peer -> strict.add(peer.session));

            try (SendBuffer message = message(length)) {
                assertEquals(0, strict.broadcast(message));
                assertEquals(OfferResult.TOO_LARGE, healthy.get(0).session.send(message));
            }
            for (CheckedPeers.Peer peer : healthy) {
                assertEquals(0, peer.session.queuedBytes());
            }
            broadcast(64);

            requireOnlyStalledEnded(kind, peers);
            assertEquals(20, strict.size());
        }
    }
}
