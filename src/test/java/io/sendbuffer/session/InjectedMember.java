/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A session of an {@link InjectedLife}, and its peer. Each callback is a call that may throw. */
final class InjectedMember implements SessionListener {
    final StubStream stream;
    final AtomicInteger received = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile @Nullable Session session;
    volatile @Nullable Throwable cause;
    volatile boolean refused;

    private final InjectedLife life;
    private volatile boolean opened;

    InjectedMember(InjectedLife life, StubStream stream) {
        this.life = life;
        this.stream = stream;
    }

    Session added() {
        Session added = session;
        if (added == null) {
            throw new AssertionError("never added");
        }
        return added;
    }

    boolean isOpenedOrOver() {
        return opened || isOver();
    }

    /**
     * True if it was notified of its end, or refused at first; or if the library could not make a session of the
     * connection.
     */
    boolean isOver() {
        return closed.get() > 0 || refused || (session == null && stream.isClosed());
    }

    /** Causes of ends that result from other ends, and not from an error in the library. */
    static boolean isUsualCause(Throwable cause) {
        return cause instanceof EOFException
                || cause instanceof SocketTimeoutException
                || cause instanceof ClosedChannelException
                || (cause instanceof OutOfMemoryError
                        && String.valueOf(cause.getMessage()).startsWith("no direct memory for a receive buffer"));
    }

    @Override
    public void onOpened(Session from) {
        life.group.add(from);
        session = from;
        opened = true;
        life.faults.hit(Faults.Edge.ON_OPENED);
    }

    @Override
    public void onReceived(Session from, ByteBuffer bytes) {
        received.incrementAndGet();
        life.faults.hit(Faults.Edge.ON_RECEIVED);
    }

    @Override
    public boolean onInputEnded(Session of) {
        life.faults.hit(Faults.Edge.ON_INPUT_ENDED);
        return false;
    }

    @Override
    public void onWritable(Session of, boolean writable) {
        life.faults.hit(Faults.Edge.ON_WRITABLE);
    }

    @Override
    public void onDrained(Session of) {
        life.faults.hit(Faults.Edge.ON_DRAINED);
    }

    @Override
    public void onClosed(Session ended, @Nullable Throwable why) {
        cause = why;
        closed.incrementAndGet();
        life.faults.hit(Faults.Edge.ON_CLOSED);
        life.throwAsTheUserDoes();
    }
}
