/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of one kind of session with default settings, and its clients. */
final class DefaultsHost implements AutoCloseable {
    /** The kinds of servers, each as its builder makes it by default. */
    enum Kind {
        LOOP {
            @Override
            Running start(SessionListener.Factory<Channel> listeners) throws IOException {
                ServerSocketChannel server = server();
                SendLoop loop = SendLoop.builder().build();
                loop.listen(server, listeners);
                return new Running(server.getLocalAddress(), loop.start()::close);
            }
        },
        LOOPS {
            @Override
            Running start(SessionListener.Factory<Channel> listeners) throws IOException {
                ServerSocketChannel server = server();
                SendLoopGroup loops = SendLoopGroup.start(2, SendLoop.builder());
                loops.listen(server, listeners);
                return new Running(server.getLocalAddress(), loops::close);
            }
        },
        ASYNC {
            @Override
            Running start(SessionListener.Factory<Channel> listeners) throws IOException {
                AsyncSessions sessions = AsyncSessions.builder().build();
                var server = sessions.bind(anyPort());
                sessions.listen(server, listeners);
                return new Running(server.getLocalAddress(), sessions::close);
            }
        },
        BLOCKING {
            @Override
            Running start(SessionListener.Factory<Channel> listeners) throws IOException {
                ServerSocketChannel server = server();
                BlockingSessions sessions = BlockingSessions.builder().build();
                sessions.listen(server, listeners);
                return new Running(server.getLocalAddress(), sessions::close);
            }
        };

        abstract Running start(SessionListener.Factory<Channel> listeners) throws IOException;

        private static SocketAddress anyPort() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }

        private static ServerSocketChannel server() throws IOException {
            return ServerSocketChannel.open().bind(anyPort(), 256);
        }
    }

    private record Running(SocketAddress address, Runnable closer) {}

    private final List<Session> openedSessions = new CopyOnWriteArrayList<>();
    private final Running running;

    DefaultsHost(Kind kind) throws IOException {
        running = kind.start(connection -> new RecordingListener() {
            @Override
            public void onOpened(Session session) {
                super.onOpened(session);
                openedSessions.add(session);
            }
        });
    }

    /** A session of the server, and its client, which reads nothing unless the test reads. */
    record Connection(Session session, SocketChannel peer) {
        RecordingListener listener() {
            return (RecordingListener) session.listener();
        }
    }

    Connection connect() throws Exception {
        return connect(0);
    }

    /** Connects a client whose kernel buffers soon have no more room. */
    Connection connectSlow() throws Exception {
        return connect(Loopback.SMALL);
    }

    private Connection connect(int receiveBufferSize) throws Exception {
        int before = openedSessions.size();
        SocketChannel peer = Loopback.connect(running.address, receiveBufferSize);
        Await.until("the session is opened", () -> openedSessions.size() > before);
        return new Connection(openedSessions.get(before), peer);
    }

    @Override
    public void close() {
        running.closer.run();
    }
}
