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
abstract class StubHost implements AutoCloseable {
    /** A listening socket, to which the test connects. */
    record Server(Consumer<StubStream> arrivals, BooleanSupplier openness, IntSupplier waitingCount) {
        void connect(StubStream stream) {
            arrivals.accept(stream);
        }

        boolean isOpen() {
            return openness.getAsBoolean();
        }

        /** The number of connections that wait to be accepted. */
        int waiting() {
            return waitingCount.getAsInt();
        }
    }

    /** Returns the stream under a connection that a listener factory gets. */
    static StubStream streamOf(Channel connection) {
        return connection instanceof SocketStub socket ? socket.stream() : ((AsyncStub) connection).stream();
    }

    abstract Session add(StubStream stream, SessionListener listener) throws IOException;

    /** Adds a session that is only written to, where the host supports that: it needs no reading thread. */
    Session addOutput(StubStream stream, SessionListener listener) throws IOException {
        return add(stream, listener);
    }

    abstract Session connect(SocketAddress server, SessionListener listener) throws IOException;

    abstract Server listen(SessionListener.Factory<Channel> listeners) throws IOException;

    abstract int sessionCount();

    /** Empty if the host has no loops. */
    List<SendLoop> loops() {
        return List.of();
    }

    @Override
    public abstract void close();
}
