/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A copy per session, done efficiently: into a direct buffer per session, with one write per session and tick. */
final class CopyContender extends Contender {
    private final JdkListener listener = new JdkListener();
    private Outbound[] sessions = {};
    private byte[] message = {};
    private ByteBuffer head = ByteBuffer.wrap(message);
    private int messages;

    CopyContender() throws IOException {}

    private static final class Outbound {
        final SocketChannel channel;
        ByteBuffer bytes = ByteBuffer.allocateDirect(0);

        Outbound(SocketChannel channel) {
            this.channel = channel;
        }
    }

    @Override
    public int listen() {
        return listener.port();
    }

    @Override
    public void awaitSessions(int count) throws IOException {
        SocketChannel[] channels = listener.accept(count);
        sessions = new Outbound[count];
        for (int i = 0; i < count; i++) {
            channels[i].configureBlocking(false); // as in the floor
            sessions[i] = new Outbound(channels[i]);
        }
    }

    @Override
    public void shape(Shape shape) {
        message = new byte[shape.bytes()];
        head = ByteBuffer.wrap(message);
        messages = shape.messages();
        for (Outbound session : sessions) {
            if (session.bytes.capacity() < shape.tickBytes()) {
                session.bytes = ByteBuffer.allocateDirect(shape.tickBytes());
            }
        }
    }

    @Override
    public void tick(long stamp) throws IOException {
        for (int i = 0; i < messages; i++) {
            head.putLong(0, stamp);
            for (Outbound session : sessions) {
                session.bytes.put(message);
            }
        }
        for (Outbound session : sessions) {
            session.bytes.flip();
            do {
                session.channel.write(session.bytes); // takes everything at once: the bytes in flight are bounded
            } while (session.bytes.hasRemaining());
            session.bytes.clear();
        }
    }
}
