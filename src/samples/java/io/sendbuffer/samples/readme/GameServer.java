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
    // README: server
    final SendBufferPool pool = SendBufferPool.builder().build();
    final SessionGroup players = new SessionGroup(Session::abort); // drops a slow client, which would miss ticks
    final AtomicLong lead = new AtomicLong();

    void serve(ServerSocketChannel server) throws IOException, InterruptedException {
        SendLoop loop = SendLoop.builder().build();
        loop.listen(server, connection -> new Player()); // called for each connection
        try (pool;
                LoopRunner runner = loop.start()) { // a thread that reads and writes; closed before the pool
            for (long tick = 0; !loop.isClosed(); tick++) {
                try (SendBuffer message = pool.tryAcquire(16)) { // off-heap memory, or null: skip this tick
                    if (message != null) {
                        message.putLong(tick).putLong(lead.get());
                        players.broadcast(message.seal()); // each session takes a reference of its own
                    }
                } // ours ends here; the last write gives the memory back
                Thread.sleep(50);
            }
        }
    }
    // README: end

    // README: client
    final class Player implements SessionListener { // the state of one client
        private long score; // used by the loop's thread alone

        @Override
        public void onOpened(Session session) {
            players.add(session); // until the session ends
        }

        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            score += bytes.remaining(); // a point for each byte
            lead.accumulateAndGet(score, Math::max);
        }
    }
    // README: end
}
