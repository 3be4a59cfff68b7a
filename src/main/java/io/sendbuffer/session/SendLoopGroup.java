/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.internal.Checks;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several loops, each on a thread of its own, with the sessions spread over them: a new one goes to the loop that has
 * the fewest.
 *
 * <pre>{@code
 * SendLoopGroup loops = SendLoopGroup.start(cores, SendLoop.builder());
 * loops.listen(server, connection -> new Player());
 * ...
 * loops.close();                                         // closes all, within the close timeout
 * }</pre>
 *
 * <p>A loop that cannot continue ends with its sessions, see {@link SendLoop.Builder#onEnded}; the others take over its
 * listening sockets and serve all that comes.
 *
 * <p>Callbacks of sessions on different loops run at the same time. Safe for use by any number of threads.
 */
public final class SendLoopGroup implements AutoCloseable {
    private static final int MAX_LOOPS = 1024;

    private final List<SendLoop> loops;
    private final List<LoopRunner> runners = new ArrayList<>();

    /** With loops that are given: tests make some that die. */
    SendLoopGroup(List<SendLoop> loops) {
        this.loops = List.copyOf(loops);
        for (SendLoop loop : loops) {
            loop.heir(this::listen);
        }
        try {
            for (SendLoop loop : loops) {
                runners.add(loop.start());
            }
        } catch (Throwable e) { // no more threads
            close();
            throw e;
        }
    }

    /**
     * Starts loops that are all alike, each with a daemon thread that is named after its role and numbered.
     *
     * @param count 1 to 1,024; as many as there are processors, at most, is usual
     * @throws IOException if a selector cannot be opened
     */
    public static SendLoopGroup start(int count, SendLoop.Builder settings) throws IOException {
        Checks.inRange("count", count, 1, MAX_LOOPS);
        List<SendLoop> loops = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                loops.add(settings.buildNumbered(i));
            }
            return new SendLoopGroup(loops);
        } catch (Throwable e) {
            loops.forEach(SendLoop::onClose);
            throw e;
        }
    }

    /** Puts a connected channel on a loop; see {@link SendLoop#add}. */
    public Session add(SocketChannel channel, SessionListener listener) throws IOException {
        return onLivingLoop(loop -> loop.add(channel, listener));
    }

    /** Puts a connected channel with a layer on a loop; see {@link SendLoop#add}. */
    public Session add(SocketChannel channel, SocketLayer.@Nullable Factory layers, SessionListener listener)
            throws IOException {
        return onLivingLoop(loop -> loop.add(channel, layers, listener));
    }

    /** Connects to a server; see {@link SendLoop#connect}. */
    public Session connect(SocketAddress server, SessionListener listener) throws IOException {
        return onLivingLoop(loop -> loop.connect(server, listener));
    }

    /** Connects to a server, with a layer over the socket; see {@link SendLoop#connect}. */
    public Session connect(SocketAddress server, SocketLayer.@Nullable Factory layers, SessionListener listener)
            throws IOException {
        return onLivingLoop(loop -> loop.connect(server, layers, listener));
    }

    /** Accepts connections on one of the loops, and spreads them over all; see {@link SendLoop#listen}. */
    public void listen(ServerSocketChannel server, SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        listen(server, null, listeners);
    }

    /** Accepts connections as above, each with a layer over it; see {@link SendLoop#listen}. */
    public void listen(
            ServerSocketChannel server,
            SocketLayer.@Nullable Factory layers,
            SessionListener.Factory<? super SocketChannel> listeners)
            throws IOException {
        onLivingLoop(loop -> {
            loop.listen(server, layers, listeners, (channel, listener) -> add(channel, layers, listener));
            return loop;
        });
    }

    /** The loops, for placing a session by hand; one that ended stays in the list. */
    public List<SendLoop> loops() {
        return loops;
    }

    /** How many sessions there are on all loops. */
    public int sessionCount() {
        return loops.stream().mapToInt(SendLoop::sessionCount).sum();
    }

    /**
     * Closes every loop with its sessions, all at the same time; see {@link LoopRunner#close()}. Waits until their
     * threads have ended; from within a callback of any session, on the thread of any loop, and from within a release
     * listener or error handler that a write or an end calls, it asks for their end and returns.
     */
    @Override
    public void close() {
        loops.forEach(SendLoop::requestEnd); // all of them before the first wait, so that the timeouts are not added up
        runners.forEach(LoopRunner::close);
    }

    /** Something that a loop does, or refuses because it ended. */
    @FunctionalInterface
    private interface LoopCall<R> {
        R on(SendLoop loop) throws IOException;
    }

    private <R> R onLivingLoop(LoopCall<R> call) throws IOException {
        while (true) {
            SendLoop loop = leastBusy();
            try {
                return call.on(loop);
            } catch (IllegalStateException e) {
                if (!loop.isClosed()) {
                    throw e;
                }
            }
        }
    }

    /** Of those that run. */
    private SendLoop leastBusy() {
        SendLoop least = null;
        int fewest = Integer.MAX_VALUE;
        Throwable death = null;
        for (int i = 0; i < loops.size(); i++) {
            SendLoop loop = loops.get(i);
            int count = loop.sessionCount();
            if (loop.isClosed()) {
                death = loop.causeOfEnd() != null ? loop.causeOfEnd() : death;
            } else if (count < fewest) {
                least = loop;
                fewest = count;
            }
        }
        return living(least, death);
    }

    private static SendLoop living(@Nullable SendLoop loop, @Nullable Throwable death) {
        if (loop == null) {
            throw new IllegalStateException("all loops of the group have ended; use another one", death);
        }
        return loop;
    }
}
