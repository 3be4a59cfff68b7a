/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.QueueLincheckTest.Outbound;
import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.QueueLincheckTest.ResultsOfOffers;
import io.sendbuffer.QueueLincheckTest.SendingAndClosing;
import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import java.nio.channels.GatheringByteChannel;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * All that waits in a queue moves to other memory, at any moment of a send, a flush and a close: no message is
 * stranded, each is written whole and in order, and the memory of both, the original and the copy, comes back once, in
 * every interleaving of the steps.
 */
class EvacuationLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldMoveWhatWaitsAndKeepTheOrder() {
        CHECK.assertKeeps(Moving.class, Results.class, "send | evacuate", "send send | evacuate");
    }

    @Test
    void shouldMoveTheRestOfAWriteAndStrandNothing() {
        CHECK.assertKeeps(MovingARest.class, Results.class, "send; send | evacuate", "send; evacuate | send");
    }

    @Test
    void shouldGiveBothBackWhenClosed() {
        CHECK.assertKeeps(MovingARest.class, Results.class, "send; evacuate | close", "send; send evacuate | close");
    }

    /** The checks can fail. */
    @Test
    void shouldRejectAMoveThatDoesNotLookWhetherTheMessageStillWaits() {
        CHECK.assertRejects(BrokenNoSecondLook.class, Results.class, "send | evacuate", "send send | evacuate");
    }

    /** The queue whose messages are all to be moved. */
    private static final class MovedQueue implements Outbound {
        private final SendQueue queue = new SendQueue();

        @Override
        public OfferResult offer(SendBuffer message) {
            message.chunk().chosenOpaque(true);
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

    public static class Moving extends SendingAndClosing {
        private final Evacuation evacuation;
        private final Holder holder;

        public Moving() {
            this(new MovedQueue(), MeteredWire.takingAll());
        }

        Moving(Outbound queue, MeteredWire wire) {
            super(queue, wire);
            this.holder = ((MovedQueue) queue).queue.holder;
            this.evacuation = outbox.evacuation();
        }

        @Operation
        public void evacuate() {
            evacuation.moveAll(holder, true);
            evacuation.forgetCopies();
        }
    }

    public static class MovingARest extends Moving {
        public MovingARest() {
            super(new MovedQueue(), MeteredWire.taking(1));
        }

        @Override
        int rest() {
            super.rest();
            return super.rest();
        }
    }

    /**
     * A message is chosen and then exchanged under another hold of the lock, for a reference to itself: without a look
     * whether it still waits there.
     */
    public static class BrokenNoSecondLook extends SendingAndClosing {
        private final Backlog backlog;

        public BrokenNoSecondLook() {
            super(new MovedQueue());
            this.backlog = ((MovedQueue) queue).queue.backlog();
        }

        @Operation
        public void evacuate() {
            SendBuffer chosen;
            synchronized (backlog) {
                chosen = backlog.isEmpty() ? null : backlog.at(backlog.firstNumber());
                if (chosen == null || !chosen.tryRetainReferences(1)) {
                    return;
                }
            }
            SendBuffer original;
            synchronized (backlog) {
                original = backlog.replace(backlog.firstNumber(), chosen);
            }
            if (original != null) {
                original.release();
            }
        }
    }

    /** Specification: an evacuation changes nothing that others see. */
    public static class Results extends ResultsOfOffers {
        public void evacuate() {}
    }
}
