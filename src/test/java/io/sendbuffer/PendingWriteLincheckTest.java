/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import io.sendbuffer.lincheck.SentMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Writes that complete later: any thread begins one, any thread completes it, and a close in between leaves the window
 * to the completion. At rest no message is stranded, every message was written once and in order, and its memory came
 * back once.
 */
class PendingWriteLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldAlsoWriteWhatIsOfferedDuringAWrite() {
        CHECK.assertKeeps(
                Sending.class,
                Silence.class,
                "send; send | complete",
                "send | send complete",
                "send; send | send | complete");
    }

    @Test
    void shouldKeepItsPlaceWhenAWriteTookAPart() {
        CHECK.assertKeeps(
                SendingToASlowChannel.class,
                Silence.class,
                "send; complete complete | send",
                "send; complete | complete send");
    }

    @Test
    void shouldLeaveThePendingWriteToItsEndWhenClosed() {
        CHECK.assertKeeps(
                Sending.class,
                Silence.class,
                "send; complete | close",
                "send; fail | close",
                "send | close complete",
                "send; send | complete | close",
                "send; send | fail");
    }

    /** The operations under test, those of {@link SendQueue}. */
    interface Outbound {
        OfferResult offer(SendBuffer message);

        int beginWrite();

        ByteBuffer[] writeBuffers();

        int completeWrite(long written);

        void failWrite();

        void close();
    }

    private static final class RealQueue implements Outbound {
        private final SendQueue queue = new SendQueue();

        @Override
        public OfferResult offer(SendBuffer message) {
            return queue.offer(message);
        }

        @Override
        public int beginWrite() {
            return queue.beginWrite();
        }

        @Override
        public ByteBuffer[] writeBuffers() {
            return queue.writeBuffers();
        }

        @Override
        public int completeWrite(long written) {
            return queue.completeWrite(written);
        }

        @Override
        public void failWrite() {
            queue.failWrite(new IOException("reset on purpose"));
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    /** A queue and its channel, which has at most one pending write and completes it on request. */
    public abstract static class Model {
        private static final int MORE_THAN_ENOUGH = 20;

        private final Outbound queue;
        private final MeteredWire wire;
        private final Outbox outbox = new Outbox();
        private final AtomicInteger pendingBuffers = new AtomicInteger();
        private volatile boolean overlapped;
        private volatile boolean ended;

        Model(Outbound queue, MeteredWire wire) {
            this.queue = queue;
            this.wire = wire;
        }

        @Operation
        public void send(@Param(gen = ThreadIdGen.class) int thread) {
            try (SendBuffer message = outbox.next(thread)) {
                queue.offer(message);
            }
            start(queue.beginWrite());
        }

        private void start(int buffers) {
            if (buffers > 0 && !pendingBuffers.compareAndSet(0, buffers)) {
                overlapped = true;
            }
        }

        @Operation
        public void complete() {
            int buffers = pendingBuffers.getAndSet(0);
            if (buffers > 0) {
                start(queue.completeWrite(wire.write(queue.writeBuffers(), 0, buffers)));
            }
        }

        @Operation
        public void fail() {
            if (pendingBuffers.getAndSet(0) > 0) {
                ended = true;
                queue.failWrite();
            }
        }

        @Operation
        public void close() {
            ended = true;
            queue.close();
        }

        @Validate
        public void writtenInOrderAndFreedOnce() {
            for (int i = 0; i < MORE_THAN_ENOUGH && pendingBuffers.get() > 0; i++) {
                complete();
            }
            assertFalse(overlapped || wire.overlapped(), "two writes at once");
            SentMessages sent = outbox.sent;
            if (ended) {
                sent.assertPrefixOn(wire.taken());
            } else {
                sent.assertAllOn(wire.taken());
            }
            outbox.assertFreed();
        }
    }

    public static class Sending extends Model {
        public Sending() {
            super(new RealQueue(), MeteredWire.takingAll());
        }
    }

    public static class SendingToASlowChannel extends Model {
        public SendingToASlowChannel() {
            super(new RealQueue(), MeteredWire.taking(1));
        }
    }

    /** Specification: no operation returns anything, and none throws. Everything is checked at rest. */
    public static class Silence {
        public void send(int thread) {
            // returns nothing
        }

        public void complete() {
            // returns nothing
        }

        public void fail() {
            // returns nothing
        }

        public void close() {
            // returns nothing
        }
    }
}
