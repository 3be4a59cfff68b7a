/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The lower bound for Java over NIO: the bytes are already in place, one plain write per session and tick. */
final class FloorContender extends Contender {
    private final JdkListener listener = new JdkListener();
    private SocketChannel[] channels = {};
    private ByteBuffer tick = ByteBuffer.allocateDirect(0);

    FloorContender() throws IOException {}

    @Override
    public int listen() {
        return listener.port();
    }

    @Override
    public void awaitSessions(int count) throws IOException {
        channels = listener.accept(count);
        for (SocketChannel channel : channels) {
            channel.configureBlocking(false); // which costs a little less than a blocking write
        }
    }

    @Override
    public void shape(Shape shape) {
        tick = ByteBuffer.allocateDirect(shape.tickBytes());
    }

    @Override
    public void tick(long stamp) throws IOException {
        tick.putLong(0, stamp);
        for (SocketChannel channel : channels) {
            tick.clear();
            do {
                channel.write(tick); // takes everything at once: the bytes in flight are bounded
            } while (tick.hasRemaining());
        }
    }
}
