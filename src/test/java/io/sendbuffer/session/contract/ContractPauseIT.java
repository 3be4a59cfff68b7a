/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.TestSeed;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of every kind of session that reads: reading is paused and resumed. */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractPauseIT extends ContractTest {
    private static final int ROUNDS = 30;
    private static final int REQUEST = 1_024;
    private static final int REQUESTS = 1_000;

    private final AtomicInteger receivedTotal = new AtomicInteger();

    ContractPauseIT(SessionKind kind) {
        super(kind);
    }

    @BeforeEach
    void requireInput() {
        Assumptions.assumeTrue(kind.hasInput(), "a pipe carries no input from its peer");
    }

    /** Pauses in its first callback, and in each that brings something. */
    private static class OneAtATime extends RecordingListener {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public void onOpened(Session session) {
            super.onOpened(session);
            session.pauseReading();
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            session.pauseReading();
            calls.incrementAndGet();
        }
    }

    private Session open(PeerWire wire, RecordingListener each) throws Exception {
        Session session = host.add(wire, each);
        Await.until("it was opened", () -> each.opened.get() == 1);
        return session;
    }

    /** As long as a host needs for what it is not to do. */
    private void letTimePass() throws Exception {
        RecordingListener other = new RecordingListener();
        PeerWire wire = host.wire();
        host.add(wire, other);
        wire.write(new byte[1]);
        Await.until("another session has received", () -> other.receivedBytes.get() == 1);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }

    @Test
    void shouldReceiveOnceForEachResumeWhenItPausesWithinTheCallback() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        for (int round = 0; round < ROUNDS; round++) {
            wire.write(new byte[3]);
            if (round % 10 == 0) {
                letTimePass();
            }
            assertEquals(round, each.calls.get(), "it is paused");
            assertTrue(session.isReadingPaused());
            int before = round;
            session.resumeReading();
            Await.until("what came is received", () -> each.calls.get() > before);
        }
        each.requireOrder();
    }

    @Test
    void shouldStayPausedHoweverOftenItIsPausedAndReadOnAtTheFirstResume() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        session.pauseReading();
        session.pauseReading();
        wire.write(new byte[7]);
        letTimePass();
        assertEquals(0, each.receivedBytes.get());
        session.resumeReading();
        session.resumeReading();
        Await.until("what came is received", () -> each.receivedBytes.get() == 7);
    }

    @Test
    void shouldLoseNothingWhateverIsPausedAndResumedMeanwhile() throws Exception {
        long seed = TestSeed.next();
        PeerWire wire = host.wire();
        AtomicInteger wrong = new AtomicInteger();
        Session session = host.add(wire, new RecordingListener() {
            private byte next;

            @Override
            public void onReceived(Session of, ByteBuffer bytes) {
                super.onReceived(of, bytes);
                while (bytes.hasRemaining()) {
                    wrong.addAndGet(bytes.get() == next++ ? 0 : 1);
                }
                receivedTotal.addAndGet(bytes.position());
            }
        });
        AtomicBoolean over = new AtomicBoolean();
        Future<?> toggling = Threads.start(() -> {
            Random random = new Random(seed);
            while (!over.get() && !session.isClosed()) {
                session.pauseReading();
                LockSupport.parkNanos(random.nextInt(50_000));
                session.resumeReading();
                LockSupport.parkNanos(random.nextInt(50_000));
            }
            return true;
        });
        int total = 300_000;
        byte[] bytes = new byte[total];
        for (int i = 0; i < total; i++) {
            bytes[i] = (byte) i;
        }
        wire.write(bytes);
        Await.until("all arrived" + TestSeed.hint(seed), () -> receivedTotal.get() == total);
        over.set(true);
        Threads.join(toggling);
        assertEquals(0, wrong.get());
    }

    @Test
    void shouldMakeThePeerWaitWhileItIsPaused() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        long written = writeUntilItWaits(wire, Long.MAX_VALUE);
        assertEquals(0, each.receivedBytes.get());
        Await.until("all is received", () -> each.receivedBytes.get() == written, () -> {
            session.resumeReading();
            ((WritableByteChannel) wire.peer()).write(ByteBuffer.allocate(0)); // what TLS at the peer's end holds
        });
    }

    /** Returns how much the system took of what the peer wrote. */
    private static long writeUntilItWaits(PeerWire wire, long max) throws IOException {
        WritableByteChannel peer = (WritableByteChannel) wire.peer();
        ByteBuffer chunk = ByteBuffer.allocate(REQUEST);
        long written = 0;
        int vain = 0;
        while (vain < 200 && written < max) {
            chunk.clear().limit((int) Math.min(REQUEST, max - written));
            int count = peer.write(chunk);
            written += count;
            vain = count == 0 ? vain + 1 : 0;
            if (count == 0) {
                LockSupport.parkNanos(100_000);
            }
        }
        return written;
    }

    @Test
    void shouldCloseInOrderWhileItIsPaused() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        wire.write(new byte[5_000]);
        queueAll(session, 3);
        session.close();
        NumberedMessages.requireMessages(wire.readToTheEnd(4 * LENGTH), 3, LENGTH);
        wire.endOutput();
        Await.until("onClosed was called", each::isClosed);
        assertNull(each.cause);
        assertEquals(0, each.receivedBytes.get(), "it was paused to the end");
    }

    @Test
    void shouldEndAtOnceWhileItIsPaused() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        wire.write(new byte[100]);
        letTimePass(); // those that read have found that they may not
        session.abort();
        Await.until("onClosed was called", each::isClosed);
        assertNull(each.cause);
        session.resumeReading();
        session.pauseReading();
        assertEquals(0, each.receivedBytes.get());
    }

    @Test
    void shouldNoticeAPeerThatIsGoneWhenItWrites() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        wire.write(new byte[100]);
        letTimePass();
        wire.reset();
        Await.until("onClosed was called", each::isClosed, () -> {
            try (SendBuffer message = NumberedMessages.sealed(pool, 0, 100)) {
                session.send(message);
            }
            LockSupport.parkNanos(1_000_000);
        });
        assertInstanceOf(IOException.class, each.cause);
    }

    @Test
    void shouldEndWithItsHostWhileItIsPaused() throws Exception {
        OneAtATime each = new OneAtATime();
        PeerWire wire = host.wire();
        open(wire, each);
        wire.write(new byte[100]);
        letTimePass();
        host.endPeers();
        long start = System.nanoTime();
        host.closeSessions();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(each.isClosed());
        assertNull(each.cause);
        assertTrue(millis < 5_000, () -> "it took " + millis + " ms");
    }

    /** Each request is answered by ten times as much. */
    private final class Answering extends RecordingListener {
        final AtomicInteger refused = new AtomicInteger();
        private int pending;
        private int number;

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            pending += bytes.remaining();
            while (pending >= REQUEST) {
                pending -= REQUEST;
                try (SendBuffer answer = NumberedMessages.sealed(pool, number++, LENGTH)) {
                    if (session.send(answer) != OfferResult.QUEUED) {
                        refused.incrementAndGet();
                    }
                }
            }
        }
    }

    @Test
    void shouldNotReadWhatItCouldNotAnswer() throws Exception {
        restart(new HostSettings()
                .queueLimits(QueueLimits.DEFAULT.withWatermarks(8 * LENGTH, 2 * LENGTH))
                .pausesWhileUnwritable());
        Answering each = new Answering();
        PeerWire wire = host.wire();
        Session session = open(wire, each);
        long total = (long) REQUESTS * REQUEST;
        long first = writeUntilItWaits(wire, total);
        assertFalse(session.isClosed());
        assertTrue(each.receivedBytes.get() < total, "it reads on only when the peer does");
        Future<Boolean> rest = Threads.start(() -> {
            wire.write(new byte[(int) (total - first)]);
            return true;
        });
        NumberedMessages.requireMessages(wire.readFully(REQUESTS * LENGTH), REQUESTS, LENGTH);
        assertTrue(Threads.join(rest));
        assertEquals(0, each.refused.get());
        assertFalse(session.isReadingPaused(), "nobody asked for it");
    }
}
