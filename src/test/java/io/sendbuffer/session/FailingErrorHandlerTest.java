/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FailingErrorHandlerTest {
    private SendLoop loopWithAFailingHandler() throws IOException {
        return SendLoop.builder()
                .writeMode(WriteMode.LOOP)
                .maxSelectTime(Duration.ZERO)
                .errorHandler(error -> {
                    throw new IllegalStateException("the handler fails, as this test wants it");
                })
                .build();
    }

    @Test
    void shouldServeTheOtherSessionsWhenTheErrorHandlerThrows() throws IOException {
        SendLoop loop = loopWithAFailingHandler();
        try (Loopback first = Loopback.open();
                Loopback second = Loopback.open();
                SendBuffer message = Pools.create().acquire(8).putLong(1).seal()) {
            Session ending = loop.add(first.ours, new SessionListener() {
                @Override
                public void onClosed(Session session, @Nullable Throwable cause) {
                    throw new IllegalStateException("a callback fails");
                }
            });
            Session healthy = loop.add(second.ours, new SessionListener() {});
            loop.doWork();
            ending.close();
            healthy.send(message);
            loop.doWork();
            assertEquals(0, healthy.queuedBytes(), "it was on the list behind the one that failed");
            healthy.send(message);
            loop.doWork();
            assertEquals(0, healthy.queuedBytes());
        } finally {
            loop.onClose();
        }
    }

    @Test
    void shouldRefuseToListenOnASocketThatIsNotBound() throws IOException {
        SendLoop loop = loopWithAFailingHandler();
        try (ServerSocketChannel unbound = ServerSocketChannel.open()) {
            assertThrows(IllegalArgumentException.class, () -> loop.listen(unbound, channel -> null));
        } finally {
            loop.onClose();
        }
    }
}
