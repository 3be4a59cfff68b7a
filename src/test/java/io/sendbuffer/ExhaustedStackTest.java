/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The stack ends within a call, at each place where it can: a recursive parser that sends does that. What an offer had
 * done is whole or undone: a queue that kept a message without a reference would send what is written there next. A
 * queue whose drain met the end of the stack ends, and gives everything back: all but one reference for each error,
 * whose release was under way.
 */
@Timeout(60)
class ExhaustedStackTest {
    private static final int SWEEPS = 12;

    private int overflows;

    private void sweep(int number, IntConsumer action) throws InterruptedException {
        overflows += new StackSweep(action).run(number % 2 == 0);
    }

    private void requireOverflows() {
        assertTrue(overflows > SWEEPS, () -> overflows + " overflows");
    }

    @Test
    void shouldHoldAReferenceToEachMessageThatItQueued() throws Exception {
        SendBufferPool pool = Pools.create();
        for (int i = 0; i < SWEEPS; i++) {
            SendQueue queue = new SendQueue();
            SendBuffer message = pool.acquire(8).putLong(i).seal();
            sweep(i, level -> queue.offer(message));

            int queued = queue.queuedMessages();
            int references = message.referenceCount() - 1;
            assertTrue(references >= queued, () -> queued + " queued with " + references + " references");
            assertEquals(8L * queued, queue.queuedBytes());
            assertEquals(FlushResult.DRAINED, queue.flush(HostileChannel.takingAll()));
            assertEquals(8L * queued, queue.bytesWritten());
            message.release(message.referenceCount());
        }
        requireOverflows();
    }

    @Test
    void shouldQueueABatchWholeOrNotAtAll() throws Exception {
        SendBufferPool pool = Pools.create();
        List<SendBuffer> messages = new ArrayList<>();
        SendBatch batch = new SendBatch();
        for (int i = 0; i < 300; i++) {
            SendBuffer message = pool.acquire(8).putLong(i).seal();
            messages.add(message);
            batch.add(message);
            pool.acquire(8).release(); // no neighbors, so that nothing is merged
        }
        batch.seal();
        int count = batch.size();
        for (int i = 0; i < SWEEPS; i++) {
            SendQueue queue = new SendQueue(QueueLimits.DEFAULT.withMaxQueuedMessages(1 << 20));
            sweep(i, level -> queue.offer(batch));

            int queued = queue.queuedMessages();
            assertEquals(0, queued % count, () -> queued + " of batches of " + count);
            queue.close();
        }
        batch.clear();
        messages.forEach(message -> message.release(message.referenceCount()));
        requireOverflows();
    }

    /** What a newer message replaced is lost at most once for each error, and the counts are right. */
    @Test
    void shouldReplaceAMessageWholeOrNotAtAll() throws Exception {
        SendBufferPool pool = Pools.create();
        for (int i = 0; i < 2 * SWEEPS; i++) {
            SendQueue queue = new SendQueue();
            queue.conflation((i & 2) == 0 ? Conflation.inPlace() : Conflation.atEnd());
            SendBuffer other = pool.acquire(8).putLong(i).seal();
            SendBuffer[] keyed = new SendBuffer[40];
            for (int k = 0; k < keyed.length; k++) {
                keyed[k] = pool.acquire(k + 1)
                        .putBytes(new byte[k + 1])
                        .conflate(k % 20)
                        .seal();
            }
            queue.offer(other);
            int before = overflows;
            int[] offers = {0};
            sweep(i / 2, level -> {
                offers[0]++;
                queue.offer(keyed[offers[0] % keyed.length]);
            });

            long bytes = 0;
            for (long n = queue.backlog().firstNumber(); n < queue.backlog().nextNumber(); n++) {
                SendBuffer waits = queue.backlog().at(n);
                bytes += waits == null ? 0 : waits.length();
            }
            assertEquals(bytes, queue.queuedBytes());
            assertEquals(queue.backlog().waiting(), queue.queuedMessages());
            assertEquals(FlushResult.DRAINED, queue.flush(HostileChannel.takingAll()));
            assertEquals(bytes, queue.bytesWritten());
            int lost = 0;
            for (SendBuffer each : keyed) {
                lost += each.referenceCount() - 1;
                each.release(each.referenceCount());
            }
            int errors = overflows - before;
            int references = lost;
            assertTrue(lost <= 2 * errors, () -> references + " references lost in " + errors + " overflows");
            other.release();
        }
        requireOverflows();
    }

    @Test
    void shouldEndAQueueWhoseFlushMetTheEndOfTheStack() throws Exception {
        endAfter(queue -> queue.flush(new TakingChannel()), false);
    }

