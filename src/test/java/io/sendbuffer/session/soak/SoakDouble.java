/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Faults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose writes wait, take random parts of what they are given, and fail at times. It is its own peer: what it
 * takes is checked at once. A second write while one is in progress violates its contract.
 */
final class SoakDouble implements GatheringByteChannel {
    private static final int WRITES_UNTIL_FAILURE = 2000;
    private static final long NANOS_BETWEEN_LOOKS = TimeUnit.MICROSECONDS.toNanos(500);

    private final SoakSession session;
    private final SoakTally tally;
    private final SoakFaults faults;
    private final BooleanSupplier calm;

    /** Owned by the thread that writes. */
    private final SplittableRandom random;

    // Guarded by this.
    private @Nullable Thread writer;
    private boolean closed;
    private boolean endNotified;

    SoakDouble(SoakSession session, SoakTally tally, SoakFaults faults, BooleanSupplier calm, SplittableRandom random) {
        this.session = session;
        this.tally = tally;
        this.faults = faults;
        this.calm = calm;
        this.random = random;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        beginWrite();
        try {
            return takeSome(sources, offset, length);
        } catch (AssertionError e) {
            tally.fail(new AssertionError(session.toString(), e));
            throw e;
        } finally {
            endWrite();
        }
    }

    private synchronized void beginWrite() throws IOException {
        tally.require(writer == null, "a second write while one is in progress");
        if (closed) {
            throw new ClosedChannelException();
        }
        writer = Thread.currentThread();
    }

    private synchronized void endWrite() {
        writer = null;
        notifyEnd();
    }

    private long takeSome(ByteBuffer[] sources, int offset, int length) throws IOException {
        long offered = 0;
        for (int i = offset; i < offset + length; i++) {
            tally.require(sources[i].hasRemaining(), "an entry is empty");
            offered += sources[i].remaining();
        }
        beSlow();
        if (faults.now(SoakFault.WRITE_THROWS)) {
            throw Faults.<RuntimeException>sneaky(session.explain(faults.make(SoakFault.WRITE_THROWS)));
        }
        long left = howMany(offered);
        long taken = 0;
        for (int i = offset; i < offset + length && taken < left; i++) {
            int count = 1;
            while (count > 0 && taken < left && sources[i].hasRemaining()) {
                count = session.stream.take(sources[i], (int) (left - taken));
                taken += count;
            }
        }
        if (taken > 0) {
            session.end.arrived();
        }
        return taken;
    }

    private long howMany(long offered) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2, 3 -> offered;
            default -> random.nextLong(offered + 1);
        };
    }

    private void beSlow() throws IOException {
        int choice = calm.getAsBoolean() ? 99 : random.nextInt(100);
        if (choice == 0) {
            stall(1 + random.nextInt(random.nextInt(10) == 0 ? 3000 : 200));
        } else if (choice < 20) {
            stall(1);
        }
        if (choice != 99 && random.nextInt(WRITES_UNTIL_FAILURE) == 0) {
            session.end.leave();
            throw new IOException("the double breaks");
        }
    }

    private void stall(int millis) throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(millis) && !calm.getAsBoolean()) {
            session.end.lag();
            LockSupport.parkNanos(NANOS_BETWEEN_LOOKS);
            if (!isNotClosed()) {
                throw new AsynchronousCloseException();
            }
            if (Thread.currentThread().isInterrupted()) {
                return; // such a channel ignores interrupts, but a park would return at once
            }
        }
    }

    @Override
    public boolean isOpen() {
        if (faults.now(SoakFault.CHANNEL_IS_OPEN_THROWS)) {
            throw Faults.<RuntimeException>sneaky(session.explain(faults.make(SoakFault.CHANNEL_IS_OPEN_THROWS)));
        }
        return isNotClosed();
    }

    synchronized boolean isNotClosed() {
        return !closed;
    }

    @Override
    public void close() {
        if (shut()) {
            faults.hit(SoakFault.CHANNEL_CLOSE_THROWS);
        }
    }

    private synchronized boolean shut() {
        boolean first = !closed;
        closed = true;
        notifyEnd();
        return first;
    }

    /** Once it is closed and the last write is over, nothing more arrives. */
    private void notifyEnd() {
        if (closed && writer == null && !endNotified) {
            endNotified = true;
            session.streamEnded();
        }
    }
}
