/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Neighbors that a batch sends as one message: its last writer releases them, while the batch is reused. */
public class RunRaces {
    /** The batch builds its next run while the last one is being written and given back. */
    @JCStressTest
    @Description("R12: seal, offer and clear of a batch's next run against the drain of the last one")
    @Outcome(id = "1234, 0, 0", expect = ACCEPTABLE, desc = "Each message was written and released once.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "A thread got an object that another one was still using.")
    @Outcome(
            id = "1234, .*, .*",
            expect = FORBIDDEN,
            desc = "A message was not released, or more often than it was held.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was lost, duplicated, or out of order.")
    @State
    public static class R12_RunIsUsedAgainWhenItGaveBack extends QueueState {
        private final SendBatch batch = new SendBatch();
        private final SendBuffer[] messages = new SendBuffer[4];

        public R12_RunIsUsedAgainWhenItGaveBack() {
            for (int i = 0; i < messages.length; i++) {
                messages[i] = pool.message(i + 1);
            }
            send(0);
        }

        private void send(int from) {
            batch.add(messages[from]).add(messages[from + 1]);
            queue.offer(batch.seal());
            batch.clear();
        }

        @Actor
        public void sender() {
            calls.run(() -> send(2));
        }

        @Actor
        public void drainer() {
            calls.run(() -> queue.flush(wire));
        }

        @Arbiter
        public void end(III_Result r) {
            queue.flush(wire);
            r.r1 = calls.threw() ? -1 : (int) wire.digits();
            for (SendBuffer message : messages) {
                r.r2 += message.referenceCount() - 1;
                r.r3 += Counted.releaseOf(message) - 1;
            }
        }
    }
}
