package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The stack ends within an offer, at each place where it can: a recursive parser that sends does that. What the offer
 * had done is whole or undone: a queue that kept a message without a reference would send what is written there next.
 */
@Timeout(60)
class ExhaustedStackTest {
    private static final int SWEEPS = 12;
    private static final int LEVELS = 100;
    private static final long STACK = 200 << 10;

    private final AtomicInteger overflows = new AtomicInteger();

    /** Runs an action at many depths, the deepest one first, on a thread with a small stack. */
    private final class Sweep {
        private final Runnable action;
        private int levels;

        Sweep(Runnable action) {
            this.action = action;
        }

        void run(boolean wide) throws InterruptedException {
            Thread thread = new Thread(null, () -> enter(wide), "sweep", STACK);
            thread.start();
            thread.join();
        }

        private void enter(boolean wide) {
            if (wide) {
                dive(1, 2, 3, 4);
            } else {
                dive();
            }
        }

        @SuppressWarnings("InfiniteRecursion")
        private void dive() {
            try {
                dive();
            } catch (StackOverflowError e) {
                // the level above is the next one
            }
            act();
        }

        /** Its frames are of another size, so that other depths are met. */
        @SuppressWarnings("InfiniteRecursion")
        private void dive(long a, long b, long c, long d) {
            try {
                dive(b, c, d, a + 1);
            } catch (StackOverflowError e) {
                // the level above is the next one
            }
            act();
        }

        private void act() {
            if (levels++ < LEVELS) {
                try {
                    action.run();
                } catch (StackOverflowError e) {
                    overflows.getAndIncrement();
                }
            }
        }
    }

    private void requireOverflows() {
        assertTrue(overflows.get() > SWEEPS, () -> overflows + " overflows");
    }

    @Test
    void shouldHoldAReferenceToEachMessageThatItQueued() throws Exception {
        SendBufferPool pool = Pools.create();
        for (int i = 0; i < SWEEPS; i++) {
            SendQueue queue = new SendQueue();
            SendBuffer message = pool.acquire(8).putLong(i).seal();
            new Sweep(() -> queue.offer(message)).run(i % 2 == 0);

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
            new Sweep(() -> queue.offer(batch)).run(i % 2 == 0);

            int queued = queue.queuedMessages();
            assertEquals(0, queued % count, () -> queued + " of batches of " + count);
            queue.close();
        }
        batch.clear();
        messages.forEach(message -> message.release(message.referenceCount()));
        requireOverflows();
    }
}
