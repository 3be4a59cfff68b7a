/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.LoopRunner;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.atomic.AtomicLong;

/** The example of the README: a server that sends a tick to all players, 20 times a second. */
final class GameServer {
    private static final int TICK_MILLIS = 50;

    // README: server
    final SendBufferPool pool = SendBufferPool.builder().build();
    final SessionGroup players = new SessionGroup(Session::abort); // drops a slow player; without it, one skips ticks
    final AtomicLong lead = new AtomicLong();

    void serve(ServerSocketChannel server) throws IOException, InterruptedException {
        SendLoop loop = SendLoop.builder().build();
        loop.listen(server, connection -> new Player()); // a listener for each client holds its state
        try (LoopRunner runner = loop.start()) { // a thread that reads and writes
            for (long tick = 0; !loop.isClosed(); tick++) {
                send(tick);
                Thread.sleep(TICK_MILLIS);
            }
        }
    }

    void send(long tick) {
        try (SendBuffer message = pool.tryAcquire(16)) { // a slice of off-heap memory
            if (message != null) { // or skip this tick: the pool is exhausted
                message.putLong(tick).putLong(lead.get()); // written once
                players.broadcast(message.seal()); // every session takes its own reference
            }
        } // our reference ends here; the last write gives the slice back
    }

    final class Player implements SessionListener {
        private long score; // on the loop's thread alone

        @Override
        public void onOpened(Session player) {
            players.add(player); // it leaves the group by itself when it ends
        }

        @Override
        public void onReceived(Session player, ByteBuffer input) {
            score += input.remaining(); // one point for each byte
            lead.accumulateAndGet(score, Math::max);
        }
    }
    // README: end
}
