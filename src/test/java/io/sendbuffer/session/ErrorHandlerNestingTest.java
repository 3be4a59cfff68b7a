/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Pools;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.ErrorHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No error handler runs inside another, and none makes a close wait for itself. */
@Timeout(30)
class ErrorHandlerNestingTest {
    private static final int OUTPUTS = 2_000;
    private static final int CHAIN = 50_000;

    private final SendBufferPool pool = Pools.create();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final List<Throwable> caught = new ArrayList<>();
    private int depth;
    private int deepest;

    /** A channel whose write and close both fail. */
    private static final class Gone implements GatheringByteChannel {
        private volatile boolean open = true;

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            throw new IOException("gone, on purpose");
        }

        @Override
        public long write(ByteBuffer[] sources) throws IOException {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            throw new IOException("gone, on purpose");
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            throw new IOException("its close fails, on purpose");
        }
    }

    private void broadcast(SessionGroup group) {
        depth++;
        deepest = Math.max(deepest, depth);
        try (SendBuffer message = NumberedMessages.sealed(pool, 0, 64)) {
            group.broadcast(message);
        } catch (Throwable e) {
            caught.add(e);
        }
        depth--;
    }

    @Test
    void shouldNeedNoMoreStackForThousandsOfErrorsThanForOne() throws Exception {
        SessionGroup group = new SessionGroup();
        try (BlockingSessions sessions = BlockingSessions.builder()
                .writeMode(WriteMode.INLINE)
                .errorHandler(error -> {
                    calls.incrementAndGet();
                    broadcast(group);
                })
                .build()) {
            for (int i = 0; i < OUTPUTS; i++) {
                group.add(sessions.addOutput(new Gone(), new SessionListener() {
                    @Override
                    public void onClosed(Session session, @Nullable Throwable cause) {
                        closed.incrementAndGet();
                    }
                }));
            }
            broadcast(group);
            Await.until("all were notified", () -> closed.get() == OUTPUTS);
        }
        assertEquals(OUTPUTS, calls.get(), "no error was lost");
        assertTrue(deepest <= 2, () -> "nested " + deepest + " deep"); // the first level is this thread's own
        assertEquals(List.of(), caught);
        assertEquals(0, pool.stats().outstandingBuffers());
    }

    @Test
    void shouldCallForEachErrorOfAChainInOrder() {
        List<Integer> order = new ArrayList<>();
        ErrorHandler[] self = new ErrorHandler[1];
        self[0] = error -> {
            depth++;
            deepest = Math.max(deepest, depth);
            int number = order.size();
            order.add(number);
            if (number < CHAIN) {
                ErrorDispatch.report(self[0], error);
                depth--;
                throw new IllegalStateException("the handler's own, on purpose", null) {
                    @Override
                    public void printStackTrace(java.io.PrintStream out) {}
                };
            }
            depth--;
        };
        java.io.PrintStream standard = System.err;
        System.setErr(new java.io.PrintStream(java.io.OutputStream.nullOutputStream(), false));
        try {
            ErrorDispatch.report(self[0], new IllegalStateException("on purpose"));
        } finally {
            System.setErr(standard);
        }
        assertEquals(CHAIN + 1, order.size());
        assertEquals(1, deepest);
    }

    @Test
    void shouldNotWaitForItselfWhenAReleaseListenerClosesTheRunner() throws Exception {
        SendLoop loop = StubKind.loopOver(
                SendLoop.builder().closeTimeout(Duration.ofSeconds(3)), new StubSelector(Faults.none()));
        LoopRunner runner = loop.start();
        requireClosesAtOnce(loop, runner, new SocketStub(new StubStream()), runner::close);
    }

    @Test
    void shouldNotWaitForItselfWhenAnErrorHandlerClosesTheRunner() throws Exception {
        LoopRunner[] runner = new LoopRunner[1];
        SendLoop loop = StubKind.loopOver(
                SendLoop.builder().closeTimeout(Duration.ofSeconds(3)).errorHandler(error -> runner[0].close()),
                new StubSelector(Faults.none()));
        runner[0] = loop.start();
        Faults faults = Faults.at(Faults.Edge.CLOSE, 1, new IllegalStateException("on purpose"));
        requireClosesAtOnce(loop, runner[0], new SocketStub(new StubStream(faults)), () -> {});
        assertTrue(faults.wasThrown());
    }

    private void requireClosesAtOnce(SendLoop loop, LoopRunner runner, SocketStub channel, Runnable onReleased)
            throws Exception {
        RecordingListener listener = new RecordingListener();
        Session session = loop.add(channel, listener);
        SendBuffer message = pool.acquire(8);
        message.putLong(1).onRelease(unwritten -> onReleased.run()).seal();
        session.queue(message);
        message.release();
        long start = System.nanoTime();
        session.abort();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1_500, () -> "it took " + millis + " ms");
        Await.until("it was notified", listener::isClosed);
        runner.close();
        assertTrue(loop.isClosed());
    }
}
