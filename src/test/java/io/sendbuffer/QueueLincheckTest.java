/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import io.sendbuffer.lincheck.SentMessages;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Every thread may drain: a sender offers and then flushes. At rest no message is stranded, every message was written
 * once and in order, and its memory came back once, in every interleaving of the steps.
 */
class QueueLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldStrandNothingAndKeepTheOrder() {
        CHECK.assertKeeps(Sending.class, ResultsOfOffers.class, "send send | send", "send | send | send");
    }

    @Test
    void shouldKeepTheOrderWhenTheChannelBlocks() {
        CHECK.assertKeeps(SendingToASlowChannel.class, ResultsOfOffers.class, "send; send | send", "send | send send");
    }

    @Test
    void shouldGiveEverythingBackOnceWhenClosed() {
        CHECK.assertKeeps(
                SendingAndClosing.class,
                ResultsOfOffers.class,
                "send send | close",
                "send close | send",
                "send | send | close",
                "send | close | close");
    }

    @Test
    void shouldGiveEverythingBackOnceWhenClosedInTheMiddleOfAMessage() {
        CHECK.assertKeeps(ClosingInTheMiddle.class, ResultsOfOffers.class, "send; send | close", "send; close | close");
    }

    /** Messages, each with memory of its own that is poisoned when it comes back. The queue has the last reference. */
    static final class Outbox implements MemorySource {
        private static final byte POISON = -1;

        private final ChunkStore store = new ChunkStore(this, 64, 1 << 20, Throwable::printStackTrace);
        private final AtomicInteger freed = new AtomicInteger();
        final SentMessages sent = new SentMessages();

        SendBuffer next(int thread) {
            SendBuffer message = store.allocateLarge(SentMessages.LENGTH, 1);
            if (message == null) {
                throw new AssertionError("no memory");
            }
            for (byte value : sent.next(thread)) {
                message.putByte(value);
            }
            return message.seal();
        }

        Evacuation evacuation() {
            return store.evacuation();
        }

        @Override
        public ByteBuffer allocate(int bytes) {
            return ByteBuffer.allocate(bytes);
        }

        @Override
        public void freed(ByteBuffer memory) {
            for (int i = 0; i < memory.capacity(); i++) {
                memory.put(i, POISON);
            }
            freed.incrementAndGet();
        }

        void assertFreed() {
            assertEquals(sent.count(), freed.get(), "messages freed");
            assertEquals(0, store.stats(0).pinnedBytes(), "bytes that did not come back");
        }
    }

    /** The operations under test, those of {@link SendQueue}. */
    interface Outbound {
        OfferResult offer(SendBuffer message);

        FlushResult flush(GatheringByteChannel channel);

        void close();
    }

    private static final class RealQueue implements Outbound {
        private final SendQueue queue = new SendQueue();

        @Override
        public OfferResult offer(SendBuffer message) {
            return queue.offer(message);
        }

        @Override
        public FlushResult flush(GatheringByteChannel channel) {
            return queue.flush(channel);
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    public abstract static class Model {
        final Outbound queue;
        final MeteredWire wire;
        final Outbox outbox = new Outbox();
        private volatile boolean closed;

        Model(Outbound queue, MeteredWire wire) {
            this.queue = queue;
            this.wire = wire;
        }

        @Operation
        public OfferResult send(@Param(gen = ThreadIdGen.class) int thread) {
            SendBuffer message = outbox.next(thread);
            OfferResult result = queue.offer(message);
            message.release();
            queue.flush(wire);
            return result;
        }

        void closeQueue() {
            closed = true;
            queue.close();
        }

        @Validate
        public void writtenInOrderAndFreedOnce() {
            assertFalse(wire.overlapped(), "two threads wrote at once");
            if (closed) {
                outbox.sent.assertPrefixOn(wire.taken());
            } else {
                wire.takeWholeWrites();
                assertEquals(0, rest(), "bytes stranded");
                outbox.sent.assertAllOn(wire.taken());
            }
            outbox.assertFreed();
        }

        /** The number of bytes that a flush still finds; after a blocked write one more flush is due. */
        int rest() {
            int before = wire.takenCount();
            queue.flush(wire);
            return wire.takenCount() - before;
        }
    }

    public static class Sending extends Model {
        public Sending() {
            this(new RealQueue());
        }

        Sending(Outbound queue) {
            super(queue, MeteredWire.takingAll());
        }
    }

    public static class SendingToASlowChannel extends Model {
        public SendingToASlowChannel() {
            super(new RealQueue(), MeteredWire.taking(1));
        }

        @Override
        int rest() {
            super.rest();
            return super.rest();
        }
    }

    public static class SendingAndClosing extends Model {
        public SendingAndClosing() {
            this(new RealQueue());
        }

        SendingAndClosing(Outbound queue) {
            this(queue, MeteredWire.takingAll());
        }

        SendingAndClosing(Outbound queue, MeteredWire wire) {
            super(queue, wire);
        }

        @Operation
        public void close() {
            closeQueue();
        }
    }

    public static class ClosingInTheMiddle extends SendingAndClosing {
        public ClosingInTheMiddle() {
            super(new RealQueue(), MeteredWire.taking(1));
        }
    }

    /** Specification: the result of an offer depends on the close alone. */
    public static class ResultsOfOffers {
        private boolean closed;

        public OfferResult send(int thread) {
            return closed ? OfferResult.CLOSED : OfferResult.QUEUED;
        }

        public void close() {
            closed = true;
        }
    }
}
