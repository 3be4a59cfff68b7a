/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop does for a layer what it says that it needs, in whichever order that comes. */
@Timeout(60)
@ParameterizedClass
@EnumSource(WriteMode.class)
class LayeredSessionTest {
    private static final byte[] TOKEN = {1};
    private static final byte[] BYE = "bye".getBytes(StandardCharsets.US_ASCII);
    private static final int SHORT_MILLIS = 200;

    private final SendBufferPool pool = Pools.create();
    private final RecordingListener listener = new RecordingListener();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final WriteMode mode;
    private final PeerWire wire;
    private @Nullable LoopRunner runner;
    private volatile @Nullable PassThroughLayer layer;

    LayeredSessionTest(WriteMode mode) throws IOException {
        this.mode = mode;
        this.wire = PeerWire.over(Loopback.withSmallBuffers());
    }

    @AfterEach
    void closeAll() {
        wire.endOutputIfOpen();
        CloseHelper.closeAll(runner, wire);
        listener.requireOrder();
        assertEquals(1, listener.closed.get(), "onClosed");
    }

    private interface LayerMaker {
        PassThroughLayer over(SocketChannel socket) throws IOException;
    }

    private Session add(LayerMaker maker) throws IOException {
        return add(SendLoop.builder(), maker);
    }

    private Session add(SendLoop.Builder settings, LayerMaker maker) throws IOException {
        SendLoop loop = settings.writeMode(mode).errorHandler(errors::add).build();
        runner = loop.start();
        return loop.add(
                wire.socket(),
                socket -> {
                    PassThroughLayer made = maker.over(socket);
                    layer = made;
                    return made;
                },
                listener);
    }

