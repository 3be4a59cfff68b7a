/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a callback throws ends the session and is delivered once: to the listener, or else to the error handler. */
@Timeout(30)
class CallbackFailureTest {
    private HandDrivenLoop loop;

    @BeforeEach
    void open() throws IOException {
        loop = new HandDrivenLoop(WriteMode.INLINE);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void shouldEndWithWhatOnOpenedThrew() throws Exception {
        IllegalArgumentException thrown = new IllegalArgumentException("onOpened");
        requireEndsWith(thrown, new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                throw thrown;
            }
        });
    }

    @Test
    void shouldEndWithWhatOnReceivedThrew() throws Exception {
        AssertionError thrown = new AssertionError("onReceived");
        requireEndsWith(thrown, new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                throw thrown;
            }
        });
    }

    @Test
    void shouldEndWithWhatOnInputEndedThrew() throws Exception {
        IllegalStateException thrown = new IllegalStateException("onInputEnded");
        requireEndsWith(thrown, new RecordingListener() {
            @Override
            public boolean onInputEnded(Session session) {
                throw thrown;
            }
        });
    }

    /** The loop takes this exception as the sign of a channel that was closed underneath it. */
    @Test
    void shouldEndWithACanceledKeyOfOtherCodeThatACallbackThrew() throws Exception {
        CancelledKeyException thrown = new CancelledKeyException();
        requireEndsWith(thrown, new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                throw thrown;
            }
        });
        requireEndsWith(thrown, new RecordingListener() {
            @Override
            public void onReceived(Session session, ByteBuffer bytes) {
                throw thrown;
            }
        });
    }

    @Test
    void shouldReportWhatOnClosedThrew() throws Exception {
        IllegalStateException thrown = new IllegalStateException("onClosed");
        Session session = loop.open(loop.connect(), new RecordingListener() {
            @Override
            public void onClosed(Session ended, @Nullable Throwable cause) {
                throw thrown;
            }
        });

        session.abort();
        loop.dutyCycle();

        assertEquals(List.of(thrown), loop.errors);
        assertEquals(0, loop.dutyCycle(), "onClosed is not tried again");
    }

    private void requireEndsWith(Throwable thrown, RecordingListener throwing) throws Exception {
        Loopback connection = loop.connect();
        loop.open(connection, throwing);

        connection.peer.write(ByteBuffer.allocate(1));
        connection.peer.shutdownOutput();
        loop.dutyCyclesUntil("the session was closed", throwing::isClosed);

        assertSame(thrown, throwing.cause);
        assertEquals(1, throwing.closed.get());
        assertEquals(List.of(), loop.errors, "the listener was notified, so it is not reported");
        throwing.requireOrder();
        Await.until("the peer saw the end", connection::sawEnd);
    }
}
