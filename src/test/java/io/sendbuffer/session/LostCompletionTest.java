/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The JDK's part of a completion throws before it has called the completion handler, as it does on a full heap. */
@Timeout(30)
class LostCompletionTest {
    private final Error onPurpose = new OutOfMemoryError("on purpose");
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final RecordingListener listener = new RecordingListener();
    private volatile boolean refusing;
    private AsyncSessions sessions;

    @BeforeEach
    void build() throws IOException {
        sessions = AsyncSessions.builder()
                .resources(new RefusedThreads())
                .errorHandler(errors::add)
                .build();
    }

    @AfterEach
    void close() {
        sessions.close();
    }

    /** Those that call completion handlers are refused when the test says. */
    private final class RefusedThreads extends Resources {
        @Override
        ThreadFactory threads(String name) {
            ThreadFactory factory = super.threads(name);
            boolean isExecutor = !name.endsWith("-clock") && !name.endsWith("-ends") && !name.endsWith("-delivery");
            return task -> {
                if (refusing && isExecutor) {
                    throw new OutOfMemoryError("unable to create native thread, on purpose");
                }
                Thread thread = factory.newThread(task);
                if (isExecutor) {
                    thread.setUncaughtExceptionHandler((dead, error) -> assertSame(onPurpose, error));
                }
                return thread;
            };
        }
    }

    private AsynchronousServerSocketChannel open() throws Exception {
        AsynchronousServerSocketChannel server =
                sessions.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sessions.listen(server, connection -> new RecordingListener());
        sessions.add(new ScriptedAsyncChannel(), listener);
        Await.until("it was opened", () -> listener.opened.get() == 1);
        return server;
    }

    private void loseACompletion() {
        sessions.execute(() -> {
            throw onPurpose;
        });
    }

    private void requireEnded(AsynchronousServerSocketChannel server) throws Exception {
        Await.until("the session was notified", listener::isClosed);
        assertSame(onPurpose, listener.cause);
        Await.until("the port is closed", () -> !server.isOpen());
        Await.until("it was reported", () -> errors.contains(onPurpose));
        IllegalStateException refusal = assertThrows(
                IllegalStateException.class, () -> sessions.add(new ScriptedAsyncChannel(), new RecordingListener()));
        assertSame(onPurpose, refusal.getCause());
        Await.until("no session is left", () -> sessions.sessionCount() == 0);
    }

    @Test
    void shouldEndInOrderWhenAThreadLosesACompletion() throws Exception {
        AsynchronousServerSocketChannel server = open();
        loseACompletion();
        requireEnded(server);
        assertEquals(List.of(onPurpose), errors);
    }

    @Test
    void shouldEndInOrderWhenTheDeliveryInsteadOfAThreadLosesACompletion() throws Exception {
        refusing = true; // from here on: a thread that is idle would take it
        AsynchronousServerSocketChannel server = open();
        loseACompletion();
        requireEnded(server);
    }

    @Test
    void shouldReportNothingWhenAllIsClosedAlready() throws Exception {
        open();
        sessions.registry.requestClose();
        loseACompletion();
        sessions.close();
        Await.until("it ended", listener::isClosed);
        assertFalse(errors.contains(onPurpose), "the close wants no more completions");
    }
}
