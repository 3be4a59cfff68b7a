/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.MessageClass;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Where two features of a session meet: heartbeats and ends, goodbyes and logs, layers and the pause of reading. */
@Timeout(60)
@ParameterizedClass
@EnumSource(WriteMode.class)
class SeamsTest {
    private static final Duration BEAT = Duration.ofMillis(50);
    private static final int CYCLES = 1_000;

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final HandDrivenLoop hand;

    SeamsTest(WriteMode mode) throws IOException {
        hand = new HandDrivenLoop(mode);
    }

    @AfterEach
    void close() {
        hand.close();
    }

    private void runFor(Duration time) throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < time.toNanos()) {
            hand.dutyCycle();
        }
    }

    private int busyCycles() throws IOException {
        int busy = 0;
        for (int i = 0; i < CYCLES; i++) {
            busy += hand.dutyCycle() > 0 ? 1 : 0;
        }
        return busy;
    }

    @Test
    void shouldNotSpinForTheHeartbeatOfASessionWhoseOutputHasEnded() throws Exception {
        Session session = hand.open(hand.connect(), listener);
        try (SendBuffer ping = NumberedMessages.sealed(pool, 0, 10)) {
            session.heartbeat(ping, BEAT);
        }
        session.shutdownOutput();
        runFor(BEAT.multipliedBy(2));

        int busy = busyCycles();

        assertTrue(busy < CYCLES / 10, () -> busy + " busy cycles of " + CYCLES);
    }

    @Test
    void shouldNotSpinForAHeartbeatWhoseTimeIsOver() throws Exception {
        Session session = hand.open(hand.connect(), listener);
        try (SendBuffer ping = pool.acquire(4).putInt(1).messageClass(MessageClass.NORMAL)) {
            ping.expireAfter(Duration.ofMillis(1)).seal();
            session.heartbeat(ping, BEAT);
        }
        runFor(BEAT.multipliedBy(3));

        int busy = busyCycles();

        assertTrue(busy < CYCLES / 10, () -> busy + " busy cycles of " + CYCLES);
    }

    /** Once its log is written, a session that closes misses nothing, whatever the log gives back. */
    @Test
    void shouldSendAGoodbyeThoughTheLogGoesOnWithout() throws Exception {
        BroadcastLog log = BroadcastLog.builder(pool)
                .retention(LogRetention.DEFAULT.withMaxBytes(64 << 10))
                .build();
        Loopback connection = hand.connectWithSmallBuffers();
        Session session = hand.open(connection, listener);
        assertNotNull(session.subscribe(log));
        hand.dutyCycle();
        int backlog = 1 << 20;
        try (SendBuffer large = NumberedMessages.sealed(pool, 0, backlog);
                SendBuffer goodbye = NumberedMessages.sealed(pool, 1, 10)) {
            session.send(large);
            hand.dutyCycle();
            assertTrue(session.close(goodbye, Duration.ofSeconds(30)));
        }
        for (int i = 0; i < 300; i++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, i, 1 << 10)) {
                log.append(message);
            }
            hand.dutyCycle();
        }
        ByteBuffer received = ByteBuffer.allocate(backlog + 100);
        hand.dutyCyclesUntil("the peer has read to the end", () -> isAtTheEnd(connection, received));
        assertEquals(backlog + 10, received.position());
        connection.peer.shutdownOutput();
        hand.dutyCyclesUntil("the session has ended", listener::isClosed);
        assertNull(listener.cause);
        log.close();
    }

    private static boolean isAtTheEnd(Loopback connection, ByteBuffer received) {
        try {
            return connection.read(received) < 0;
        } catch (IOException e) {
            throw new AssertionError("reset after " + received.position() + " bytes", e);
        }
    }

    @Test
    void shouldReadWhatALayerHoldsWhenReadingIsResumed() throws Exception {
        RecordingListener pausing = new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                super.onReceived(session, bytes);
                session.pauseReading();
            }
        };
        Loopback connection = hand.connect();
        Session session = hand.loop.add(connection.ours, ByteAtATimeLayer::new, pausing);
        hand.dutyCyclesUntil("it is open", () -> pausing.opened.get() == 1);
        connection.peer.write(ByteBuffer.wrap(new byte[10]));
        for (int count = 1; count <= 10; count++) {
            int expected = count;
            hand.dutyCyclesUntil("a byte more", () -> pausing.receivedBytes.get() == expected);
            for (int i = 0; i < 50; i++) {
                hand.dutyCycle();
            }
            assertEquals(expected, pausing.receivedBytes.get(), "it is paused");
            session.resumeReading();
        }
    }

    /** Takes all, and lets nothing out before its time. */
    private static final class LateLayer extends PassThroughLayer {
        private final ByteBuffer held = ByteBuffer.allocate(1 << 10);
        private final long openNanos;

        LateLayer(SocketChannel socket, Duration late) {
            super(socket);
            openNanos = System.nanoTime() + late.toNanos();
        }

        @Override
        public synchronized long write(ByteBuffer[] sources, int offset, int length) {
            int before = held.position();
            for (int i = offset; i < offset + length; i++) {
                held.put(sources[i]);
            }
            outputNeeds = Need.WRITABLE;
            return (long) held.position() - before;
        }

        @Override
        public synchronized Need flush() throws IOException {
            if (System.nanoTime() - openNanos >= 0 && held.position() > 0) {
                socket.write(held.flip());
                held.compact();
            }
            outputNeeds = held.position() == 0 ? Need.NOTHING : Need.WRITABLE;
            return outputNeeds;
        }
    }

    /** The watch takes a queue that has ended, and an output that has not, for an end that was cut off. */
    @Test
    void shouldFlushALayerWithinTheCloseTimeoutHoweverLongThePeerTakes() throws Exception {
        Loopback connection = hand.connect();
        Duration late = Duration.ofMillis(1_800);
        Session session = hand.loop.add(connection.ours, socket -> new LateLayer(socket, late), listener);
        hand.dutyCyclesUntil("it is open", () -> listener.opened.get() == 1);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 500)) {
            session.send(message);
        }
        session.close(Duration.ofSeconds(20));
        ByteBuffer received = ByteBuffer.allocate(600);

        long start = System.nanoTime();
        hand.dutyCyclesUntil("the peer has read to the end", () -> isAtTheEnd(connection, received));

        assertEquals(500, received.position());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(15), "within the timeout");
    }
}
