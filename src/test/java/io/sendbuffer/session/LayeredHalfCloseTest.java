/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A session ends the output of its layer alone, if the layer reads on. */
@Timeout(60)
@ParameterizedClass
@EnumSource(WriteMode.class)
class LayeredHalfCloseTest {
    private static final byte[] BYE = "bye".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 10;

    private final RecordingListener listener = new RecordingListener();
    private final WriteMode mode;
    private final PeerWire wire;
    private @Nullable LoopRunner runner;

    LayeredHalfCloseTest(WriteMode mode) throws IOException {
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

    private Session add(SocketLayer.Factory layers) throws IOException {
        SendLoop loop = SendLoop.builder().writeMode(mode).build();
        runner = loop.start();
        return loop.add(wire.socket(), layers, listener);
    }

    /** Says goodbye, and counts what is read through it. */
    private static class CountingLayer extends PassThroughLayer {
        volatile int readBytes;

        CountingLayer(SocketChannel socket) {
            super(socket);
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone reads
        public int read(ByteBuffer target) throws IOException {
            int count = super.read(target);
            readBytes += Math.max(0, count);
            return count;
        }

        @Override
        public Need endOutput() throws IOException {
            socket.write(ByteBuffer.wrap(BYE));
            return Need.NOTHING;
        }
    }

    private interface LayerMaker extends SocketLayer.Factory {
        @Override
        default boolean keepsInput() {
            return true;
        }
    }

    private void requireReceived(int bytes) throws Exception {
        Await.until(bytes + " bytes were received", () -> listener.receivedBytes.get() == bytes);
    }

    private void requireEnd() throws Exception {
        wire.endOutput();
        Await.until("onClosed was called", listener::isClosed);
        assertNull(listener.cause);
        assertEquals(1, listener.inputEnded.get());
    }

    @Test
    void shouldReadThroughTheLayerAfterTheEndOfItsOutput() throws Exception {
        LayerMaker layers = CountingLayer::new;
        Session session = add(layers);
        session.shutdownOutput();
        assertArrayEquals(BYE, wire.readToTheEnd(BYE.length));
        wire.write(new byte[BYTES]);
        requireReceived(BYTES);
        assertEquals(BYTES, layerOf(session).readBytes);
        requireEnd();
    }

    private static CountingLayer layerOf(Session session) {
        return assertInstanceOf(CountingLayer.class, session.layer());
    }

    /** Its peer may be waiting for that before it reads. */
    @Test
    void shouldReadWhileTheLayerWaitsForRoomToEndItsOutput() throws Exception {
        LayerMaker layers = socket -> new CountingLayer(socket) {
            @Override
            public Need endOutput() throws IOException {
                return readBytes < BYTES ? Need.WRITABLE : super.endOutput();
            }
        };
        Session session = add(layers);
        session.shutdownOutput();
        wire.write(new byte[BYTES]);
        requireReceived(BYTES);
        assertArrayEquals(BYE, wire.readToTheEnd(BYE.length));
        requireEnd();
    }

    @Test
    void shouldReadWhatTheLayerHoldsWhenItsOutputEnds() throws Exception {
        LayerMaker layers = socket -> new CountingLayer(socket) {
            private final ByteBuffer held = ByteBuffer.allocate(BYTES).flip();

            @Override
            public int read(ByteBuffer target) throws IOException {
                if (held.hasRemaining()) {
                    target.put(held);
                    return BYTES;
                }
                return super.read(target);
            }

            @Override
            public Need endOutput() throws IOException {
                held.clear();
                return super.endOutput();
            }
        };
        Session session = add(layers);
        session.shutdownOutput();
        assertArrayEquals(BYE, wire.readToTheEnd(BYE.length));
        requireReceived(BYTES);
        requireEnd();
    }

    @Test
    void shouldDropWhatComesInOnceItIsClosed() throws Exception {
        LayerMaker layers = CountingLayer::new;
        Session session = add(layers);
        session.shutdownOutput();
        assertArrayEquals(BYE, wire.readToTheEnd(BYE.length));
        session.close();
        wire.write(new byte[BYTES]);
        wire.endOutput();
        Await.until("onClosed was called", listener::isClosed);
        assertEquals(0, listener.receivedBytes.get());
        assertNull(listener.cause);
    }

    @Test
    void shouldRefuseToEndTheOutputOfALayerThatReadsNoFurther() throws Exception {
        Session session = add(CountingLayer::new);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        assertNotNull(assertThrows(UnsupportedOperationException.class, session::shutdownOutput)
                .getMessage());
        wire.write(new byte[BYTES]);
        requireReceived(BYTES);
        session.close();
        assertArrayEquals(BYE, wire.readToTheEnd(BYE.length));
    }
}
