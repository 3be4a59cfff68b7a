/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendQueue;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the queue of an asynchronous session, with at most one gathering write pending. The window of the queue
 * belongs to that write until its completion, which releases what is out and starts the next one.
 *
 * <p>The JDK's own timeout of a write is not used: where it completes a write that the system has not given up, the
 * memory might be reused while it is read. A write that is late ends the session, which closes the channel, and the
 * window waits for the completion that follows from that.
 *
 * <p>Known to {@link WithinCall} by its name.
 */
final class AsyncWriter extends AsyncTurns implements CompletionHandler<Long, @Nullable Void> {
    private static final VarHandle LEFT_BY = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "leftBy", VarHandle.class, AsyncWriter.class, Throwable.class);

    private final SendQueue queue;
    private final PendingWrite pendingWrite = new PendingWrite();

    // Owned by the thread that claimed the queue's drain; handed from starter to completion by the trampoline.
    private final CompletionTrampoline writing = new CompletionTrampoline();
    private long written;
    private @Nullable Throwable failure;
    private int buffersToWrite;
    private boolean tookNothing;

    /**
     * What kept a thread from completing the write that it had in hand: no other thread does. Stored without a call, as
     * it may be the end of the stack, and taken by one thread when the session has ended.
     */
    volatile @Nullable Throwable leftBy;

    AsyncWriter(AsyncSession session) {
        super(session);
        this.queue = session.queue;
    }

    /** Begins a write, unless one is pending. An Error hurts this session alone, not the sender. */
    void flush() {
        writeOn(begin());
    }

    private int begin() {
        try {
            return queue.beginWrite();
        } catch (Throwable e) {
            session.end(e); // an Error: the queue ended with it, and with it this session, not the sender
            return 0;
        }
    }

    @Override
    void takeTurn() {
        writeOn(buffersToWrite);
    }

    /** Writes what was begun and all that is queued meanwhile, until a completion takes over, or the turn is over. */
    private void writeOn(int buffers) {
        try {
            writeATurn(buffers);
        } catch (Throwable e) {
            leftBy = e;
            endLeft(e);
        }
    }

    private void writeATurn(int buffers) {
        long left = session.settings.writeQuantum();
        int next = buffers;
        while (next > 0) {
            if (tookNothing) { // it would be tried again at once, in a busy loop
                tookNothing = false;
                buffersToWrite = next;
                continueAfterAPause();
                return;
            }
            if (left <= 0) {
                buffersToWrite = next;
                continueLater();
                return;
            }
            if (!write(next)) {
                return;
            }
            left -= written;
            next = complete();
        }
        if (next == SendQueue.ENDED) {
            session.outputIsOver();
        }
    }

    @Override
    void continueLater() {
        try {
            giveTurnAway();
        } catch (Throwable e) {
            if (keepTurn()) {
                fail(e);
            }
        }
    }

    // ---- one write

    /** Starts a write. Returns true if it has completed, and this thread continues. */
    private boolean write(int buffers) {
        failure = null;
        writing.start();
        pendingWrite.setPendingOpaque(true);
        try {
            session.channel.write(queue.writeBuffers(), 0, buffers, 0, TimeUnit.MILLISECONDS, null, this);
        } catch (Exception e) { // after an Error it is not known whether a write was begun: it is left
            if (writing.leaveToCompletion()) {
                fail(e); // refused: there will be no completion
                return false;
            }
            session.end(e); // completed, and failed all the same
        }
        return !writing.leaveToCompletion();
    }

    @Override
    public void completed(Long count, @Nullable Void nothing) {
        written = count;
        proceed();
    }

    @Override
    public void failed(Throwable cause, @Nullable Void nothing) {
        failure = cause;
        proceed();
    }

    private void proceed() {
        if (!writing.leaveToStarter()) {
            writeOn(completeOrEnd());
        }
    }

    private int completeOrEnd() {
        try {
            return complete();
        } catch (Throwable e) {
            leftBy = e;
            endLeft(e);
            return 0;
        }
    }

    /** Takes what a completed write brought. Returns how many buffers to write next. */
    private int complete() {
        Throwable cause = failure;
        if (cause != null) {
            fail(cause);
            return 0;
        }
        tookNothing = written == 0;
        if (!tookNothing) { // else no clock starts again
            pausesAreOver();
            pendingWrite.setPendingOpaque(false);
            session.hasWritten();
        }
        FlushPace pace = session.pace();
        boolean goesOn = pace == null || pace.goesOn(queue, written);
        int next = queue.completeWrite(written, goesOn);
        return next == 0 && !goesOn ? beginInTime() : next;
    }

    /** The rate cap has kept this thread from the rest: writes on if the next time has come, or there is no cap now. */
    private int beginInTime() {
        pendingWrite.setPendingOpaque(false);
        FlushPace pace =
                session.pace(); // after the drain was left: this thread sees a close, or that finds the drain free
        if (pace != null && pace.goesOn(queue, 0)) {
            return begin(); // another thread has begun a flush meanwhile, and found this one at it
        }
        long nanos = pace == null ? 0 : pace.nanosToBegin(queue);
        if (pace != null && nanos > 0) {
            pace.deliverLater(session.sessions.registry, nanos);
        }
        return nanos == 0 ? begin() : 0;
    }

    private void fail(Throwable cause) {
        pendingWrite.setPendingOpaque(false);
        queue.failWrite(cause);
        session.outputIsOver();
    }

    /** True while a write is pending, and between attempts of one that takes nothing. Any thread. */
    boolean isWriting() {
        return pendingWrite.isPendingOpaque();
    }

    // ---- a write that was left

    /**
     * Ends the session, whose write was left. If another thread has ended it before, and made the last callback, the
     * write is still to be failed.
     */
    void endLeft(Throwable cause) {
        session.end(cause);
        if (session.isEndedVolatile()) {
            failLeftWrite();
        }
    }

    /** The session has ended, and its channel is closed: gives back the window of a write that was left, if any. */
    void failLeftWrite() {
        Throwable cause = leftBy == null ? null : (Throwable) LEFT_BY.getAndSet(this, (Throwable) null);
        if (cause != null && queue.isWriteBegun()) {
            queue.failWrite(cause);
        }
    }
}
