/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.LogLincheckTest.Feed;
import io.sendbuffer.LogLincheckTest.Overrun;
import io.sendbuffer.LogLincheckTest.Roomy;
import io.sendbuffer.ModelLog.Positions;
import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.lincheck.ModelChecking;
import java.io.IOException;
import java.nio.channels.GatheringByteChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The checks of {@link LogLincheckTest} reject what they should: a small log passes them, and fails once it has a flaw.
 */
class BrokenLogLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldPassASmallLogWithoutItsFlaws() {
        CHECK.assertKeeps(
                SmallLogWithoutFlaw.class,
                ModelLog.class,
                "subscribe; append append | append | serve serve",
                "append | subscribe serve",
                "subscribe append; append leave | serve serve",
                "append close | subscribe serve");
        CHECK.assertKeeps(SmallRingWithoutFlaw.class, Positions.class, "subscribe append; append append | serve");
    }

    @Test
    void shouldRejectAnAppendWithoutTheLock() {
        CHECK.assertRejects(BrokenUnlockedAppend.class, ModelLog.class, "subscribe; append | append");
    }

    @Test
    void shouldRejectACursorThatPassesWhatWasNotWritten() {
        CHECK.assertRejects(BrokenPassesTheTail.class, ModelLog.class, "subscribe append; append | serve serve");
    }

    @Test
    void shouldRejectASubscriberThatStartsAtATailOfBefore() {
        CHECK.assertRejects(BrokenStaleStart.class, ModelLog.class, "append append | subscribe serve");
    }

    @Test
    void shouldRejectAReleaseOfWhatAReaderIsWriting() {
        CHECK.assertRejects(BrokenReleaseUnderAWrite.class, Positions.class, "subscribe append; append | serve");
    }

    private enum Flaw {
        NONE,
        UNLOCKED_APPEND,
        PASSES_THE_TAIL,
        STALE_START,
        RELEASE_UNDER_A_WRITE
    }

    /** A minimal log with one flaw. Its readers write under a lock of their own, and retain what they write. */
    private static final class SmallLog implements Feed {
        private static final int NONE = -1;

        private final Flaw flaw;
        private final int maxMessages;
        private final SendBuffer[] messages = new SendBuffer[16];
        private final @Nullable GatheringByteChannel[] channels = new GatheringByteChannel[2];
        private final int[] cursors = {NONE, NONE};
        private final boolean[] leaving = new boolean[2];
        private int least;
        private int tail;
        private boolean closed;

        SmallLog(Flaw flaw, int maxMessages) {
            this.flaw = flaw;
            this.maxMessages = maxMessages;
        }

        @Override
        public long append(SendBuffer message) {
            if (flaw == Flaw.UNLOCKED_APPEND) {
                return add(message);
            }
            synchronized (this) {
                return add(message);
            }
        }

        private long add(SendBuffer message) {
            if (closed) {
                return BroadcastLog.CLOSED;
            }
            if (tail - least == maxMessages) {
                messages[least].release();
                least++;
            }
            int position = tail;
            messages[position] = message.retain();
            tail = position + 1;
            giveBack();
            return position;
        }

        /** What all have passed. */
        private synchronized void giveBack() {
            while (least < tail && !isNeeded(0) && !isNeeded(1)) {
                messages[least].release();
                least++;
            }
        }

        private boolean isNeeded(int reader) {
            return cursors[reader] != NONE && cursors[reader] <= least;
        }

        @Override
        public long subscribe(int reader, GatheringByteChannel channel) {
            int start = (int) tail();
            synchronized (this) {
                if (closed) {
                    return BroadcastLog.CLOSED;
                }
                start = flaw == Flaw.STALE_START ? start : tail;
                channels[reader] = channel;
                cursors[reader] = start;
                return start;
            }
        }

        @Override
        public synchronized void leave(int reader) {
            leaving[reader] = true;
        }

        @Override
        public void serve(int reader) {
            int from;
            int to;
            synchronized (this) {
                if (leaving[reader]) {
                    cursors[reader] = NONE;
                }
                from = Math.max(cursors[reader], least);
                to = cursors[reader] == NONE ? from : tail;
                for (int i = from; i < to && flaw != Flaw.RELEASE_UNDER_A_WRITE; i++) {
                    messages[i].retain();
                }
            }
            for (int i = from; i < to; i++) {
                write(reader, messages[i]);
            }
            synchronized (this) {
                for (int i = from; i < to && flaw != Flaw.RELEASE_UNDER_A_WRITE; i++) {
                    messages[i].release();
                }
                if (cursors[reader] != NONE) {
                    cursors[reader] = flaw == Flaw.PASSES_THE_TAIL ? tail : to;
                }
                giveBack();
            }
        }

        private void write(int reader, SendBuffer message) {
            GatheringByteChannel channel = channels[reader];
            if (channel == null) {
                throw new AssertionError("not subscribed");
            }
            try {
                channel.write(message.asReadOnlyByteBuffer());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
        }

        @Override
        public synchronized long tail() {
            return tail;
        }

        @Override
        public synchronized long retained() {
            return (long) tail - least;
        }

        @Override
        public synchronized long lag(int reader) {
            return cursors[reader] == NONE ? 0 : (long) tail - cursors[reader];
        }

        @Override
        public synchronized void end() {
            closed = true;
            cursors[0] = NONE;
            cursors[1] = NONE;
            giveBack();
        }
    }

    public static class SmallLogWithoutFlaw extends Roomy {
        public SmallLogWithoutFlaw() {
            super(new SmallLog(Flaw.NONE, ModelLog.MAX_MESSAGES));
        }
    }

    public static class SmallRingWithoutFlaw extends Overrun {
        public SmallRingWithoutFlaw() {
            super(new SmallLog(Flaw.NONE, 1));
        }
    }

    public static class BrokenUnlockedAppend extends Roomy {
        public BrokenUnlockedAppend() {
            super(new SmallLog(Flaw.UNLOCKED_APPEND, ModelLog.MAX_MESSAGES));
        }
    }

    public static class BrokenPassesTheTail extends Roomy {
        public BrokenPassesTheTail() {
            super(new SmallLog(Flaw.PASSES_THE_TAIL, ModelLog.MAX_MESSAGES));
        }
    }

    public static class BrokenStaleStart extends Roomy {
        public BrokenStaleStart() {
            super(new SmallLog(Flaw.STALE_START, ModelLog.MAX_MESSAGES));
        }
    }

    public static class BrokenReleaseUnderAWrite extends Overrun {
        public BrokenReleaseUnderAWrite() {
            super(new SmallLog(Flaw.RELEASE_UNDER_A_WRITE, 1));
        }
    }
}
