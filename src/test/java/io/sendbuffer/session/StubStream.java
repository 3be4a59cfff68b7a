/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The two directions of a connection without a descriptor, and what the peer does: it takes everything, nothing, or
 * fails; it sends, or ends. {@link SocketStub} and {@link AsyncStub} are channels over it. Thread-safe.
 */
final class StubStream {
    final Faults faults;

    private final Deque<ByteBuffer> input = new ArrayDeque<>();
    private long taken;
    private int writes;
    private int reads;
    private boolean inputEnded;
    private boolean closed;
    private boolean takesNothing;
    private boolean ready;
    private boolean readyToRead;
    private boolean endsWithUs = true;
    private boolean resets;
    private boolean backlogFull;
    private @Nullable Throwable writeFailure;
    private volatile Runnable onChange = () -> {};
    private volatile Runnable onClose = () -> {};

    StubStream(Faults faults) {
        this.faults = faults;
    }

    StubStream() {
        this(Faults.none());
    }

    // ---- the peer, for the test

    /** The peer takes nothing until this is changed: a write waits, or takes 0 bytes. */
    StubStream takeNothing() {
        change(() -> takesNothing = true);
        return this;
    }

    /** The peer takes nothing, though the channel reports that it can be written to. */
    StubStream takeNothingThoughReady() {
        change(() -> {
            takesNothing = true;
            ready = true;
        });
        return this;
    }

    /** The channel does not wait for input: it reads 0 bytes where there is none. */
    StubStream readNothingThoughReady() {
        change(() -> readyToRead = true);
        return this;
    }

    StubStream takeAll() {
        change(() -> takesNothing = false);
        return this;
    }

    /** Every write fails from now on. */
    StubStream failWrites(Throwable failure) {
        change(() -> writeFailure = failure);
        return this;
    }

    /** The peer is gone: the next write and all later ones fail, and from then on there is nothing more to read. */
    StubStream resetAtTheNextWrite(Throwable failure) {
        change(() -> {
            writeFailure = failure;
            resets = true;
        });
        return this;
    }

    /** Input arrives, and every write fails from now on: neither is visible without the other. */
    StubStream failWritesWithInput(Throwable failure, byte[] bytes) {
        change(() -> {
            writeFailure = failure;
            input.add(ByteBuffer.wrap(bytes));
        });
        return this;
    }

    /** The next connect to a Unix-domain socket fails since its backlog is full. */
    StubStream fillBacklogOnce() {
        change(() -> backlogFull = true);
        return this;
    }

    synchronized boolean takeFullBacklog() {
        boolean full = backlogFull;
        backlogFull = false;
        return full;
    }

    /** Runs within the close of the channel. */
    StubStream onClose(Runnable action) {
        onClose = action;
        return this;
    }

    /** The peer does not end its output when we end ours. */
    StubStream neverEnd() {
        change(() -> endsWithUs = false);
        return this;
    }

    /** The peer sends. */
    StubStream receive(byte... bytes) {
        change(() -> input.add(ByteBuffer.wrap(bytes)));
        return this;
    }

    /** The peer ends its output. */
    StubStream endInput() {
        change(() -> inputEnded = true);
        return this;
    }

    synchronized long taken() {
        return taken;
    }

    /** The number of writes. */
    synchronized int writes() {
        return writes;
    }

    /** The number of reads. */
    synchronized int reads() {
        return reads;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    private void change(Runnable change) {
        synchronized (this) {
            change.run();
            notifyAll();
        }
        onChange.run();
    }

    // ---- the channel

    void onChange(Runnable action) {
        onChange = action;
    }

    synchronized boolean isReadable() {
        return !input.isEmpty() || readyToRead || inputEnded || closed;
    }

    synchronized boolean isWritable() {
        return !takesNothing || ready || writeFailure != null || closed;
    }

    /** Returns 0 if there is nothing to read now. */
    int read(ByteBuffer target) throws IOException {
        faults.hit(Faults.Edge.READ);
        return readUncounted(target);
    }

    /** The same, for a call that was counted when it began. */
    int readUncounted(ByteBuffer target) throws IOException {
        synchronized (this) {
            requireOpen();
            reads++;
            int before = target.position();
            while (target.hasRemaining() && !input.isEmpty()) {
                ByteBuffer first = input.peek();
                target.put(first.get());
                if (!first.hasRemaining()) {
                    input.remove();
                }
            }
            int count = target.position() - before;
            return count == 0 && inputEnded ? -1 : count;
        }
    }

    /** Returns 0 if the peer takes nothing now. */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        faults.hit(Faults.Edge.WRITE);
        return writeUncounted(sources, offset, length);
    }

    /** The same, for a call that was counted when it began. */
    long writeUncounted(ByteBuffer[] sources, int offset, int length) throws IOException {
        Throwable failure = failureOfAWrite();
        if (failure != null) {
            throw Faults.<RuntimeException>sneaky(failure);
        }
        synchronized (this) {
            requireOpen();
            writes++;
            if (takesNothing) {
                return 0;
            }
            long count = 0;
            for (int i = offset; i < offset + length; i++) {
                count += sources[i].remaining();
                sources[i].position(sources[i].limit());
            }
            taken += count;
            return count;
        }
    }

    private @Nullable Throwable failureOfAWrite() throws ClosedChannelException {
        boolean resetNow;
        synchronized (this) {
            requireOpen();
            if (writeFailure == null) {
                return null;
            }
            writes++;
            resetNow = resets && !inputEnded;
        }
        if (resetNow) {
            endInput();
        }
        return writeFailure;
    }

    private void requireOpen() throws ClosedChannelException {
        if (closed) {
            throw new AsynchronousCloseException();
        }
    }

    synchronized void awaitReadable() throws IOException {
        while (!isReadable()) {
            awaitChange();
        }
    }

    synchronized void awaitWritable() throws IOException {
        while (!isWritable()) {
            awaitChange();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void awaitChange() throws IOException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
            throw new ClosedByInterruptException();
        }
    }

    void shutdownOutput() {
        faults.hit(Faults.Edge.SHUTDOWN);
        change(() -> inputEnded |= endsWithUs);
    }

    void close() {
        change(() -> closed = true);
        faults.hit(Faults.Edge.CLOSE);
        onClose.run();
    }
}
