/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** All peers of the soak, on a few threads. */
final class SoakPeers implements AutoCloseable {
    private static final int THREADS = 2;
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final SoakTally tally;
    private final Queue<SoakPeer> newcomers = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Future<Boolean>> running = new ArrayList<>();
    private volatile boolean calm;
    private volatile boolean closed;

    SoakPeers(SoakTally tally) {
        this.tally = tally;
    }

    void start() {
        for (int i = 0; i < THREADS; i++) {
            running.add(Threads.start(this::play));
        }
    }

    void add(SoakPeer peer) {
        newcomers.add(peer);
    }

    /** Runs something on a thread that is never interrupted. */
    void execute(Runnable task) {
        tasks.add(task);
    }

    /** From now on, all peers read and none leaves. */
    void calmDown() {
        calm = true;
    }

    /** From now on, peers misbehave at random again. */
    void stirUp() {
        calm = false;
    }

    boolean areCalm() {
        return calm;
    }

    private boolean play() {
        List<SoakPeer> peers = new ArrayList<>();
        while (!closed) {
            SoakPeer newcomer = newcomers.poll();
            if (newcomer != null) {
                peers.add(newcomer);
            }
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
            if (!playOnce(peers)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return true;
    }

    private boolean playOnce(List<SoakPeer> peers) {
        boolean busy = false;
        long now = System.nanoTime();
        for (SoakPeer peer : peers) {
            try {
                busy |= peer.turn(now, calm);
            } catch (Throwable e) {
                tally.fail(new AssertionError(peer.toString(), e));
            }
        }
        peers.removeIf(SoakPeer::isDone);
        return busy;
    }

    @Override
    public void close() {
        closed = true;
        running.forEach(Threads::join);
    }
}
