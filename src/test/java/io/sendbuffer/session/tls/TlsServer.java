/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.Threads;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Frames;
import io.sendbuffer.session.Loopback;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server over TLS: a connection joins the group once it has sent its client number, and sends more bytes after that.
 */
final class TlsServer implements AutoCloseable {
    static final int MAX_QUEUED_BYTES = 256 << 10;

    private static final int BACKLOG = 1_024;

    final SessionGroup group = new SessionGroup();
    final List<Member> members = new CopyOnWriteArrayList<>();
    final ServerSocketChannel socket;

    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final TlsLayering.Host host;
    private final Future<Boolean> accepting;

    TlsServer(TlsIdentity identity, TlsLayering layering, ThreadFactory makesThreads, TlsLayering.Settings settings)
            throws Exception {
        this.socket = Loopback.listen(BACKLOG);
        this.host = layering.start(
                settings, identity.forServer(), task -> remember(makesThreads.newThread(task)), errors::add);
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
                member.session = host.adder().add(connection, member);
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
            broadcastNext(writer);
        }
    }

    /** Sends the next message to all members, as soon as every queue has room for it. */
    void broadcastNext(Frames.Writer writer) {
        group.forEach(TlsServer::awaitRoom);
        try (SendBuffer message = writer.next()) {
            group.broadcast(message);
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
        host.closer().run();
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
