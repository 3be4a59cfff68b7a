/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.channels.AcceptPendingException;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ShutdownChannelGroupException;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket of asynchronous sessions. One accept at a time; a {@link CompletionTrampoline} decides which
 * thread continues after it, so accepts that complete within their call cost no stack. To continue after a failure
 * needs no memory. Known to {@link WithinCall} by its name.
 */
final class AsyncAcceptor extends Delivery.Task
        implements CompletionHandler<AsynchronousSocketChannel, @Nullable Void> {
    /** So a socket that accepts without an end does not keep its thread from others. */
    private static final int ACCEPTS_PER_TURN = 64;

    private final AsyncSessions sessions;
    private final ListeningSockets<AsynchronousServerSocketChannel> servers;
    private final AsynchronousServerSocketChannel server;
    private final Connections<AsynchronousSocketChannel> connections;
    private final Runnable takeNextTurn = this::takeNextTurn;

    // Owned by the thread that continues; handed from starter to completion by the trampoline.
    private final CompletionTrampoline accepting = new CompletionTrampoline();
    private final CompletionTrampoline nextTurn = new CompletionTrampoline();
    private @Nullable AsynchronousSocketChannel accepted;
    private @Nullable Throwable failure;

    AsyncAcceptor(
            AsyncSessions sessions,
            ListeningSockets<AsynchronousServerSocketChannel> servers,
            AsynchronousServerSocketChannel server,
            SessionListener.Factory<? super AsynchronousSocketChannel> listeners) {
        this.sessions = sessions;
        this.servers = servers;
        this.server = server;
        this.connections = new Connections<>(sessions.settings, listeners, sessions::add);
    }

    /** The first accept. What it brings at once is opened by another thread: the caller's is within a call. */
    void start() {
        if (acceptOnce()) {
            continueOnAnotherThread();
        }
    }

    /** After a pause, by a delivery. */
    @Override
    void run() {
        openAndAccept();
    }

    private void continueOnAnotherThread() {
        nextTurn.start();
        try {
            sessions.execute(takeNextTurn);
        } catch (Throwable e) { // no more threads, or all is closed
            if (nextTurn.leaveToStarter()) { // else it was taken all the same
                sessions.registry.deliverLater(this, Connections.PAUSE_NANOS);
            }
            sessions.settings.report(e);
        }
    }

    private void takeNextTurn() {
        if (nextTurn.leaveToCompletion()) {
            openAndAccept();
        }
    }

    /** Opens what was accepted, if any, and keeps accepting until a completion takes over, or the turn is over. */
    private void openAndAccept() {
        if (openAccepted()) {
            acceptATurn();
        }
    }

    private void acceptATurn() {
        for (int i = 0; acceptOnce(); i++) {
            if (i == ACCEPTS_PER_TURN) {
                continueOnAnotherThread();
                return;
            }
            if (!openAccepted()) {
                return;
            }
        }
    }

    /** Starts an accept. Returns true if it has completed, and this thread continues. */
    private boolean acceptOnce() {
        accepting.start();
        try {
            server.accept(null, this);
        } catch (Throwable e) {
            if (accepting.leaveToCompletion()) { // refused: there will be no completion
                refused(e);
                return false;
            }
            sessions.settings.report(e); // completed, and failed all the same
        }
        return !accepting.leaveToCompletion();
    }

    private void refused(Throwable cause) {
        if (cause instanceof ShutdownChannelGroupException || cause instanceof AcceptPendingException) {
            sessions.settings.report(cause); // its group was shut down, or another one accepts on it
            servers.close(server);
        } else {
            pauseAfter(cause);
        }
    }

    /** Takes what a completed accept brought. Returns true if there may be more. */
    private boolean openAccepted() {
        AsynchronousSocketChannel channel = accepted;
        Throwable cause = failure;
        accepted = null;
        failure = null;
        if (channel != null) {
            connections.open(channel);
        }
        if (cause != null) {
            pauseAfter(cause);
        }
        return cause == null;
    }

    private void pauseAfter(Throwable cause) {
        if (cause instanceof ClosedChannelException || !server.isOpen()) {
            servers.remove(server); // its owner closed it: no more connections are wanted
            return;
        }
        sessions.registry.deliverLater(
                this, Connections.PAUSE_NANOS); // first: it needs no memory, and a report may block
        sessions.settings.report(cause);
    }

    @Override
    public void completed(AsynchronousSocketChannel channel, @Nullable Void nothing) {
        accepted = channel;
        continueUnlessStarterDoes();
    }

    @Override
    public void failed(Throwable cause, @Nullable Void nothing) {
        failure = cause;
        continueUnlessStarterDoes();
    }

    private void continueUnlessStarterDoes() {
        if (!accepting.leaveToStarter()) {
            openAndAccept();
        }
    }
}