    @Test
    void shouldEndAQueueWhoseFlushMetTheEndOfTheStackAfterAFinish() throws Exception {
        endAfter(
                queue -> {
                    queue.finish();
                    queue.flush(new TakingChannel());
                },
                false);
    }

    @Test
    void shouldEndAQueueThatFinishesWithALastMessageAtTheEndOfTheStack() throws Exception {
        SendBufferPool pool = Pools.create();
        SendBuffer last = pool.acquire(8).putLong(1).seal();
        int before = overflows;
        endAfter(
                queue -> {
                    queue.finish(last);
                    queue.flush(new TakingChannel());
                },
                false);
        int lost = last.referenceCount() - 1;
        int errors = overflows - before;
        assertTrue(lost <= errors, () -> lost + " references lost in " + errors + " overflows");
        last.release(last.referenceCount());
    }

    @Test
    void shouldEndAQueueWhoseFailingFlushMetTheEndOfTheStack() throws Exception {
        endAfter(queue -> queue.flush(new TakingChannel(new IOException("reset"))), false);
    }

    @Test
    void shouldEndAQueueWhoseBeginMetTheEndOfTheStack() throws Exception {
        endAfter(SendQueue::beginWrite, false);
    }

    @Test
    void shouldEndAQueueWhoseCompletionMetTheEndOfTheStack() throws Exception {
        endAfter(queue -> queue.completeWrite(20), true);
    }

    @Test
    void shouldEndAQueueWhoseFailedWriteMetTheEndOfTheStack() throws Exception {
        endAfter(queue -> queue.failWrite(new IOException("reset")), true);
    }

    @Test
    void shouldEndAQueueWhoseCloseMetTheEndOfTheStack() throws Exception {
        endAfter(SendQueue::close, false);
    }

    /** A queue that was to end for being slow, and did not for want of stack, is found by the next search. */
    @Test
    void shouldEndASlowQueueThoughTheFirstSearchMetTheEndOfTheStack() throws Exception {
        assertNotNull(new SlowConsumerException(24).getMessage()); // loads what the JDK needs for it
        endAfter(queue -> queue.holder.shed(24), false, queue -> queue.holder.shed(24));
    }

    private void endAfter(Consumer<SendQueue> action, boolean afterBegin) throws Exception {
        endAfter(action, afterBegin, SendQueue::close);
    }

    /** Each level has a queue of its own, with three messages. At the end all are ended, with room enough. */
    private void endAfter(Consumer<SendQueue> action, boolean afterBegin, Consumer<SendQueue> end) throws Exception {
        SendBufferPool pool = Pools.create();
        for (int i = 0; i < SWEEPS; i++) {
            SendBuffer message = pool.acquire(8).putLong(i).seal();
            List<SendQueue> queues = new ArrayList<>();
            for (int k = 0; k < StackSweep.LEVELS; k++) {
                SendQueue queue = new SendQueue();
                queue.offer(message);
                queue.offer(message);
                queue.offer(message);
                if (afterBegin) {
                    queue.beginWrite();
                }
                queues.add(queue);
            }
            int before = overflows;
            sweep(i, level -> action.accept(queues.get(level)));

            queues.forEach(queue -> {
                assertTrue(!queue.isClosed() || queue.flush(HostileChannel.takingAll()) == FlushResult.CLOSED);
                end.accept(queue);
                if (queue.isWriteBegun()) {
                    queue.failWrite(new IOException("the channel was closed"));
                }
                assertTrue(queue.holder.hasReleasedAll());
                assertEquals(0, queue.queuedMessages());
            });
            int lost = message.referenceCount() - 1;
            int errors = overflows - before;
            assertTrue(lost <= errors, () -> lost + " references lost in " + errors + " overflows");
            message.release(message.referenceCount());
        }
        requireOverflows();
    }

    @Test
    void shouldLeaveAStripeWhereTheStackEnded() throws Exception {
        SendBufferPool pool =
                Pools.track(SendBufferPool.builder().errorHandler(error -> {}).build());
        for (int i = 0; i < SWEEPS; i++) {
            SendBuffer[] acquired = new SendBuffer[StackSweep.LEVELS];
            sweep(i, level -> {
                acquired[level] = pool.allocateFromStripe(0, 8, 1);
                acquired[level].putInt(level).seal();
            });
            for (SendBuffer buffer : acquired) {
                if (buffer != null) {
                    buffer.release();
                }
            }
            Thread other = new Thread(() ->
                    Objects.requireNonNull(pool.allocateFromStripe(0, 8, 1)).release());
            other.start();
            other.join();
        }
        requireOverflows();
        long lost = pool.stats().outstandingBuffers();
        assertTrue(lost <= overflows, () -> lost + " buffers lost in " + overflows + " overflows");
        Pools.forget(pool); // it may have lost some
        pool.close();
    }
}
