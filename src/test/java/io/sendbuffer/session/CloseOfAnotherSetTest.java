/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A callback closes a set of sessions that is not its own: the close does not wait for what that set still does. */
@Timeout(60)
class CloseOfAnotherSetTest {
    /** A close that waits takes at least this long, since a session of what it closes is stuck. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private static final long AT_ONCE_MILLIS = 1_500;

    private final HostSettings settings = new HostSettings().closeTimeout(CLOSE_TIMEOUT);
    private final AtomicInteger closes = new AtomicInteger();
    private volatile long longestMillis;

    @AfterEach
    void requireNoErrors() {
        assertEquals(List.of(), settings.errors);
    }

    /** The callback that closes the other set. */
    enum Callback {
        ON_OPENED,
        ON_OPENED_BY_A_DELIVERY,
        ON_RECEIVED,
        ON_INPUT_ENDED,
        ON_CLOSED
    }

    /** Closes another set in one of its callbacks. */
    private final class Closing extends RecordingListener {
        private final Callback callback;
        private final Runnable close;

        Closing(Callback callback, Runnable close) {
            this.callback = callback;
            this.close = close;
        }

        @Override
        public void onOpened(Session session) {
            super.onOpened(session);
            closeIn(callback == Callback.ON_OPENED || callback == Callback.ON_OPENED_BY_A_DELIVERY);
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            closeIn(callback == Callback.ON_RECEIVED);
        }

        @Override
        public boolean onInputEnded(Session session) {
            closeIn(callback == Callback.ON_INPUT_ENDED);
            return super.onInputEnded(session);
        }

        @Override
        public void onClosed(Session session, @Nullable Throwable cause) {
            closeIn(callback == Callback.ON_CLOSED);
            super.onClosed(session, cause);
        }

        private void closeIn(boolean chosen) {
            if (chosen) {
                measure(close);
            }
        }
    }

    private void measure(Runnable close) {
        long start = System.nanoTime();
        close.run();
        synchronized (this) {
            longestMillis = Math.max(longestMillis, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
        closes.incrementAndGet();
    }

    private void requireAtOnce(int count) throws Exception {
        Await.until("each close returned", () -> closes.get() == count);
        assertTrue(longestMillis < AT_ONCE_MILLIS, () -> "it took " + longestMillis + " ms");
    }

    static Stream<Arguments> callbacksAndOthers() {
        return Stream.of(StubKind.LOOP, StubKind.ASYNC, StubKind.BLOCKING_WRITER)
                .flatMap(kind -> Stream.of(Callback.values()).map(callback -> Arguments.of(kind, callback)));
    }

    @ParameterizedTest
    @MethodSource("callbacksAndOthers")
    void shouldReturnAtOnceWhenACallbackClosesAnotherSet(StubKind kind, Callback callback) throws Exception {
        for (StubKind other : List.of(StubKind.LOOP, StubKind.ASYNC, StubKind.BLOCKING_WRITER)) {
            closes.set(0);
            closeOther(kind, callback, other);
        }
    }

    private void closeOther(StubKind kind, Callback callback, StubKind otherKind) throws Exception {
        try (StubHost host = kind.start(settings, Faults.none());
                Stuck other = new Stuck(otherKind)) {
            Closing closing = new Closing(callback, other.host::close);
            StubStream stream = new StubStream();
            Session session = callback == Callback.ON_OPENED_BY_A_DELIVERY
                    ? host.addOutput(stream, closing)
                    : host.add(stream, closing);
            Await.until("it was opened", () -> closing.opened.get() == 1);
            switch (callback) {
                case ON_OPENED, ON_OPENED_BY_A_DELIVERY -> {}
                case ON_RECEIVED -> stream.receive((byte) 1);
                case ON_INPUT_ENDED -> stream.endInput();
                case ON_CLOSED -> session.abort();
            }
            requireAtOnce(1);
            other.requireClosing();
        }
    }

    /** A host whose sessions cannot end before a callback is allowed to return. */
    private final class Stuck implements AutoCloseable {
        final StubHost host;
        private final CyclicBarrier mayReturn = new CyclicBarrier(2);
        private final RecordingListener listener = new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                await(mayReturn);
            }
        };

        Stuck(StubKind kind) throws Exception {
            host = kind.start(settings, Faults.none());
            host.add(new StubStream(), listener);
            Await.until("its callback waits", () -> mayReturn.getNumberWaiting() == 1);
        }

        void requireClosing() throws Exception {
            await(mayReturn);
            Await.until("its session ended", listener::isClosed);
            Await.until("no session is kept", () -> host.sessionCount() == 0);
        }

        @Override
        public void close() {
            if (mayReturn.getNumberWaiting() == 1) {
                await(mayReturn);
            }
            host.close();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = StubKind.class,
            names = {"LOOP", "ASYNC", "BLOCKING_WRITER"})
    void shouldReturnAtOnceWhenAFactoryClosesAnotherSet(StubKind kind) throws Exception {
        try (StubHost host = kind.start(settings, Faults.none());
                Stuck other = new Stuck(StubKind.BLOCKING_WRITER)) {
            StubHost.Server server = host.listen(connection -> {
                measure(other.host::close);
                return null;
            });
            server.connect(new StubStream());
            requireAtOnce(1);
            other.requireClosing();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = StubKind.class,
            names = {"LOOP", "ASYNC", "BLOCKING_WRITER"})
    void shouldReturnToBothOfTwoCallbacksThatCloseEachOthersSets(StubKind kind) throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        try (StubHost first = kind.start(settings, Faults.none());
                StubHost second = StubKind.BLOCKING_WRITER.start(settings, Faults.none())) {
            first.add(new StubStream(), new Closing(Callback.ON_OPENED, () -> {
                await(together);
                second.close();
            }));
            second.add(new StubStream(), new Closing(Callback.ON_OPENED, () -> {
                await(together);
                first.close();
            }));
            requireAtOnce(2);
            Await.until("no session is kept", () -> first.sessionCount() + second.sessionCount() == 0);
        }
    }

    private SendLoop.Builder stubLoops() {
        return StubKind.loops(settings, new FaultyResources(settings, Faults.none()), WriteMode.LOOP);
    }

    @Test
    void shouldReturnAtOnceWhenACallbackClosesALoopGroup() throws Exception {
        CyclicBarrier mayReturn = new CyclicBarrier(2);
        RecordingListener stuck = new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                await(mayReturn);
            }
        };
        try (StubHost host = StubKind.BLOCKING_INLINE.start(settings, Faults.none());
                SendLoopGroup loops = SendLoopGroup.start(2, stubLoops())) {
            loops.add(new SocketStub(new StubStream()), stuck);
            Await.until("its callback waits", () -> mayReturn.getNumberWaiting() == 1);
            host.add(new StubStream(), new Closing(Callback.ON_OPENED, loops::close));
            requireAtOnce(1);
            await(mayReturn);
            Await.until("its session ended", stuck::isClosed);
        }
    }

    /** A loop that is run by hand, as an Agrona invoker does it, is a loop's thread, too. */
    @Test
    void shouldReturnAtOnceWhenACallbackOfALoopWithoutARunnerClosesAnotherSet() throws Exception {
        try (Stuck other = new Stuck(StubKind.ASYNC)) {
            SendLoop loop = stubLoops().maxSelectTime(Duration.ZERO).build();
            loop.add(new SocketStub(new StubStream()), new Closing(Callback.ON_OPENED, other.host::close));
            loop.doWork();
            requireAtOnce(1);
            loop.onClose();
            other.requireClosing();
        }
    }
}
