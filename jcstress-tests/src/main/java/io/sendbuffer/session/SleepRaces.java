package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.Wire;
import java.nio.channels.SelectionKey;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A loop gives back in one step what its sessions wrote, and not after it slept. */
public class SleepRaces {
    /** What the sessions that senders put on the list wrote. */
    @JCStressTest
    @Description("S14: send against a turn that sleeps, and the next one")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "What was written was released before each sleep.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The loop slept and kept what it had written.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was not written, or not released.")
    @State
    public static class S14_WrittenIsReleasedBeforeTheSleep {
        private final Shared shared = new Shared(Wire.whole());

        @Actor
        public void sender() {
            shared.send();
        }

        @Actor
        public void loop() {
            shared.bench.turn();
            shared.bench.turn();
        }

        @Arbiter
        public void end(III_Result r) {
            shared.show(r);
        }
    }

    /** What was written because a channel became ready: in the selector, behind what was done for senders. */
    @JCStressTest
    @Description("S14: send to a channel that takes half of it against turns that sleep")
    @Outcome(id = "12, 0, 0", expect = ACCEPTABLE, desc = "What was written was released before each sleep.")
    @Outcome(id = ".*, 1, .*", expect = FORBIDDEN, desc = "The loop slept and kept what it had written.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was not written, or not released.")
    @State
    public static class S14_ReadyIsReleasedBeforeTheSleep {
        private final Shared shared = new Shared(Wire.taking(1));

        public S14_ReadyIsReleasedBeforeTheSleep() {
            shared.bench.selector.makeReady(SelectionKey.OP_WRITE);
        }

        @Actor
        public void sender() {
            shared.send();
        }

        @Actor
        public void loop() {
            shared.bench.turn();
            shared.bench.turn();
            shared.bench.turn();
        }

        @Arbiter
        public void end(III_Result r) {
            shared.bench.turn();
            shared.show(r);
        }
    }

    /** A message of two bytes whose sender keeps its reference: any other one is the queue's, or the loop's. */
    private static final class Shared {
        private final Bench bench = Bench.sleeping();
        private final SendBuffer message = bench.pool.alone(1, 2);
        private final Wire wire;
        private final Session session;
        private boolean keptAsleep;

        Shared(Wire wire) {
            this.wire = wire;
            this.session = bench.session(wire);
            bench.selector.expectSomebody();
            bench.selector.beforeSleep(() -> keptAsleep |= isWritten() && message.referenceCount() > 1);
        }

        private boolean isWritten() {
            return wire.digits() == 12;
        }

        void send() {
            session.send(message);
            bench.selector.nobodyIsLeft();
        }

        void show(III_Result r) {
            bench.turn();
            r.r1 = (int) wire.digits();
            r.r2 = keptAsleep ? 1 : 0;
            r.r3 = message.referenceCount() - 1;
        }
    }
}
