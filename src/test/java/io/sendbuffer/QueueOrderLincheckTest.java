/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import io.sendbuffer.lincheck.SentMessages;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * With one draining thread at a time, a queue and its channel together are a first-in-first-out queue of bytes, in
 * every interleaving of their steps: this is a specification, and a channel that blocks in the middle of a message
 * keeps it.
 */
class QueueOrderLincheckTest {
    private static final ModelChecking CHECK =
            ModelChecking.ignoring(QueueLincheckTest.Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldBeABoundedQueueOfMessagesForAChannelThatTakesAByte() {
        CHECK.assertKeeps(
                ByteByByte.class,
                BoundedQueue.class,
                "offer; takeByte takeByte | offer offer",
                "offer offer; takeByte takeByte takeByte | offer offer",
                "offer; takeByte takeByte | offer close",
                "takeByte takeByte | offer | offer",
                "offer; takeByte takeByte | offer | close");
    }

    @Test
    void shouldBeAQueueOfMessagesForAChannelThatTakesAll() {
        CHECK.assertKeeps(
                AllAtOnce.class,
                UnboundedQueue.class,
                "offer; takeAll takeAll | offer offer",
                "takeAll takeAll | offer | offer",
                "offer; takeAll takeAll | offer close");
    }

    /** Offer and close; each subclass adds its way to drain. */
    public abstract static class Model {
        final MeteredWire wire = MeteredWire.takingNothing();
        final SendQueue queue;
        private final QueueLincheckTest.Outbox outbox = new QueueLincheckTest.Outbox();

        Model(QueueLimits limits) {
            queue = new SendQueue(limits);
        }

        @Operation
        public OfferResult offer(@Param(gen = ThreadIdGen.class) int thread) {
            try (SendBuffer message = outbox.next(thread)) {
                return queue.offer(message);
            }
        }

        @Operation
        public void close() {
            queue.close();
        }

        @Validate
        public void freedOnce() {
            queue.close();
            outbox.assertFreed();
        }
    }

    public static class ByteByByte extends Model {
        public ByteByByte() {
            super(QueueLimits.DEFAULT.withMaxQueuedMessages(BoundedQueue.MAX_MESSAGES));
        }

        /** Lets the channel take one byte; -1 if there was none. */
        @Operation(nonParallelGroup = "drain")
        public int takeByte() {
            int before = wire.takenCount();
            wire.allow(1);
            queue.flush(wire);
            return wire.takenCount() == before ? -1 : wire.taken()[before];
        }
    }

    public static class AllAtOnce extends Model {
        public AllAtOnce() {
            super(QueueLimits.DEFAULT);
        }

        @Operation(nonParallelGroup = "drain")
        public List<Byte> takeAll() {
            int before = wire.takenCount();
            wire.allow(Integer.MAX_VALUE);
            queue.flush(wire);
            List<Byte> taken = new ArrayList<>();
            for (int i = before; i < wire.takenCount(); i++) {
                taken.add(wire.taken()[i]);
            }
            return taken;
        }
    }

    // ---- specifications

    /** A queue of messages. The first bytes of the first message may have been taken. */
    public abstract static class MessageQueue {
        final Queue<Queue<Byte>> messages = new ArrayDeque<>();
        private final SentMessages sent = new SentMessages();
        private final int max;
        private boolean closed;

        MessageQueue(int max) {
            this.max = max;
        }

        public OfferResult offer(int thread) {
            byte[] message = sent.next(thread);
            if (closed) {
                return OfferResult.CLOSED;
            }
            if (messages.size() == max) {
                return OfferResult.REFUSED_MESSAGES;
            }
            Queue<Byte> bytes = new ArrayDeque<>();
            for (byte value : message) {
                bytes.add(value);
            }
            messages.add(bytes);
            return OfferResult.QUEUED;
        }

        public int takeByte() {
            Queue<Byte> first = messages.peek();
            if (first == null) {
                return -1;
            }
            int taken = first.remove();
            if (first.isEmpty()) {
                messages.remove();
            }
            return taken;
        }

        public List<Byte> takeAll() {
            List<Byte> taken = new ArrayList<>();
            messages.forEach(taken::addAll);
            messages.clear();
            return taken;
        }

        public void close() {
            closed = true;
            messages.clear();
        }
    }

    public static class BoundedQueue extends MessageQueue {
        static final int MAX_MESSAGES = 2;

        public BoundedQueue() {
            super(MAX_MESSAGES);
        }
    }

    public static class UnboundedQueue extends MessageQueue {
        public UnboundedQueue() {
            super(Integer.MAX_VALUE);
        }
    }
}
