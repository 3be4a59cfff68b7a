/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What becomes due on a loop that has ended is still done, once, and not on the caller's thread if another thread is
 * available.
 */
@Timeout(60)
class StragglersTest {
    private final List<Throwable> errors = new ArrayList<>();

    /** Returns the thread that runs a callback that is requested after the end of the loop and its session. */
    private Thread threadOfACallbackAfterTheEnd(ThreadFactory stragglers) throws Exception {
        SendLoop loop = SendLoop.builder()
                .errorHandler(errors::add)
                .closeTimeout(Duration.ZERO) // the peer does not end its side
                .stragglers(stragglers)
                .build();
        RecordingListener listener = new RecordingListener();
        try (Loopback connection = Loopback.open()) {
            Session session;
            try (LoopRunner runner = loop.start()) {
                session = loop.add(connection.ours, listener);
                Await.until("it is opened", () -> listener.opened.get() == 1);
            }
            assertEquals(1, listener.closed.get());
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            AtomicInteger calls = new AtomicInteger();
            session.deliver(() -> {
                calls.incrementAndGet();
                thread.complete(Thread.currentThread());
            });
            Thread made = thread.get(30, TimeUnit.SECONDS);
            assertEquals(1, calls.get());
            listener.requireOrder();
            return made;
        }
    }

    @Test
    void shouldMakeALateCallbackOnAThreadOfItsOwn() throws Exception {
        assertNotSame(Thread.currentThread(), threadOfACallbackAfterTheEnd(DaemonThreads.named("stragglers")));
        assertEquals(List.of(), errors);
    }

    @Test
    void shouldMakeALateCallbackHereRatherThanNeverWhenNoThreadIsToBeHad() throws Exception {
        OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread, on purpose");
        Thread made = threadOfACallbackAfterTheEnd(task -> {
            throw noThread;
        });
        assertSame(Thread.currentThread(), made);
        assertEquals(List.of(noThread), errors);
    }

    @Test
    void shouldDoTheSameWhenTheThreadDoesNotStart() throws Exception {
        OutOfMemoryError noThread = new OutOfMemoryError("unable to create native thread, on purpose");
        Thread made = threadOfACallbackAfterTheEnd(task -> new Thread(task) {
            @Override
            public synchronized void start() {
                throw noThread;
            }
        });
        assertSame(Thread.currentThread(), made);
        assertEquals(List.of(noThread), errors);
    }
}
