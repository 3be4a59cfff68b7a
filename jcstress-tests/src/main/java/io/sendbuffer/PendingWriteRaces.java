/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A write that completes later: one actor is the completion, which reads the buffers at the last moment, as a kernel
 * may.
 */
public class PendingWriteRaces {
    /** A thread that offers while a write is pending returns, so the completion has to write the message too. */
    @JCStressTest
    @Description("Q4: a completion against a send")
    @Outcome(id = "12, 0, 2", expect = ACCEPTABLE, desc = "Both were written and released; the queue is at rest.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: the completion did not look again.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or duplicated.")
    @State
    public static class Q4_CompletionLooksAgain extends QueueState {
        private final SendBuffer two = pool.alone(2);
        private final int pending;

        public Q4_CompletionLooksAgain() {
            pending = begin(queue, pool.alone(1));
        }

        @Actor
        public void completion() {
            wire.takeAll(queue, pending);
        }

        @Actor
        public void sender() {
            wire.takeAll(queue, begin(queue, two));
        }

        @Arbiter
        public void end(III_Result r) {
            showQueuedAndFrees(r);
        }
    }

    /** The memory of a pending write is being read: close may not give it back, the completion has to. */
    @JCStressTest
    @Description("Q5: a completion against close")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "What was queued was released, and the write was completed.")
    @Outcome(
            id = "12, 0, 2",
            expect = ACCEPTABLE,
            desc = "The completion wrote the queued message too, before the close.")
    @Outcome(id = ".*9.*, .*, .*", expect = FORBIDDEN, desc = "The close freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "The completion and the close both released a message.")
    @Outcome(id = ".*, .*, [013]", expect = FORBIDDEN, desc = "Memory came back twice, or never.")
    @State
    public static class Q5_CompletionReleasesInFlight extends QueueState {
        private final int pending;
        private boolean misused;

        public Q5_CompletionReleasesInFlight() {
            pending = begin(queue, pool.alone(1));
            begin(queue, pool.alone(2));
        }

        @Actor
        public void completion() {
            try {
                wire.takeAll(queue, pending);
            } catch (IllegalStateException | NullPointerException e) {
                misused = true;
            }
        }

        @Actor
        public void closer() {
            try {
                queue.close();
            } catch (IllegalStateException | NullPointerException e) {
                misused = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = misused ? -1 : queue.queuedMessages();
            r.r3 = pool.frees();
        }
    }

    /** A thread that arrives while a write is pending offers, and does not touch the write. */
    @JCStressTest
    @Description("Q8: a completion against a send of the message's neighbor")
    @Outcome(id = "1, 12, 0", expect = ACCEPTABLE, desc = "The completion saw the one byte that its write began with.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "The window was changed while the completion worked on it.")
    @Outcome(id = "[^-1].*, .*, .*", expect = FORBIDDEN, desc = "The pending write got more than it began with.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "A message was written twice, or never.")
    @State
    public static class Q8_CompletionSeesItsOwnWindow extends QueueState {
        private final SendBuffer one = pool.message(1);
        private final SendBuffer two = pool.message(2);
        private final int pending;
        private boolean misused;

        public Q8_CompletionSeesItsOwnWindow() {
            pending = begin(queue, one);
        }

        @Actor
        public void completion(III_Result r) {
            try {
                r.r1 = (int) wire.write(queue.writeBuffers(), 0, pending);
                wire.takeAll(queue, queue.completeWrite(r.r1));
            } catch (IOException | RuntimeException | AssertionError e) {
                misused = true;
            }
        }

        /** It begins a write only if the completion is already over. */
        @Actor
        public void sender() {
            try {
                wire.takeAll(queue, begin(queue, two));
            } catch (RuntimeException | AssertionError e) {
                misused = true;
            }
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = misused ? -1 : r.r1;
            r.r2 = (int) wire.digits();
            r.r3 = queue.queuedMessages();
        }
    }

    /** The channel keeps the array that it was given, so each pending write needs one of its own. */
    @JCStressTest
    @Description("Q9: a thread begins writes on two queues, another one carries out and completes the first")
    @Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "Each queue wrote its own message.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "A pending write found its array emptied.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A queue wrote from the array of the other one.")
    @State
    public static class Q9_PendingArrayIsUntouched extends TwoQueuesState {
        private static final int PATIENCE = 200;

        private final SendBuffer one = pool.message(1);
        private final SendBuffer two = pool.message(2);
        private volatile int pending;
        private int pendingFar;
        private boolean completed;
        private boolean misused;

        @Actor
        public void sender() {
            pending = begin(near, one);
            pendingFar = begin(far, two);
        }

        @Actor
        public void completion() {
            for (int i = 0; i < PATIENCE && pending == 0; i++) {
                Thread.onSpinWait();
            }
            complete(pending);
        }

        @Arbiter
        public void end(III_Result r) {
            if (!completed) {
                complete(pending);
            }
            try {
                farWire.takeAll(far, pendingFar);
            } catch (RuntimeException | AssertionError e) {
                misused = true;
            }
            r.r1 = misused ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = near.queuedMessages() + far.queuedMessages();
        }

        private void complete(int count) {
            completed = count != 0;
            try {
                nearWire.takeAll(near, count);
            } catch (RuntimeException | AssertionError e) {
                misused = true;
            }
        }
    }

    private static int begin(SendQueue queue, SendBuffer message) {
        queue.offer(message);
        message.release();
        return queue.beginWrite();
    }
}