    private static byte[] bytesOf(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    private byte[] send(Session session, int length) {
        byte[] bytes = bytesOf(length);
        try (SendBuffer message = pool.acquire(length).putBytes(bytes).seal()) {
            assertEquals(OfferResult.QUEUED, session.send(message));
        }
        return bytes;
    }

    private void awaitClosed() throws Exception {
        Await.until("onClosed was called", listener::isClosed);
    }

    private void awaitOpened() throws Exception {
        Await.until("it was opened", () -> listener.opened.get() == 1);
    }

    // ---- the handshake

    @Test
    void shouldSendNothingBeforeTheHandshakeIsOver() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public Need handshake() throws IOException {
                tries.incrementAndGet();
                return readToken() ? Need.NOTHING : Need.READABLE;
            }
        });
        byte[] sent = send(session, 100);
        Await.until("the handshake waits", () -> tries.get() > 0);
        assertEquals(0, listener.opened.get());
        assertEquals(100, session.queuedBytes());
        assertSame(layer, session.layer());

        wire.write(TOKEN);

        assertArrayEquals(sent, wire.readFully(100));
        assertEquals(1, listener.opened.get());
    }

    @Test
    void shouldWaitForRoomInTheHandshake() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public Need handshake() {
                return tries.incrementAndGet() < 3 ? Need.WRITABLE : Need.NOTHING;
            }
        });
        assertArrayEquals(send(session, 100), wire.readFully(100));
    }

    @Test
    void shouldEndAPeerThatNeverFinishesTheHandshake() throws Exception {
        add(SendLoop.builder().connectTimeout(Duration.ofMillis(SHORT_MILLIS)), socket -> new PassThroughLayer(socket) {
            @Override
            public Need handshake() {
                return Need.READABLE;
            }
        });
        awaitClosed();
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
        assertEquals(0, listener.opened.get());
        assertTrue(Objects.requireNonNull(layer).closes.get() > 0);
    }

    @Test
    void shouldEndWithinTheCloseTimeoutThoughTheHandshakeIsNotOver() throws Exception {
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public Need handshake() {
                return Need.READABLE;
            }
        });
        send(session, 100);
        session.close(Duration.ofMillis(SHORT_MILLIS));
        awaitClosed();
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
    }

    @Test
    void shouldCloseAtOnceWhenNothingWaitsForTheHandshake() throws Exception {
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public Need handshake() {
                return Need.READABLE;
            }
        });
        session.close();
        awaitClosed();
        assertNull(listener.cause);
    }

    // ---- reading

    @Test
    void shouldReadWhatTheLayerHoldsThoughTheSocketIsEmpty() throws Exception {
        add(ByteAtATimeLayer::new);
        awaitOpened();
        wire.write(new byte[3_000]);
        Await.until("all arrived", () -> listener.receivedBytes.get() == 3_000);
    }

    @Test
    void shouldReadWhatCameWithTheEndOfTheHandshake() throws Exception {
        add(socket -> new PassThroughLayer(socket) {
            private final ByteBuffer held = ByteBuffer.allocate(1 << 10);

            @Override
            public Need handshake() throws IOException {
                socket.read(held);
                return held.position() < 10 ? Need.READABLE : Need.NOTHING;
            }

            @Override
            public int read(ByteBuffer target) throws IOException {
                if (held.position() > 0) {
                    int count = held.flip().remaining();
                    target.put(held);
                    held.clear();
                    return count;
                }
                return super.read(target);
            }
        });
        wire.write(new byte[10]);
        Await.until("all arrived", () -> listener.receivedBytes.get() == 10);
    }

    @Test
    void shouldReadAgainWhenThereIsRoomForWhatAReadWrites() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        add(socket -> new PassThroughLayer(socket) {
            @Override
            public int read(ByteBuffer target) throws IOException {
                if (reads.incrementAndGet() < 4) {
                    inputNeeds = Need.WRITABLE;
                    return 0;
                }
                return super.read(target);
            }
        });
        wire.write(new byte[10]);
        Await.until("all arrived", () -> listener.receivedBytes.get() == 10);
    }

    // ---- writing

    @Test
    void shouldWriteAgainWhenThereIsSomethingForAWriteToRead() throws Exception {
        AtomicInteger writes = new AtomicInteger();
        Session session = add(socket -> new PassThroughLayer(socket) {
            private boolean hasToken;

            @Override
            public int read(ByteBuffer target) {
                return 0; // all that comes is for the write
            }

            @Override
            public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
                writes.incrementAndGet();
                hasToken |= readToken();
                if (!hasToken) {
                    outputNeeds = Need.READABLE;
                    return 0;
                }
                return super.write(sources, offset, length);
            }
        });
        awaitOpened();
        byte[] sent = send(session, 100);
        Await.until("it needs to read", () -> writes.get() > 0);
        assertEquals(100, session.queuedBytes());

        wire.write(TOKEN);

        assertArrayEquals(sent, wire.readFully(100));
    }

    @Test
    void shouldWriteAllThoughTheLayerTakesAByteAtATime() throws Exception {
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
                ByteBuffer first = sources[offset];
                outputNeeds = Need.WRITABLE;
                return socket.write(first.limit(first.position() + 1));
            }
        });
        awaitOpened();
        assertArrayEquals(send(session, 500), wire.readFully(500));
    }

    /** Takes all at once, and lets a byte out when it is flushed. */
    private static class HoardingLayer extends PassThroughLayer {
        private final ByteBuffer held = ByteBuffer.allocate(1 << 20);

        HoardingLayer(SocketChannel socket) {
            super(socket);
        }

        @Override
        public synchronized long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            int before = held.position();
            for (int i = offset; i < offset + length; i++) {
                held.put(sources[i]);
            }
            outputNeeds = Need.WRITABLE;
            return (long) held.position() - before;
        }

        @Override
        public synchronized Need flush() throws IOException {
            if (held.position() > 0) {
                held.flip();
                int limit = held.limit();
                held.limit(1);
                socket.write(held);
                held.limit(limit).compact();
            }
            outputNeeds = held.position() == 0 ? Need.NOTHING : Need.WRITABLE;
            return outputNeeds;
        }

        @Override
        public Need endOutput() throws IOException {
            socket.write(ByteBuffer.wrap(BYE));
            return Need.NOTHING;
        }
    }

    @Test
    void shouldFlushWhatTheLayerHoldsThoughTheQueueIsEmpty() throws Exception {
        Session session = add(HoardingLayer::new);
        awaitOpened();
        assertArrayEquals(send(session, 500), wire.readFully(500));
        Await.until("all is out", () -> !SessionInternals.isWriting(session));
    }

    @Test
    void shouldFlushWhatTheLayerHoldsBeforeItEndsItsOutput() throws Exception {
        Session session = add(HoardingLayer::new);
        awaitOpened();
        byte[] sent = send(session, 500);
        session.close();

        byte[] all = wire.readToTheEnd(600);

        assertArrayEquals(sent, Arrays.copyOf(all, 500));
        assertEquals("bye", new String(all, 500, all.length - 500, StandardCharsets.US_ASCII));
        wire.endOutput();
        awaitClosed();
        assertNull(listener.cause);
    }

    @Test
    void shouldEndALayerThatKeepsItsOutput() throws Exception {
        Session session = add(
                SendLoop.builder().writeTimeout(Duration.ofMillis(SHORT_MILLIS)), socket -> new HoardingLayer(socket) {
                    @Override
                    public Need flush() {
                        return Need.WRITABLE;
                    }
                });
        awaitOpened();
        send(session, 500);
        awaitClosed();
        assertInstanceOf(SocketTimeoutException.class, listener.cause);
    }

    // ---- the end

    @Test
    void shouldWaitForTheEndOfTheLayersOutput() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public Need endOutput() throws IOException {
                if (tries.incrementAndGet() < 3) {
                    return Need.WRITABLE;
                }
                if (!readToken()) {
                    return Need.READABLE;
                }
                socket.write(ByteBuffer.wrap(BYE));
                return Need.NOTHING;
            }

            @Override
            public int read(ByteBuffer target) {
                return 0;
            }
        });
        awaitOpened();
        session.close();
        Await.until("it waits", () -> tries.get() > 2);
        wire.write(TOKEN);

        assertArrayEquals(BYE, wire.readToTheEnd(10));
        wire.endOutput();
        awaitClosed();
        assertNull(listener.cause);
    }

    @Test
    void shouldSayGoodbyeToAPeerThatEndsItsOutput() throws Exception {
        add(HoardingLayer::new);
        awaitOpened();
        wire.endOutput();
        assertArrayEquals(BYE, wire.readToTheEnd(10));
        awaitClosed();
        assertInstanceOf(EOFException.class, listener.cause);
    }

    @Test
    void shouldSayNothingWhenAborted() throws Exception {
        AtomicInteger openAtClose = new AtomicInteger();
        Session session = add(socket -> new HoardingLayer(socket) {
            @Override
            public void close() throws IOException {
                super.close();
                openAtClose.addAndGet(socket.isOpen() ? 1 : 0);
            }
        });
        awaitOpened();
        session.abort();
        assertEquals(0, wire.readToTheEnd(10).length);
        awaitClosed();
        assertNull(listener.cause);
        assertTrue(Objects.requireNonNull(layer).closes.get() > 0);
        assertEquals(0, openAtClose.get(), "the socket is closed first");
    }

    // ---- layers that fail

    /** Where a layer throws. */
    enum Place {
        FACTORY,
        HANDSHAKE,
        READ,
        WRITE,
        FLUSH,
        END_OUTPUT,
        CLOSE
    }

    /** Throws in one place, from then on. */
    private static final class FailingLayer extends HoardingLayer {
        private final Place place;
        private final Throwable failure;

        FailingLayer(SocketChannel socket, Place place, Throwable failure) throws IOException {
            super(socket);
            this.place = place;
            this.failure = failure;
            failIn(Place.FACTORY);
        }

        private static void raise(Throwable failure) throws IOException {
            if (failure instanceof IOException e) {
                throw e;
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            throw (Error) failure;
        }

        private void failIn(Place where) throws IOException {
            if (place == where) {
                raise(failure);
            }
        }

        @Override
        public Need handshake() throws IOException {
            failIn(Place.HANDSHAKE);
            return super.handshake();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            failIn(Place.READ);
            return super.read(target);
        }

        @Override
        public synchronized long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            failIn(Place.WRITE);
            return super.write(sources, offset, length);
        }

        @Override
        public synchronized Need flush() throws IOException {
            failIn(Place.FLUSH);
            return super.flush();
        }

        @Override
        public Need endOutput() throws IOException {
            failIn(Place.END_OUTPUT);
            return super.endOutput();
        }

        @Override
        public void close() throws IOException {
            failIn(Place.CLOSE);
            super.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void shouldEndTheSessionAloneWithTheIoExceptionOfItsLayer(Place place) throws Exception {
        requireEndOfOneAlone(place, new IOException("of the layer"));
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void shouldEndTheSessionAloneWithTheExceptionOfItsLayer(Place place) throws Exception {
        requireEndOfOneAlone(place, new IllegalStateException("of the layer"));
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void shouldEndTheSessionAloneWithTheErrorOfItsLayer(Place place) throws Exception {
        requireEndOfOneAlone(place, new OutOfMemoryError("of the layer"));
    }

    private void requireEndOfOneAlone(Place place, Throwable failure) throws Exception {
        RecordingListener other = new RecordingListener();
        SendLoop loop =
                SendLoop.builder().writeMode(mode).errorHandler(errors::add).build();
        runner = loop.start();
        try (PeerWire otherWire = PeerWire.over(Loopback.withSmallBuffers())) {
            Session lives = loop.add(otherWire.socket(), PassThroughLayer::new, other);
            Session fails = loop.add(wire.socket(), socket -> new FailingLayer(socket, place, failure), listener);
            Await.until("it is opened, or ended", () -> listener.opened.get() == 1 || listener.isClosed());
            try (SendBuffer message = pool.acquire(100).putBytes(bytesOf(100)).seal()) {
                fails.send(message);
            }
            if (place == Place.READ) {
                wire.write(TOKEN);
                awaitClosed(); // once it has written all, what its input does is no loss
            }
            fails.close();
            wire.endOutputIfOpen();

            awaitClosed();
            boolean lostNothing = place == Place.CLOSE || (place == Place.END_OUTPUT && failure instanceof IOException);
            assertSame(lostNothing ? null : failure, listener.cause);
            assertEquals(place == Place.CLOSE, errors.contains(failure), "to the error handler");
            assertArrayEquals(send(lives, 100), otherWire.readFully(100));
            otherWire.endOutput();
        }
    }

    @Test
    void shouldEndALayerThatSaysThatItReadWhatItDidNot() throws Exception {
        add(socket -> new PassThroughLayer(socket) {
            @Override
            public int read(ByteBuffer target) {
                return 5;
            }
        });
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
    }

    @Test
    void shouldEndALayerThatSaysThatItWroteMoreThanThereWas() throws Exception {
        Session session = add(socket -> new PassThroughLayer(socket) {
            @Override
            public long write(ByteBuffer[] sources, int offset, int length) {
                return 1 << 20;
            }
        });
        awaitOpened();
        send(session, 10);
        awaitClosed();
        assertInstanceOf(IOException.class, listener.cause);
    }
}
