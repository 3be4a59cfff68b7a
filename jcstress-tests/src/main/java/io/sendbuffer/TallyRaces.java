package io.sendbuffer;

import static io.sendbuffer.Calls.threw;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** References to the same messages, given back by two threads, each by way of a tally of its own. */
public class TallyRaces {
    /** Each takes two references to a message, gives them back, and goes on with another one. */
    @JCStressTest
    @Description("R12: drain with a tally against drain of another queue with another one, twice; one owner releases")
    @Outcome(id = "112, 112, 2", expect = ACCEPTABLE, desc = "Both wrote all; then each message was freed once.")
    @Outcome(id = ".*9.*", expect = FORBIDDEN, desc = "A queue wrote memory that was freed.")
    @Outcome(id = "-1, .*, .*", expect = FORBIDDEN, desc = "A tally gave back more than it took.")
    @Outcome(id = "112, 112, .*", expect = FORBIDDEN, desc = "A tally gave back less than it took, or twice.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A message was lost, came twice, or out of order.")
    @State
    public static class R12_GivesBackWhatItTook {
        private final StripePool pool = new StripePool();
        private final SendBuffer one = pool.alone(1);
        private final SendBuffer two = pool.alone(2);
        private final SendQueue near = new SendQueue();
        private final SendQueue far = new SendQueue();
        private final Wire nearWire = Wire.whole();
        private final Wire farWire = Wire.whole();
        private final ReleaseTally nearTally = new ReleaseTally();
        private final ReleaseTally farTally = new ReleaseTally();
        private boolean nearMisused;
        private boolean farMisused;

        public R12_GivesBackWhatItTook() {
            for (SendQueue queue : new SendQueue[] {near, far}) {
                queue.offer(one);
                queue.offer(one);
            }
            two.retain(2);
        }

        @Actor
        public void drainer() {
            nearMisused = threw(() -> {
                drainTwice(near, nearWire, nearTally);
                one.release();
            });
        }

        @Actor
        public void another() {
            farMisused = threw(() -> {
                drainTwice(far, farWire, farTally);
                two.release();
            });
        }

        private void drainTwice(SendQueue queue, Wire wire, ReleaseTally tally) {
            queue.flush(wire, Long.MAX_VALUE, tally);
            tally.releaseAll();
            queue.offerRetained(two);
            queue.flush(wire, Long.MAX_VALUE, tally);
            tally.releaseAll();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = nearMisused || farMisused ? -1 : (int) nearWire.digits();
            r.r2 = (int) farWire.digits();
            r.r3 = pool.frees();
        }
    }
}
