/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.PendingWriteLincheckTest.Model;
import io.sendbuffer.PendingWriteLincheckTest.Outbound;
import io.sendbuffer.PendingWriteLincheckTest.Silence;
import io.sendbuffer.QueueLincheckTest.Outbox;
import io.sendbuffer.lincheck.MeteredWire;
import io.sendbuffer.lincheck.ModelChecking;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The checks of {@link PendingWriteLincheckTest} reject what they should: a small queue passes, and fails once it has a
 * flaw.
 */
class BrokenPendingWriteLincheckTest {
    private static final ModelChecking CHECK = ModelChecking.ignoring(Outbox.class, ChunkStore.class, ViewCache.class);

    @Test
    void shouldPassASmallQueueWithoutItsFlaws() {
        CHECK.assertKeeps(
                SmallQueueWithoutFlaw.class, Silence.class, "send; send | complete", "send; complete | close");
    }

    @Test
    void shouldRejectACompletionThatOnlyClearsTheFlag() {
        CHECK.assertRejects(BrokenCompletion.class, Silence.class, "send; send | complete");
    }

    @Test
    void shouldRejectACloseThatFreesWhatIsBeingWritten() {
        CHECK.assertRejects(BrokenClose.class, Silence.class, "send; complete | close");
    }

    private enum Flaw {
        NONE,
        COMPLETION_LOOKS_FOR_NO_MORE,
        CLOSE_FREES_THE_WINDOW
    }

    /** A minimal queue with pending writes and one flaw. It writes one whole message at a time. */
    private static final class SmallQueue implements Outbound {
        private final Flaw flaw;
        private final SendBuffer[] messages = new SendBuffer[16];
        private final ByteBuffer[] buffers = new ByteBuffer[1];
        private int head;
        private int tail;
        private @Nullable SendBuffer window;
        private boolean writing;
        private boolean closed;

        SmallQueue(Flaw flaw) {
            this.flaw = flaw;
        }

        @Override
        public synchronized OfferResult offer(SendBuffer message) {
            if (closed) {
                return OfferResult.CLOSED;
            }
            messages[tail] = message.retain();
            tail++;
            return OfferResult.QUEUED;
        }

        @Override
        public synchronized int beginWrite() {
            return writing ? 0 : next();
        }

        private int next() {
            writing = head < tail;
            if (!writing) {
                return 0;
            }
            SendBuffer message = messages[head];
            head++;
            window = message;
            buffers[0] = message.asReadOnlyByteBuffer();
            return 1;
        }

        @Override
        public ByteBuffer[] writeBuffers() {
            return buffers;
        }

        @Override
        public synchronized int completeWrite(long written) {
            releaseWindow();
            writing = false;
            return flaw == Flaw.COMPLETION_LOOKS_FOR_NO_MORE ? 0 : next();
        }

        @Override
        public void failWrite() {
            throw new UnsupportedOperationException();
        }

        @Override
        public synchronized void close() {
            closed = true;
            for (; head < tail; head++) {
                messages[head].release();
            }
            if (flaw == Flaw.CLOSE_FREES_THE_WINDOW) {
                releaseWindow();
            }
        }

        private void releaseWindow() {
            SendBuffer message = window;
            window = null;
            if (message != null) {
                message.release();
            }
        }
    }

    public static class SmallQueueWithoutFlaw extends Model {
        public SmallQueueWithoutFlaw() {
            super(new SmallQueue(Flaw.NONE), MeteredWire.takingAll());
        }
    }

    public static class BrokenCompletion extends Model {
        public BrokenCompletion() {
            super(new SmallQueue(Flaw.COMPLETION_LOOKS_FOR_NO_MORE), MeteredWire.takingAll());
        }
    }

    public static class BrokenClose extends Model {
        public BrokenClose() {
            super(new SmallQueue(Flaw.CLOSE_FREES_THE_WINDOW), MeteredWire.takingAll());
        }
    }
}
