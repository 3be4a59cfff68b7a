/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The listening sockets of a loop. Any thread adds one; the loop's thread accepts on them, and gives them up. */
final class LoopAcceptors {
    /** How often a dead loop tries to hand a listening socket on while there is no memory: for about ten seconds. */
    private static final int MAX_MOVES = 45;

    private final SendLoop loop;
    private final Queue<Acceptor> newAcceptors = new ConcurrentLinkedQueue<>();

    /** Set before the loop runs. */
    private Acceptor.@Nullable Heir heir;

    // Owned by the thread that runs the loop.
    private final List<Acceptor> acceptors = new ArrayList<>();

    /** Taken from the queue, and not yet on the list or given up: an Error in between must not lose a port. */
    private @Nullable Acceptor inHand;

    LoopAcceptors(SendLoop loop) {
        this.loop = loop;
    }

    /** Before the loop runs: what takes its listening sockets if it dies. */
    void heir(Acceptor.Heir taker) {
        heir = taker;
    }

    // ---- any thread

    void add(Acceptor acceptor) {
        newAcceptors.add(acceptor);
    }

    boolean hasNew() {
        return !newAcceptors.isEmpty();
    }

    /** For a listening socket that came too late for a loop that no longer runs. If false, it is closed. */
    boolean isServedElsewhere(Acceptor late) {
        if (!newAcceptors.remove(late)) {
            return heir != null; // the loop took it in its last step, and hands it on if it can
        }
        try {
            if (isMoved(late)) {
                return true;
            }
        } catch (VirtualMachineError e) {
            late.close();
            throw e;
        }
        late.close();
        return false;
    }

    // ---- the loop's thread

    /** Begins to accept on those that are new, and again on those whose pause is over. Returns how many are new. */
    int admit(Selector selector) {
        int count = 0;
        Acceptor acceptor;
        while ((acceptor = next()) != null) {
            acceptors.add(acceptor);
            inHand = null;
            acceptor.register(selector);
            count++;
        }
        for (int i = acceptors.size() - 1; i >= 0; i--) {
            if (acceptors.get(i).isOpen()) {
                acceptors.get(i).resumeIfDue(selector);
            } else {
                acceptors.remove(i);
            }
        }
        return count;
    }

    private @Nullable Acceptor next() {
        if (inHand == null) {
            inHand = newAcceptors.poll();
        }
        return inHand;
    }

    /** Hands all on, or closes them. What cannot be moved for want of memory waits for {@link #giveLastUp}. */
    void giveUp() {
        takeNew();
        for (int i = acceptors.size() - 1; i >= 0; i--) {
            if (isGivenUp(acceptors.get(i))) {
                acceptors.remove(i);
            }
        }
    }

    private void takeNew() {
        Acceptor late;
        while ((late = next()) != null) {
            acceptors.add(late);
            inHand = null;
        }
    }

    /** Those that came meanwhile, or could not be moved. */
    void giveLastUp() {
        for (int tries = 1; tries <= MAX_MOVES; tries++) {
            giveUp();
            if (acceptors.isEmpty()) {
                return;
            }
            LoopFailures.pauseAfter(tries);
        }
        while (!acceptors.isEmpty()) {
            acceptors.remove(acceptors.size() - 1).close();
        }
    }

    /** Returns false if it is to be tried again. */
    private boolean isGivenUp(Acceptor acceptor) {
        try {
            if (!isMoved(acceptor)) {
                acceptor.close();
            }
            return true;
        } catch (VirtualMachineError e) {
            loop.report(e);
            return false;
        }
    }

    /**
     * Hands a listening socket to another loop.
     *
     * @return false if no loop takes it, and it is to be closed
     * @throws VirtualMachineError for want of memory, for instance: later may be better
     */
    private boolean isMoved(Acceptor acceptor) {
        Acceptor.Heir taker = heir;
        if (taker == null || !acceptor.isOpen()) {
            return false;
        }
        try {
            acceptor.moveTo(taker);
            return true;
        } catch (IllegalStateException e) {
            return false; // all its loops end
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            loop.report(e);
            return false;
        }
    }
}
