package io.sendbuffer.session;

import io.sendbuffer.StripePool;
import io.sendbuffer.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** The real loop on a selector without file descriptors, and a pool for its messages: one for each state of a test. */
final class Bench {
    /** Ends what a bug would make endless: no test needs so many turns. */
    private static final int MOST_TURNS = 20;

    /** Nothing ever comes in, so all loops share it. */
    private static final ByteBuffer RECEIVE_BUFFER = ByteBuffer.allocate(1);

    private static final SendLoop.Builder INLINE = settings(WriteMode.INLINE, Duration.ZERO);
    private static final SendLoop.Builder BY_LOOP = settings(WriteMode.LOOP, Duration.ZERO);
    private static final SendLoop.Builder SLEEPING = settings(WriteMode.LOOP, Duration.ofSeconds(1));

    final StripePool pool = new StripePool();
    final StubSelector selector = new StubSelector();
    final SendLoop loop;

    private Bench(SendLoop.Builder settings) {
        loop = new SendLoop(settings, "bench", selector, RECEIVE_BUFFER);
    }

    /** Who sends writes. The loop's turns do not block. */
    static Bench inline() {
        return new Bench(INLINE);
    }

    /** The loop writes. Its turns do not block. */
    static Bench byLoop() {
        return new Bench(BY_LOOP);
    }

    /** The loop writes, and sleeps with nothing to do. */
    static Bench sleeping() {
        return new Bench(SLEEPING);
    }

    private static SendLoop.Builder settings(WriteMode mode, Duration selectTime) {
        return SendLoop.builder()
                .writeMode(mode)
                .maxSelectTime(selectTime)
                .closeTimeout(Duration.ZERO) // an end is an end
                .errorHandler(error -> {}); // what an error does to the invariant shows in the test's outcome
    }

    /** A session that the loop has registered. */
    Session session(Wire wire) {
        return session(new WireChannel(wire), new Witness());
    }

    /** A session that the loop has registered. */
    Session session(SocketChannel channel, SessionListener listener) {
        Session session = added(channel, listener);
        turn();
        return session;
    }

    /** A session that waits for the loop's next turn to be registered. */
    Session added(SocketChannel channel, SessionListener listener) {
        try {
            return loop.add(channel, listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One turn of the loop; how much there was to do. */
    int turn() {
        try {
            return loop.doWork();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The turns that follow of themselves: as long as a session waits on the list, or to be writable. */
    void turnUntilIdle() {
        selector.makeReady(SelectionKey.OP_WRITE);
        for (int i = 0; i < MOST_TURNS && turn() > 0; i++) {
            Thread.onSpinWait();
        }
    }
}
