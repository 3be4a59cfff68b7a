package io.sendbuffer.session;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listening socket on a loop, whose connections go to that loop or to several. Owned by the loop's thread. */
final class Acceptor {
    /** So many new connections do not keep the loop from its sessions. */
    private static final int MOST_PER_TURN = 64;

    /** Out of file descriptors, for instance: trying again at once would fail at once, in a busy loop. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SendLoop loop;
    private final ServerSocketChannel server;
    private final SessionListener.Factory<? super SocketChannel> listeners;
    private final Supplier<SendLoop> loops;
    private @Nullable SelectionKey key;
    private boolean paused;
    private long pausedAtNanos;

    Acceptor(
            SendLoop loop,
            ServerSocketChannel server,
            SessionListener.Factory<? super SocketChannel> listeners,
            Supplier<SendLoop> loops) {
        this.loop = loop;
        this.loops = loops;
        this.server = server;
        this.listeners = listeners;
    }

    void register(Selector selector) {
        try {
            key = server.register(selector, SelectionKey.OP_ACCEPT, this);
        } catch (ClosedChannelException e) {
            loop.report(e);
        }
    }

    void onReady() {
        try {
            for (int i = 0; i < MOST_PER_TURN; i++) {
                SocketChannel channel = server.accept();
                if (channel == null) {
                    return;
                }
                open(channel);
            }
        } catch (ClosedChannelException e) {
            return; // its owner closed it: no more connections are wanted, and the loop forgets it
        } catch (IOException e) {
            loop.report(e);
            pause();
        }
    }

    boolean isOpen() {
        return server.isOpen();
    }

    /** Ends a pause that is over. */
    void resumeIfDue() {
        if (paused && System.nanoTime() - pausedAtNanos >= PAUSE_NANOS) {
            paused = false;
            setInterest(SelectionKey.OP_ACCEPT);
        }
    }

    void close() {
        loop.closeAndReport(server);
    }

    private void open(SocketChannel channel) {
        try {
            channel.configureBlocking(false);
            Sockets.sendAtOnce(channel);
            SessionListener listener = listeners.listenerFor(channel);
            if (listener == null) {
                channel.close();
            } else {
                loops.get().add(channel, listener);
            }
        } catch (Throwable e) { // out of memory for a session, for instance: the next one may fare better
            loop.report(e);
            loop.closeAndReport(channel);
        }
    }

    private void pause() {
        paused = true;
        pausedAtNanos = System.nanoTime();
        setInterest(0);
    }

    private void setInterest(int ops) {
        SelectionKey registered = key;
        if (registered == null) {
            return;
        }
        try {
            registered.interestOps(ops);
        } catch (CancelledKeyException e) {
            return; // its owner closed it
        }
    }
}
