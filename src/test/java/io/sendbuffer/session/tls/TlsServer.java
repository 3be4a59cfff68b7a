/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import io.sendbuffer.samples.tls.TlsConnection;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.BlockingSessions;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tlschannel.ServerTlsChannel;

/**
 * A server over TLS: a connection joins the group once it has sent its client number, and sends more bytes after that.
 */
final class TlsServer implements AutoCloseable {
    static final int MAX_QUEUED_BYTES = 256 << 10;

    /** How a connection becomes a session. */
    enum Layer {
        /** As {@code tls-channel} makes it. */
        CHANNEL {
            @Override
            Session add(BlockingSessions sessions, SocketChannel socket, SSLContext context, SessionListener listener)
                    throws IOException {
                return sessions.add(ServerTlsChannel.newBuilder(socket, context).build(), socket, listener);
            }
        },
        /** The sample, which sends a close_notify. */
        CONNECTION {
            @Override
            Session add(BlockingSessions sessions, SocketChannel socket, SSLContext context, SessionListener listener)
                    throws IOException {
                return sessions.add(new TlsConnection(socket, context), socket, listener);
            }
        };

        abstract Session add(
                BlockingSessions sessions, SocketChannel socket, SSLContext context, SessionListener listener)
                throws IOException;
    }

    final SessionGroup group = new SessionGroup();
    final List<Member> members = new CopyOnWriteArrayList<>();
    final ServerSocketChannel socket;

    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final BlockingSessions sessions;
    private final Layer layer;
    private final SSLContext context;
    private final Future<Boolean> accepting;

    TlsServer(
            TlsIdentity identity, Layer layer, ThreadFactory makesThreads, UnaryOperator<BlockingSessions.Builder> how)
            throws Exception {
        this.layer = layer;
        this.context = identity.forServer();
        this.socket = Loopback.listen(64);
        this.sessions = how.apply(BlockingSessions.builder()
                        .threads(task -> remember(makesThreads.newThread(task)))
                        .queueLimits(QueueLimits.DEFAULT.withMaxQueuedBytes(MAX_QUEUED_BYTES))
                        .sendBufferSize(Loopback.SMALL)
                        .closeTimeout(Duration.ofSeconds(10))
                        .errorHandler(errors::add))
                .build();
        this.accepting = Threads.start(this::accept);
    }

    private Thread remember(Thread thread) {
        threads.add(thread);
        return thread;
    }

    private boolean accept() throws IOException {
        try {
            while (true) {
                SocketChannel connection = socket.accept();
                Member member = new Member();
                members.add(member);
                member.session = layer.add(sessions, connection, context, member);
            }
        } catch (ClosedChannelException e) {
            return true;
        }
    }

    /** A client as the server sees it. */
    final class Member extends RecordingListener {
        private final ByteBuffer hello = ByteBuffer.allocate(Integer.BYTES);
        private volatile @Nullable Session session;
        volatile int index = -1;
        volatile int checkedBytes;

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            while (bytes.hasRemaining() && hello.hasRemaining()) {
                hello.put(bytes.get());
            }
            if (index < 0 && !hello.hasRemaining()) {
                index = hello.getInt(0);
                group.add(session);
            }
            int from = checkedBytes;
            checkedBytes = TlsClient.requireSpeech(index, from, bytes);
        }

        Session session() {
            return Objects.requireNonNull(session);
        }
    }

    /** Returns the member that sent this client number. */
    Member member(int index) {
        return members.stream()
                .filter(member -> member.index == index)
                .findFirst()
                .orElseThrow();
    }

    void awaitMembers(int count) throws Exception {
        Await.until(count + " sessions joined", () -> group.size() == count);
    }

    /** Sends this many messages to all members, each as soon as every queue has room for it. */
    void publish(SendBufferPool pool, int messages, long seed) throws Exception {
        Frames.Writer writer = new Frames.Writer(pool, 0, seed);
        for (int i = 0; i < messages; i++) {
            group.forEach(TlsServer::awaitRoom);
            try (SendBuffer message = writer.next()) {
                group.broadcast(message);
            }
        }
    }

    private static void awaitRoom(Session session) {
        try {
            Await.until(session + " has room", () -> session.queuedBytes() <= MAX_QUEUED_BYTES / 2);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        Threads.join(accepting);
        sessions.close();
    }

    /** Checks that every session that ever existed ended once, and every thread with it. Called after the close. */
    void requireAllEndedOnce() throws Exception {
        for (Member member : members) {
            Await.until("onClosed was called for client " + member.index, member::isClosed);
            member.requireOrder();
            assertEquals(1, member.closed.get(), "onClosed calls of client " + member.index);
        }
        Await.until("all threads ended", () -> threads.stream().noneMatch(Thread::isAlive));
        assertEquals(0, group.size());
        assertEquals(List.of(), errors);
    }
}
