/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** The host of sessions over stub channels. */
final class StubHost implements AutoCloseable {
    private final Adder adder;
    private final Adder outputAdder;
    private final Connector connector;
    private final Acceptance acceptance;
    private final IntSupplier sessionCount;
    private final Runnable closer;

    /** Empty if the host has no loops. */
    final List<SendLoop> loops;

    interface Adder {
        Session add(StubStream stream, SessionListener listener) throws IOException;
    }

    interface Connector {
        Session connect(SocketAddress server, SessionListener listener) throws IOException;
    }

    interface Acceptance {
        Server listen(SessionListener.Factory<Channel> listeners) throws IOException;
    }

    /** A listening socket, to which the test connects. */
    record Server(Consumer<StubStream> connector, BooleanSupplier open, IntSupplier queue) {
        void connect(StubStream stream) {
            connector.accept(stream);
        }

        boolean isOpen() {
            return open.getAsBoolean();
        }

        /** The number of connections that wait to be accepted. */
        int waiting() {
            return queue.getAsInt();
        }
    }

    StubHost(
            Adder adder,
            Adder outputAdder,
            Connector connector,
            Acceptance acceptance,
            IntSupplier sessionCount,
            Runnable closer,
            List<SendLoop> loops) {
        this.adder = adder;
        this.outputAdder = outputAdder;
        this.connector = connector;
        this.acceptance = acceptance;
        this.sessionCount = sessionCount;
        this.closer = closer;
        this.loops = loops;
    }

    /** Returns the stream under a connection that a listener factory gets. */
    static StubStream streamOf(Channel connection) {
        return connection instanceof SocketStub socket ? socket.stream() : ((AsyncStub) connection).stream();
    }

    Session add(StubStream stream, SessionListener listener) throws IOException {
        return adder.add(stream, listener);
    }

    /** Adds a session that is only written to, where the host supports that: it needs no reading thread. */
    Session addOutput(StubStream stream, SessionListener listener) throws IOException {
        return outputAdder.add(stream, listener);
    }

    Session connect(SocketAddress server, SessionListener listener) throws IOException {
        return connector.connect(server, listener);
    }

    Server listen(SessionListener.Factory<Channel> listeners) throws IOException {
        return acceptance.listen(listeners);
    }

    int sessionCount() {
        return sessionCount.getAsInt();
    }

    @Override
    public void close() {
        closer.run();
    }
}
