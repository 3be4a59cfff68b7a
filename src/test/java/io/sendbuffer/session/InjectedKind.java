/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.VirtualThreads;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.util.List;
import org.junit.jupiter.api.condition.JRE;

/** What faults are injected into: every kind of session over stubs, and what is built from them. */
enum InjectedKind {
    LOOP_INLINE(StubKind.LOOP_INLINE),
    LOOP(StubKind.LOOP),

    /** Accepted sessions go to both loops. */
    LOOP_GROUP(StubKind.LOOP),
    ASYNC(StubKind.ASYNC),
    BLOCKING_INLINE(StubKind.BLOCKING_INLINE),
    BLOCKING_WRITER(StubKind.BLOCKING_WRITER),

    /** Over user-supplied channels, where they are added. */
    BLOCKING_CHANNEL(StubKind.BLOCKING_WRITER),

    /** On virtual threads. */
    BLOCKING_VIRTUAL(StubKind.BLOCKING_WRITER);

    private static final int LOOPS = 2;

    final StubKind base;

    InjectedKind(StubKind base) {
        this.base = base;
    }

    /** False for virtual threads before JDK 21, where there are none. */
    boolean isAvailable() {
        return this != BLOCKING_VIRTUAL || JRE.currentJre().compareTo(JRE.JAVA_21) >= 0;
    }

    boolean isLoop() {
        return base.isLoop();
    }

    boolean isBlocking() {
        return base.isBlocking();
    }

    /** Throws what keeps it from starting. */
    StubHost start(HostSettings settings, Faults faults) throws IOException {
        return switch (this) {
            case LOOP_GROUP -> group(settings, new FaultyResources(settings, faults));
            case BLOCKING_CHANNEL -> ownChannels(settings, new FaultyResources(settings, faults));
            case BLOCKING_VIRTUAL -> virtual(settings, new FaultyResources(settings, faults));
            default -> base.start(settings, faults);
        };
    }

    private static StubHost group(HostSettings settings, FaultyResources resources) throws IOException {
        SendLoopGroup group = SendLoopGroup.start(LOOPS, StubKind.loops(settings, resources, WriteMode.LOOP));
        return new LoopGroupHost(group, resources.faults);
    }

    private static StubHost ownChannels(HostSettings settings, FaultyResources resources) {
        BlockingSessions sessions = StubKind.faulty(settings, resources, BlockingSessions.builder())
                .threads(resources.sessionThreads())
                .build();
        return new OwnChannelsHost(sessions, resources.faults);
    }

    private static StubHost virtual(HostSettings settings, FaultyResources resources) {
        BlockingSessions sessions = StubKind.faulty(settings, resources, BlockingSessions.builder())
                .threads(resources.sessionThreads(VirtualThreads.newFactory()))
                .build();
        return new StubKind.BlockingHost(sessions, resources.faults);
    }

    private static final class LoopGroupHost extends StubHost {
        private final SendLoopGroup group;
        private final Faults faults;

        LoopGroupHost(SendLoopGroup group, Faults faults) {
            this.group = group;
            this.faults = faults;
        }

        @Override
        Session add(StubStream stream, SessionListener listener) throws IOException {
            return group.add(new SocketStub(stream), listener);
        }

        @Override
        Session connect(SocketAddress server, SessionListener listener) throws IOException {
            return group.connect(server, listener);
        }

        @Override
        Server listen(SessionListener.Factory<Channel> listeners) throws IOException {
            ServerStub server = new ServerStub(faults);
            group.listen(server, listeners);
            return StubKind.serverOf(server);
        }

        @Override
        int sessionCount() {
            return group.sessionCount();
        }

        @Override
        List<SendLoop> loops() {
            return group.loops();
        }

        @Override
        public void close() {
            group.close();
        }
    }

    private static final class OwnChannelsHost extends StubKind.BlockingHost {
        OwnChannelsHost(BlockingSessions sessions, Faults faults) {
            super(sessions, faults);
        }

        @Override
        Session add(StubStream stream, SessionListener listener) throws IOException {
            return sessions.add(new ChannelStub(stream), listener);
        }

        @Override
        Session addOutput(StubStream stream, SessionListener listener) throws IOException {
            return sessions.addOutput(new ChannelStub(stream), listener);
        }
    }
}
