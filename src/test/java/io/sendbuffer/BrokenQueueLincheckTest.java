/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.QueueLincheckTest.Outbound;
import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.QueueLincheckTest.ResultsOfOffers;
import io.sendbuffer.QueueLincheckTest.Sending;
import io.sendbuffer.QueueLincheckTest.SendingAndClosing;
import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The checks of {@link QueueLincheckTest} reject what they should: a small queue passes them, and fails once it has a
 * flaw.
 */
class BrokenQueueLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldPassASmallQueueWithoutItsFlaws() {
        CHECK.assertKeeps(
                SmallQueueWithoutFlaw.class, ResultsOfOffers.class, "send send | send", "send | close", "send | send");
    }

    @Test
    void shouldRejectADrainThatLeavesWithoutASecondLook() {
        CHECK.assertRejects(BrokenNoSecondLook.class, ResultsOfOffers.class, "send | send");
    }

    @Test
    void shouldRejectADrainThatIsCheckedAndThenClaimed() {
        CHECK.assertRejects(BrokenCheckThenClaim.class, ResultsOfOffers.class, "send | send");
    }

    @Test
    void shouldRejectAPollOutsideOfTheLock() {
        CHECK.assertRejects(BrokenUnlockedPoll.class, ResultsOfOffers.class, "send | send");
    }

    @Test
    void shouldRejectACloseThatIsCheckedOutsideOfTheLock() {
        CHECK.assertRejects(BrokenUnlockedClose.class, ResultsOfOffers.class, "send | close");
    }

    private enum Flaw {
        NONE,
        NO_SECOND_LOOK,
        CHECK_THEN_CLAIM,
        UNLOCKED_POLL,
        UNLOCKED_CLOSE
    }

    /** A minimal queue with one flaw. */
    private static final class SmallQueue implements Outbound {
        private final Flaw flaw;
        private final AtomicBoolean draining = new AtomicBoolean();
        private final SendBuffer[] messages = new SendBuffer[16];
        private int head;
        private int tail;
        private volatile boolean closed;

        SmallQueue(Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        public OfferResult offer(SendBuffer message) {
            if (flaw == Flaw.UNLOCKED_CLOSE && closed) {
                return OfferResult.CLOSED;
            }
            synchronized (this) {
                if (flaw != Flaw.UNLOCKED_CLOSE && closed) {
                    return OfferResult.CLOSED;
                }
                messages[tail++] = message.retain();
                return OfferResult.QUEUED;
            }
        }

        private @Nullable SendBuffer poll() {
            if (flaw == Flaw.UNLOCKED_POLL) {
                return head == tail ? null : messages[head++];
            }
            synchronized (this) {
                return head == tail ? null : messages[head++];
            }
        }

        private boolean claim() {
            if (flaw == Flaw.CHECK_THEN_CLAIM) {
                if (draining.get()) {
                    return false;
                }
                draining.set(true);
                return true;
            }
            return draining.compareAndSet(false, true);
        }

        @Override
        public FlushResult flush(GatheringByteChannel channel) {
            return closed ? FlushResult.CLOSED : drain(channel);
        }

        private FlushResult drain(GatheringByteChannel channel) {
            do {
                if (!claim()) {
                    return FlushResult.BUSY;
                }
                SendBuffer message;
                while ((message = poll()) != null) {
                    if (!closed) {
                        write(channel, message);
                    }
                    message.release();
                }
                draining.set(false);
            } while (flaw != Flaw.NO_SECOND_LOOK && hasMore());
            return FlushResult.DRAINED;
        }

        private synchronized boolean hasMore() {
            return head != tail;
        }

        private static void write(GatheringByteChannel channel, SendBuffer message) {
            try {
                channel.write(message.asReadOnlyByteBuffer());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            synchronized (this) {
                closed = true;
            }
            drain(MeteredWire.takingNothing());
        }
    }

    public static class SmallQueueWithoutFlaw extends SendingAndClosing {
        public SmallQueueWithoutFlaw() {
            super(new SmallQueue(Flaw.NONE));
        }
    }

    public static class BrokenNoSecondLook extends Sending {
        public BrokenNoSecondLook() {
            super(new SmallQueue(Flaw.NO_SECOND_LOOK));
        }
    }

    public static class BrokenCheckThenClaim extends Sending {
        public BrokenCheckThenClaim() {
            super(new SmallQueue(Flaw.CHECK_THEN_CLAIM));
        }
    }

    public static class BrokenUnlockedPoll extends Sending {
        public BrokenUnlockedPoll() {
            super(new SmallQueue(Flaw.UNLOCKED_POLL));
        }
    }

    public static class BrokenUnlockedClose extends SendingAndClosing {
        public BrokenUnlockedClose() {
            super(new SmallQueue(Flaw.UNLOCKED_CLOSE));
        }
    }
}
