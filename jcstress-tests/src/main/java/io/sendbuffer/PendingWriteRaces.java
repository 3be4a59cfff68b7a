package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A write that ends later: one actor is the completion, which reads the buffers at the last moment, as a kernel may.
 */
public class PendingWriteRaces {
    /** Whoever offers while a write is pending leaves, so the completion has to take the message along. */
    @JCStressTest
    @Description("Q4: a completion against a send")
    @Outcome(id = "12, 0, 2", expect = ACCEPTABLE, desc = "Both were written and released; the queue is at rest.")
    @Outcome(
            id = ".*, [12], .*",
            expect = FORBIDDEN,
            desc = "A message is stranded: the completion did not look again.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes, a message or a reference were lost or came twice.")
    @State
    public static class Q4_CompletionLooksAgain {
        private final StripePool pool = new StripePool();
        private final SendBuffer two = pool.alone(2);
        private final SendQueue queue = new SendQueue();
        private final Wire wire = Wire.whole();
        private final int pending;

        public Q4_CompletionLooksAgain() {
            pending = begin(queue, pool.alone(1));
        }

        @Actor
        public void completion() {
            writeAll(queue, wire, pending);
        }

        @Actor
        public void sender() {
            writeAll(queue, wire, begin(queue, two));
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = (int) wire.digits();
            r.r2 = queue.queuedMessages();
            r.r3 = pool.frees();
        }
    }

    /** The memory of a pending write is being read: close may not give it back, the completion has to. */
    @JCStressTest
    @Description("Q5: a completion against close")
    @Outcome(id = "1, 0, 2", expect = ACCEPTABLE, desc = "What was queued was given back, and the write was completed.")
    @Outcome(id = "12, 0, 2", expect = ACCEPTABLE, desc = "The completion took the queued one along before the close.")
    @Outcome(id = ".*9.*, .*, .*", expect = FORBIDDEN, desc = "The close freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "The completion and the close both gave a message back.")
    @Outcome(id = ".*, .*, [013]", expect = FORBIDDEN, desc = "Memory came back twice, or never.")
    @State
    public static class Q5_CompletionReleasesInFlight {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue();
        private final Wire wire = Wire.whole();
        private final int pending;
        private boolean misused;

        public Q5_CompletionReleasesInFlight() {
            pending = begin(queue, pool.alone(1));
            begin(queue, pool.alone(2));
        }

        @Actor
        public void completion() {
            try {
                writeAll(queue, wire, pending);
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

    private static int begin(SendQueue queue, SendBuffer message) {
        queue.offer(message);
        message.release();
        return queue.beginWrite();
    }

    /** Carries out a write that was begun, and those that its completion asks for. */
    private static void writeAll(SendQueue queue, Wire wire, int pending) {
        try {
            for (int count = pending; count > 0; ) {
                count = queue.completeWrite(wire.write(queue.writeBuffers(), 0, count));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
