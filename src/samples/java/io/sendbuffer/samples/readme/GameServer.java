package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.SendLoop;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import io.sendbuffer.session.SessionListener;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import org.agrona.concurrent.AgentRunner;

/** The first example of the README: a server that tells all players of a tick. */
final class GameServer implements AutoCloseable {
    private static final int TICK = 7;

    // README: broadcast
    final SendBufferPool pool = SendBufferPool.builder().build();
    final SessionGroup players = new SessionGroup();
    final AgentRunner runner;

    GameServer(ServerSocketChannel server) throws IOException {
        SendLoop loop = SendLoop.builder().build();
        loop.listen(server, connection -> new SessionListener() {
            @Override
            public void onOpened(Session player) {
                players.add(player); // and leaves by itself when it ends
            }
        });
        runner = loop.start(); // a thread of its own; any Agrona runner will do
    }

    void tick(long now, String news) {
        try (SendBuffer tick = pool.acquire(512)) { // a slice of off-heap memory, ours
            tick.putInt(TICK).putLong(now).putUtf8(news); // written once
            players.broadcast(tick.seal()); // every session takes its own reference
        } // ours ends here; the last write frees the slice
    }

    // README: end

    /** How many players are there. */
    int players() {
        return players.size();
    }

    /** Buffers that did not come back yet. */
    long outstandingBuffers() {
        return pool.stats().outstandingBuffers();
    }

    @Override
    public void close() {
        runner.close();
        pool.close();
    }
}
