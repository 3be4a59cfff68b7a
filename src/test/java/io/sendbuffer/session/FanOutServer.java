/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A server on a loop with its own thread: a connection joins the group once it has sent its client number. */
final class FanOutServer implements AutoCloseable {
    final SessionGroup group = new SessionGroup();
    final List<Member> members = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    final ServerSocketChannel socket;

    private final QueueLimits limits;
    private final int sendBufferSize;
    private final IntPredicate keepsHalfClosed;
    private final LoopRunner runner;

    /** A send buffer size of zero leaves the size to the kernel. */
    FanOutServer(WriteMode mode, QueueLimits limits, int sendBufferSize, IntPredicate keepsHalfClosed)
            throws IOException {
        this.limits = limits;
        this.sendBufferSize = sendBufferSize;
        this.keepsHalfClosed = keepsHalfClosed;
        socket = Loopback.listen(1024);
        SendLoop loop = SendLoop.builder()
                .writeMode(mode)
                .queueLimits(limits)
                .errorHandler(errors::add)
                .build();
        loop.listen(socket, this::welcome);
        runner = loop.start();
    }

    private SessionListener welcome(SocketChannel channel) {
        try {
            if (sendBufferSize > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferSize);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Member member = new Member();
        members.add(member);
        return member;
    }

    /** A client as the server sees it. */
    final class Member extends RecordingListener {
        private final ByteBuffer hello = ByteBuffer.allocate(Integer.BYTES);
        volatile @Nullable Session session;
        volatile int index = -1;

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            super.onReceived(session, bytes);
            hello.put(bytes);
            if (!hello.hasRemaining()) {
                index = hello.getInt(0);
                this.session = session;
                group.add(session);
            }
        }

        @Override
        public boolean onInputEnded(Session session) {
            keepsOutput = keepsHalfClosed.test(index);
            return super.onInputEnded(session);
        }
    }

    void awaitMembers(int count) throws Exception {
        Await.until(count + " sessions joined", () -> group.size() == count);
    }

    /**
     * Sends when every chosen session has room for the message, even if other threads send at the same time.
     *
     * @return the number of sessions that accepted it
     */
    int broadcastWhenThereIsRoom(SendBuffer message, Predicate<? super Session> mustHaveRoom) throws Exception {
        group.forEach(session -> {
            if (mustHaveRoom.test(session) && session.queuedBytes() > limits.maxQueuedBytes() / 2) {
                awaitRoom(session);
            }
        });
        return group.broadcast(message);
    }

    private void awaitRoom(Session session) {
        try {
            Await.until(session + " has room", () -> session.queuedBytes() <= limits.maxQueuedBytes() / 2);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Checks that every session that ever existed ended once. Called after the close. */
    void requireAllEndedOnce() {
        for (Member member : members) {
            member.requireOrder();
            assertEquals(1, member.closed.get(), "onClosed calls of client " + member.index);
        }
        assertEquals(0, group.size());
        assertEquals(List.of(), errors);
    }

    @Override
    public void close() {
        runner.close();
    }
}
