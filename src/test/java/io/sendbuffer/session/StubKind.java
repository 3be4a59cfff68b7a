/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.util.List;

/** Every kind of session over channels without descriptors, so that thousands are cheap and each call can fail. */
enum StubKind {
    LOOP_INLINE,
    LOOP,
    ASYNC,
    BLOCKING_INLINE,
    BLOCKING_WRITER;

    boolean isLoop() {
        return this == LOOP_INLINE || this == LOOP;
    }

    boolean isBlocking() {
        return this == BLOCKING_INLINE || this == BLOCKING_WRITER;
    }

    /** How many sessions a test may have: each session of some kinds has its own thread. */
    int affordable(int sessions) {
        return this == BLOCKING_WRITER ? Math.min(sessions, 1_000) : sessions;
    }

    StubHost start(HostSettings settings, Faults faults) throws IOException {
        return switch (this) {
            case LOOP_INLINE -> loop(settings, faults, WriteMode.INLINE);
            case LOOP -> loop(settings, faults, WriteMode.LOOP);
            case ASYNC -> async(settings, faults);
            case BLOCKING_INLINE -> blocking(settings, faults, WriteMode.INLINE);
            case BLOCKING_WRITER -> blocking(settings, faults, WriteMode.LOOP);
        };
    }

    /** Returns a loop over a given selector. */
    static SendLoop loopOver(SendLoop.Builder settings, StubSelector selector) {
        return SessionInternals.loopOver(settings, "stub-loop", selector, 1024);
    }

    private static StubHost loop(HostSettings settings, Faults faults, WriteMode mode) throws IOException {
        FaultyResources resources = new FaultyResources(settings, faults);
        SendLoop loop = loops(settings, resources, mode).build();
        LoopRunner runner;
        try {
            runner = loop.start();
        } catch (Throwable e) {
            loop.onClose();
            throw e;
        }
        return new LoopHost(loop, runner, faults);
    }

    /** Loops whose end is recorded for the test. */
    static SendLoop.Builder loops(HostSettings settings, FaultyResources resources, WriteMode mode) {
        return faulty(settings, resources, SendLoop.builder())
                .roleName("stub-loop")
                .receiveBufferSize(1_024)
                .writeMode(mode)
                .maxSelectTime(settings.maxSelectTime)
                .onEnded((ended, cause) -> {
                    settings.ended.incrementAndGet();
                    settings.endCause = cause;
                    resources.faults.hit(Faults.Edge.ON_ENDED);
                });
    }

    private static StubHost async(HostSettings settings, Faults faults) throws IOException {
        FaultyResources resources = new FaultyResources(settings, faults);
        AsyncSessions sessions =
                faulty(settings, resources, AsyncSessions.builder()).build();
        return new AsyncHost(sessions, faults);
    }

    private static StubHost blocking(HostSettings settings, Faults faults, WriteMode mode) {
        FaultyResources resources = new FaultyResources(settings, faults);
        BlockingSessions sessions = faulty(settings, resources, BlockingSessions.builder())
                .writeMode(mode)
                .threads(resources.sessionThreads())
                .build();
        return new BlockingHost(sessions, faults);
    }

    static StubHost.Server serverOf(ServerStub server) {
        return new StubHost.Server(server::connect, server::isOpen, server::waiting);
    }

    static <B extends SessionBuilder<B>> B faulty(HostSettings settings, FaultyResources resources, B builder) {
        return settings.applyTo(builder).resources(resources).errorHandler(error -> {
            settings.errors.add(error);
            resources.faults.hit(Faults.Edge.ERROR_HANDLER);
            settings.onError.accept(error);
        });
    }

    private static final class LoopHost extends StubHost {
        private final SendLoop loop;
        private final LoopRunner runner;
        private final Faults faults;

        LoopHost(SendLoop loop, LoopRunner runner, Faults faults) {
            this.loop = loop;
            this.runner = runner;
            this.faults = faults;
        }

        @Override
        Session add(StubStream stream, SessionListener listener) throws IOException {
            return loop.add(new SocketStub(stream), listener);
        }

        @Override
        Session connect(SocketAddress server, SessionListener listener) throws IOException {
            return loop.connect(server, listener);
        }

        @Override
        Server listen(SessionListener.Factory<Channel> listeners) throws IOException {
            ServerStub server = new ServerStub(faults);
            loop.listen(server, listeners);
            return serverOf(server);
        }

        @Override
        int sessionCount() {
            return loop.sessionCount();
        }

        @Override
        List<SendLoop> loops() {
            return List.of(loop);
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    private static final class AsyncHost extends StubHost {
        private final AsyncSessions sessions;
        private final Faults faults;

        AsyncHost(AsyncSessions sessions, Faults faults) {
            this.sessions = sessions;
            this.faults = faults;
        }

        @Override
        Session add(StubStream stream, SessionListener listener) throws IOException {
            return sessions.add(new AsyncStub(stream), listener);
        }

        @Override
        Session connect(SocketAddress server, SessionListener listener) throws IOException {
            return sessions.connect(server, listener);
        }

        @Override
        Server listen(SessionListener.Factory<Channel> listeners) throws IOException {
            AsyncServerStub server = new AsyncServerStub(faults);
            sessions.listen(server, listeners);
            return new Server(server::connect, server::isStillOpen, server::waiting);
        }

        @Override
        int sessionCount() {
            return sessions.sessionCount();
        }

        @Override
        public void close() {
            sessions.close();
        }
    }

    /** Over stubs of sockets. */
    static class BlockingHost extends StubHost {
        final BlockingSessions sessions;
        private final Faults faults;

        BlockingHost(BlockingSessions sessions, Faults faults) {
            this.sessions = sessions;
            this.faults = faults;
        }

        @Override
        Session add(StubStream stream, SessionListener listener) throws IOException {
            return sessions.add(new SocketStub(stream), listener);
        }

        @Override
        Session addOutput(StubStream stream, SessionListener listener) throws IOException {
            return sessions.addOutput(new SocketStub(stream), listener);
        }

        @Override
        final Session connect(SocketAddress server, SessionListener listener) throws IOException {
            return sessions.connect(server, listener);
        }

        @Override
        final Server listen(SessionListener.Factory<Channel> listeners) throws IOException {
            ServerStub server = new ServerStub(faults);
            sessions.listen(server, listeners);
            return serverOf(server);
        }

        @Override
        final int sessionCount() {
            return sessions.sessionCount();
        }

        @Override
        public final void close() {
            sessions.close();
        }
    }
}
