/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CompletionHandler;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an asynchronous session's channel until the end of its input, with at most one read pending, and makes the
 * callbacks of what it read. Known to {@link WithinCall} by its name.
 */
final class AsyncReader extends AsyncTurns implements CompletionHandler<Integer, @Nullable Void> {
    /** So an input that never pauses does not keep its thread from others. */
    private static final int READS_PER_TURN = 16;

    // Owned by the thread that continues to read.
    private final CompletionTrampoline reading = new CompletionTrampoline();
    private @Nullable ByteBuffer receiveBuffer;
    private int received;
    private @Nullable Throwable failure;

    AsyncReader(AsyncSession session) {
        super(session);
    }

    /** Reads until a completion takes over, the turn is over, or there is nothing more to read. */
    @Override
    void takeTurn() {
        for (int i = 0; i < READS_PER_TURN; i++) {
            if (!session.isOpen()) {
                giveReceiveBufferBack();
                return;
            }
            if (session.isHeldBack()) {
                giveReceiveBufferBack(); // first: another thread may continue from then on
                if (session.stopsReading()) {
                    return;
                }
            }
            if (!read()) {
                return;
            }
            if (!receive()) {
                stopReading();
                return;
            }
        }
        continueLater();
    }

    @Override
    void continueLater() {
        try {
            giveTurnAway();
        } catch (Throwable e) {
            session.end(e);
            if (keepTurn()) {
                giveReceiveBufferBack();
            }
        }
    }

    /** For good, or for a pause. Not while a read may be pending. */
    private void stopReading() {
        giveReceiveBufferBack(); // first: after the pause another thread reads, with a buffer of its own
        if (hasReadNothing()) {
            try {
                continueAfterAPause();
            } catch (Throwable e) { // no memory for the task
                session.end(e);
            }
        }
    }

    /** The last read had nothing, and did not wait for it. */
    private boolean hasReadNothing() {
        return failure == null && received == 0;
    }

    // ---- one read

    /** Starts a read. Returns true if it has completed, and this thread continues. */
    private boolean read() {
        failure = null;
        reading.start();
        try {
            session.channel.read(emptyReceiveBuffer(), null, this);
        } catch (Throwable e) {
            session.inputFailed(e); // the buffer is not used again: whether a read was begun is not known
            return false;
        }
        return !reading.leaveToCompletion();
    }

    @Override
    public void completed(Integer count, @Nullable Void nothing) {
        received = count;
        proceed();
    }

    @Override
    public void failed(Throwable cause, @Nullable Void nothing) {
        failure = cause;
        proceed();
    }

    private void proceed() {
        if (reading.leaveToStarter()) {
            return;
        }
        if (receive()) {
            takeTurn();
        } else {
            stopReading();
        }
    }

    /** Takes what a completed read brought. Returns true if the next read may follow at once. */
    private boolean receive() {
        Throwable cause = failure;
        if (cause != null) {
            session.inputFailed(cause);
            return false;
        }
        if (hasReadNothing()) {
            return false; // nothing to report, and no reason for a busy loop
        }
        pausesAreOver();
        if (received > 0) {
            session.hasRead();
        }
        if (received > 0 && session.dropsInput()) {
            return true;
        }
        if (!session.callbacks.begin()) {
            return false;
        }
        try {
            return reportReceived();
        } catch (Throwable e) {
            session.end(e);
            return false;
        } finally {
            session.callbacks.end();
        }
    }

    private boolean reportReceived() {
        if (received > 0) {
            session.listener.onReceived(
                    session, Objects.requireNonNull(receiveBuffer).flip());
            session.restOfInputArrives();
            return true;
        }
        session.reportInputEnded();
        return false;
    }

    // ---- the receive buffer

    private ByteBuffer emptyReceiveBuffer() {
        ByteBuffer buffer = receiveBuffer;
        if (buffer == null) {
            buffer = session.sessions.registry.receiveBuffers().take();
            receiveBuffer = buffer;
        }
        return buffer.clear().order(ByteOrder.BIG_ENDIAN);
    }

    /** Not while a read may be pending. */
    private void giveReceiveBufferBack() {
        ByteBuffer buffer = receiveBuffer;
        receiveBuffer = null;
        if (buffer != null) {
            giveBack(buffer);
        }
    }

    private void giveBack(ByteBuffer buffer) {
        try {
            session.sessions.registry.receiveBuffers().giveBack(buffer);
        } catch (Throwable e) { // no memory to keep it
            session.settings.report(e);
        }
    }
}
