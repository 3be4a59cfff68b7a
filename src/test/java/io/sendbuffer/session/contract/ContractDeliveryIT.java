/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.ReleaseCounter;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Sequences;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.Wiring;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of every kind of session: what is accepted arrives whole and in order, and is released. */
@Timeout(60)
@ParameterizedClass
@MethodSource("io.sendbuffer.session.contract.Way#all")
class ContractDeliveryIT extends ContractTest {
    private static final int LENGTH = 10_000;
    private static final int SENDERS = 4;
    private static final int MESSAGES = 2_000;

    private final long seed = TestSeed.next();

    ContractDeliveryIT(Way way) {
        super(way);
    }

    @Test
    void shouldDeliverWhatEachOfManyThreadsSendsInItsOrder() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        Sequences sequences = new Sequences(Sequences.Rule.ALL, SENDERS);
        AtomicInteger received = new AtomicInteger();
        Future<?> reading = Threads.start(() -> {
            parse(wire, sequences, received, SENDERS * MESSAGES);
            return true;
        });

        Threads.runTogether(SENDERS, sender -> {
            Frames.Writer writer = new Frames.Writer(pool, sender, seed);
            for (int i = 0; i < MESSAGES; i++) {
                try (SendBuffer message = writer.next()) {
                    Await.until("there was room", () -> send(session, message) == OfferResult.QUEUED);
                }
            }
        });

        Threads.join(reading);
        assertEquals(SENDERS * MESSAGES, received.get(), TestSeed.hint(seed));
    }

    private static void parse(PeerWire wire, Sequences sequences, AtomicInteger received, int count) throws Exception {
        Frames.Parser parser = new Frames.Parser();
        ByteBuffer bytes = ByteBuffer.allocate(64 << 10);
        Await.until("all arrived", () -> {
            if (wire.read(bytes) < 0) {
                throw new AssertionError("the stream ended after " + received + " messages");
            }
            bytes.flip();
            parser.parse(bytes, (sender, sequence) -> {
                sequences.add(sender, sequence);
                received.incrementAndGet();
            });
            bytes.compact();
            return received.get() == count;
        });
    }

    @Test
    void shouldKeepEveryByteOfABacklogForASlowPeer() throws Exception {
        PeerWire wire = host.wire();
        Session session = add(wire, listener);
        queueAll(session, 300);

        Future<?> flush = startFlush(session);
        wire.awaitReadable();
        assertTrue(waitingBytes(session) > 0, "it does not fit into what the kernel buffers");

        NumberedMessages.requireMessages(wire.readFully(300 * LENGTH), 300, LENGTH);
        Threads.join(flush);
        Await.until("nothing is queued", () -> waitingBytes(session) == 0);
    }

    @Test
    void shouldNotifyThatItIsOpenFirst() throws Exception {
        add(host.wire(), listener);
        awaitOpened();
    }

    @Test
    void shouldReceiveWhatThePeerSends() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        add(wire, listener);
        wire.write(new byte[LENGTH]);
        Await.until("all was received", () -> listener.receivedBytes.get() == LENGTH);
        assertEquals(1, listener.opened.get());
    }

    @Test
    void shouldAnswerFromWithinACallback() throws Exception {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
        PeerWire wire = host.wire();
        add(wire, new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                try (SendBuffer echo = pool.acquire(bytes.remaining())) {
                    send(session, echo.putBytes(bytes).seal());
                }
            }
        });
        for (int i = 0; i < 100; i++) {
            wire.write(new byte[] {(byte) i, 1, 2});
            byte[] echo = wire.readFully(3);
            assertEquals((byte) i, echo[0]);
        }
    }

    @Test
    void shouldNotifyWhenABroadcastIsWrittenEverywhere() throws Exception {
        SessionGroup group = new SessionGroup();
        PeerWire[] wires = new PeerWire[3];
        for (int i = 0; i < wires.length; i++) {
            wires[i] = host.wire();
            group.add(add(wires[i], new RecordingListener()));
        }
        ReleaseCounter done = new ReleaseCounter();
        for (int number = 0; number < 100; number++) {
            try (SendBuffer message = NumberedMessages.sealed(pool, number, 100)) {
                assertEquals(3, group.broadcast(message.onRelease(done)));
            }
        }
        for (PeerWire wire : wires) {
            NumberedMessages.requireMessages(wire.readFully(100 * 100), 100, 100);
        }
        Await.until("each was notified", () -> done.released() == 100);
        assertEquals(0, done.unwritten());
        assertEquals(0, pool.stats().outstandingBuffers(), "notified after the memory is back");
    }

    @Test
    void shouldRefuseWholeMessagesWhenItsQueueIsFull() throws Exception {
        restart(new HostSettings().queueLimits(QueueLimits.DEFAULT.withMaxQueuedMessages(10)));
        List<OfferResult> results = new CopyOnWriteArrayList<>();
        PeerWire wire = host.wire();
        // Within onOpened, nothing is written yet; right after it, some kinds write what was queued.
        Session session = add(wire, new RecordingListener() {
            @Override
            public void onOpened(Session opened) {
                for (int number = 0; number < 12; number++) {
                    try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
                        results.add(opened.queue(message));
                    }
                }
            }
        });
        Await.until("all were offered", () -> results.size() == 12);
        for (int number = 0; number < 12; number++) {
            assertEquals(number < 10 ? OfferResult.QUEUED : OfferResult.REFUSED_MESSAGES, results.get(number));
        }

        Future<?> flush = startFlush(session);
        NumberedMessages.requireMessages(wire.readFully(10 * LENGTH), 10, LENGTH);
        Threads.join(flush);
        Await.until("there is room again", () -> session.queuedMessages() == 0);
    }

    @Test
    void shouldConnectAndSendWhatWasQueuedBefore() throws Exception {
        Assumptions.assumeTrue(kind.wiring == Wiring.TCP, "connects to an internet address");
        try (var server = Loopback.listen(1)) {
            Session session = connect(server.getLocalAddress(), listener);
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
                assertEquals(OfferResult.QUEUED, send(session, message));
            }
            try (var peer = server.accept()) {
                ByteBuffer bytes = ByteBuffer.allocate(100);
                while (bytes.hasRemaining()) {
                    assertTrue(peer.read(bytes) >= 0);
                }
                NumberedMessages.requireMessages(bytes.array(), 1, 100);
                Await.until("it was opened", () -> listener.opened.get() == 1);
                assertFalse(session.isClosed());
                assertEquals(server.getLocalAddress(), session.remoteAddress());
            }
        }
        Await.until("onClosed was called", listener::isClosed);
    }
}
