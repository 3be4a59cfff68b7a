/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
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
        return new StubHost(
                (stream, listener) -> loop.add(new SocketStub(stream), listener),
                (stream, listener) -> loop.add(new SocketStub(stream), listener),
                loop::connect,
                listeners -> {
                    ServerStub server = new ServerStub(faults);
                    loop.listen(server, listeners);
                    return serverOf(server);
                },
                loop::sessionCount,
                runner::close,
                List.of(loop));
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
        return new StubHost(
                (stream, listener) -> sessions.add(new AsyncStub(stream), listener),
                (stream, listener) -> sessions.add(new AsyncStub(stream), listener),
                sessions::connect,
                listeners -> {
                    AsyncServerStub server = new AsyncServerStub(faults);
                    sessions.listen(server, listeners);
                    return new StubHost.Server(server::connect, server::isStillOpen, server::waiting);
                },
                sessions::sessionCount,
                sessions::close,
                List.of());
    }

    private static StubHost blocking(HostSettings settings, Faults faults, WriteMode mode) {
        FaultyResources resources = new FaultyResources(settings, faults);
        BlockingSessions sessions = faulty(settings, resources, BlockingSessions.builder())
                .writeMode(mode)
                .threads(resources.sessionThreads())
                .build();
        return hostOf(
                sessions,
                faults,
                (stream, listener) -> sessions.add(new SocketStub(stream), listener),
                (stream, listener) -> sessions.addOutput(new SocketStub(stream), listener));
    }

    /** Returns a host of sessions over blocking channels of some kind. */
    static StubHost hostOf(BlockingSessions sessions, Faults faults, StubHost.Adder adder, StubHost.Adder outputAdder) {
        return new StubHost(
                adder,
                outputAdder,
                sessions::connect,
                listeners -> {
                    ServerStub server = new ServerStub(faults);
                    sessions.listen(server, listeners);
                    return serverOf(server);
                },
                sessions::sessionCount,
                sessions::close,
                List.of());
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
}
