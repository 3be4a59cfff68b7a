/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The slowest queues of an exhausted pool end once, whatever else happens to them. */
public class HolderRaces {
    /** The shedder finds the queue in the middle of an offer or a drain, or these find the end. */
    @JCStressTest
    @Description("H1: shed against send")
    @Outcome(id = "[01], 1, 0", expect = ACCEPTABLE, desc = "Written or not, the memory came back once.")
    @Outcome(id = "9, .*, .*", expect = FORBIDDEN, desc = "The shedder freed what was being written.")
    @Outcome(id = ".*, -1, .*", expect = FORBIDDEN, desc = "The drainer and the shedder both released the message.")
    @Outcome(id = ".*, [02], .*", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @Outcome(id = ".*, .*, [^0]", expect = FORBIDDEN, desc = "A message was queued after the end.")
    @State
    public static class H1_ShedAgainstSend extends QueueState {
        private final SendBuffer message = pool.alone(1);

        @Actor
        public void sender() {
            queue.offer(message);
            message.release();
            calls.run(() -> queue.flush(wire));
        }

        @Actor
        public void shedder() {
            calls.run(() -> queue.holder.shed(1));
        }

        @Arbiter
        public void end(III_Result r) {
            showFreesAndQueued(r);
        }
    }

    /** Two pools, or two acquires, find the same queue to be the slowest. */
    @JCStressTest
    @Description("H1: shed against shed")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The hook was called once, and the memory came back once.")
    @Outcome(id = "[02], .*", expect = FORBIDDEN, desc = "The hook was called twice, or never.")
    @Outcome(id = ".*, [02]", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class H1_ShedAgainstShed {
        private final StripePool pool = new StripePool();
        private final AtomicInteger calls = new AtomicInteger();
        private final SendQueue queue = new SendQueue(QueueLimits.DEFAULT, this::end);

        public H1_ShedAgainstShed() {
            SendBuffer message = pool.alone(1);
            queue.offer(message);
            message.release();
        }

        private void end(SlowConsumerException cause) {
            calls.incrementAndGet();
            queue.close();
        }

        @Actor
        public void one() {
            queue.holder.shed(1);
        }

        @Actor
        public void another() {
            queue.holder.shed(1);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.get();
            r.r2 = pool.frees();
        }
    }

    /** The first cause stays, and the memory comes back once. */
    @JCStressTest
    @Description("H1: shed against close")
    @Outcome(id = "1, [01]", expect = ACCEPTABLE, desc = "Ended by one of both; the memory came back once.")
    @Outcome(
            id = "-1, .*",
            expect = FORBIDDEN,
            desc = "Both released the message, or took it out of the ring at the same time.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "The memory came back twice, or never.")
    @State
    public static class H1_ShedAgainstClose {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue();
        private final Calls calls = new Calls();

        public H1_ShedAgainstClose() {
            SendBuffer message = pool.alone(1);
            queue.offer(message);
            message.release();
        }

        @Actor
        public void shedder() {
            calls.run(() -> queue.holder.shed(1));
        }

        @Actor
        public void closer() {
            calls.run(queue::close);
        }

        @Arbiter
        public void end(II_Result r) {
            Throwable failure = queue.failure();
            // What a release of the shedder threw is suppressed.
            boolean misused = calls.threw() || failure != null && failure.getSuppressed().length > 0;
            r.r1 = misused ? -1 : pool.frees();
            r.r2 = failure == null ? 0 : 1;
        }
    }

    /** A queue that is not known is never found. A queue that is known twice is searched twice. */
    @JCStressTest
    @Description("H2: offer against offer, the first ones")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The pool knows the queue once.")
    @Outcome(id = "[02]", expect = FORBIDDEN, desc = "It knows it twice, or not.")
    @State
    public static class H2_KnownOnce {
        private final StripePool pool = new StripePool();
        private final SendBuffer message = pool.alone(1);
        private final SendQueue queue = new SendQueue();

        @Actor
        public void one() {
            queue.offer(message);
        }

        @Actor
        public void another() {
            queue.offer(message);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = pool.store.holders().size();
        }
    }

    /** A drain leaves a queue empty while the next message arrives; the channel does not take its write. */
    @JCStressTest
    @Description("H3: the last look of a drain against the next send")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "All is written, and nothing waits.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The waiting message is found.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "A message waits, and its chunk is not known to be kept.")
    @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "A chunk is marked as kept, and no message waits.")
    @State
    public static class H3_ClearAgainstNextSend extends QueueState {
        private final SendBuffer message = pool.alone(1);
        private final DigitWire blocked = DigitWire.taking(0);

        public H3_ClearAgainstNextSend() {
            queue.offer(message);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            queue.offer(message);
            queue.flush(blocked);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = queue.queuedMessages() > 0 ? 1 : 0;
            r.r2 = queue.holder.isWaiting() ? 1 : 0;
        }
    }

    /** As above, but what the drain writes lies in two chunks: the search sees the second one too. */
    @JCStressTest
    @Description("H3: a drain of two chunks against the next send")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "All is written, and no chunk is known.")
    @Outcome(id = "1, 3", expect = ACCEPTABLE, desc = "The last message waits; its chunk is the oldest.")
    @Outcome(id = "3, 1", expect = ACCEPTABLE, desc = "All wait; the first chunk is the oldest.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "A chunk is known that the queue does not keep, or none.")
    @State
    public static class H3_SecondChunkAgainstNextSend extends QueueState {
        private final SendBuffer[] messages = {pool.alone(1), pool.alone(2), pool.alone(3)};
        private final long[] ages = new long[messages.length];
        private final DigitWire blocked = DigitWire.taking(0);

        public H3_SecondChunkAgainstNextSend() {
            for (int i = 0; i < messages.length; i++) {
                ages[i] = messages[i].chunk().ageOpaque();
            }
            queue.offer(messages[0]);
            queue.offer(messages[1]);
        }

        @Actor
        public void drainer() {
            queue.flush(wire);
        }

        @Actor
        public void sender() {
            queue.offer(messages[2]);
            queue.flush(blocked);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = queue.queuedMessages();
            long oldest = queue.holder.oldestAge(pool.store);
            for (int i = 0; i < ages.length; i++) {
                r.r2 = oldest == ages[i] ? i + 1 : r.r2;
            }
        }
    }

    /** Two queues get their first messages. */
    @JCStressTest
    @Description("H2: the first offer of one queue against that of another")
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "The pool knows both.")
    @Outcome(id = "[01]", expect = FORBIDDEN, desc = "It lost one.")
    @State
    public static class H2_BothKnown {
        private final StripePool pool = new StripePool();
        private final SendQueue first = new SendQueue();
        private final SendQueue second = new SendQueue();

        @Actor
        public void one() {
            pool.store.holders().add(first.holder);
        }

        @Actor
        public void another() {
            pool.store.holders().add(second.holder);
        }

        @Arbiter
        public void end(I_Result r) {
            r.r1 = pool.store.holders().size();
        }
    }

    /** Both find no room. */
    @JCStressTest
    @Description("H1: search against search")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The slowest was ended once, and not the one that keeps up.")
    @Outcome(id = "[02], .*", expect = FORBIDDEN, desc = "The slowest was ended twice, or not.")
    @Outcome(id = ".*, 0", expect = FORBIDDEN, desc = "The one that keeps up ended as well.")
    @State
    public static class H1_SearchAgainstSearch {
        private final StripePool pool = new StripePool(1); // with a message in it, no room for another chunk
        private final AtomicInteger calls = new AtomicInteger();
        private final SendQueue slow = new SendQueue(QueueLimits.DEFAULT, this::end);
        private final SendQueue keepsUp = new SendQueue();
        private final Holders holders;

        public H1_SearchAgainstSearch() {
            slow.offer(pool.alone(1));
            long lag = 2 * pool.store.handedOutOpaque();
            for (int i = 0; i < 4; i++) {
                pool.alone(1);
            }
            keepsUp.offer(pool.alone(1));
            holders = new Holders(pool.store, lag);
            holders.add(slow.holder);
            holders.add(keepsUp.holder);
            holders.add(new SendQueue().holder);
        }

        private void end(SlowConsumerException cause) {
            calls.incrementAndGet();
            slow.close();
        }

        @Actor
        public void one() {
            holders.shed();
        }

        @Actor
        public void another() {
            holders.shed();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = calls.get();
            r.r2 = keepsUp.isClosed() ? 0 : 1;
        }
    }

    /** The slowest is being written while two threads find no room, again and again. Neither may end the next one. */
    @JCStressTest
    @Description("H4: searches while a write of the one that was ended is in flight")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "One ended, and the pool waits for its memory.")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "The slowest did not end.")
    @Outcome(id = ".*, 1", expect = FORBIDDEN, desc = "The next one was ended although memory was coming back.")
    @State
    public static class H4_NoOtherEndsWhileAWriteIsInFlight {
        private final StripePool pool = new StripePool(1); // with a message in it, no room for another chunk
        private final SendQueue first = new SendQueue();
        private final SendQueue second = new SendQueue();
        private final List<SendQueue> idle = List.of(new SendQueue(), new SendQueue()); // the others hold them weakly
        private final Holders holders;

        public H4_NoOtherEndsWhileAWriteIsInFlight() {
            first.offer(pool.alone(1));
            first.beginWrite();
            long lag = pool.store.handedOutOpaque();
            use(2);
            second.offer(pool.alone(1));
            use(2);
            holders = new Holders(pool.store, lag);
            holders.waitAtMost(TimeUnit.HOURS.toNanos(1));
            holders.add(first.holder);
            holders.add(second.holder);
            idle.forEach(each -> holders.add(each.holder));
        }

        private void use(int chunks) {
            for (int i = 0; i < chunks; i++) {
                pool.alone(1).release();
            }
        }

        @Actor
        public void one() {
            holders.shed();
            holders.shed();
        }

        @Actor
        public void another() {
            holders.shed();
            holders.shed();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = first.isClosed() ? 1 : 0;
            r.r2 = second.isClosed() ? 1 : 0;
        }
    }

    /** A thread that sees that a queue has given all back finds its memory free. */
    @JCStressTest
    @Description("H4: the end of a write against the wait for it")
    @Outcome(id = "0, [01]", expect = ACCEPTABLE, desc = "Not yet.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The memory came back.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "It is reported as back, and is not.")
    @State
    public static class H4_ReturnedMeansFree {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue();
        private final Shed.Slow slow = new Shed.Slow(new WeakReference<>(queue.holder), 1, true);

        public H4_ReturnedMeansFree() {
            SendBuffer message = pool.alone(1, 2);
            queue.offer(message);
            message.release();
            queue.beginWrite();
            queue.holder.shed(1);
            slow.endedVolatile();
        }

        @Actor
        public void writer() {
            queue.completeWrite(1); // the end releases the other byte
        }

        @Actor
        public void waiter(II_Result r) {
            r.r1 = slow.hasReturned() ? 1 : 0;
            r.r2 = pool.frees();
        }
    }

    /** No thread drains: the closing thread gives all back. */
    @JCStressTest
    @Description("H4: the close of a queue at rest against the wait for its memory")
    @Outcome(id = "0, [01]", expect = ACCEPTABLE, desc = "Not yet.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The memory came back.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "It is reported as back, and is not.")
    @State
    public static class H4_ReleasedMeansFree {
        private final StripePool pool = new StripePool();
        private final SendQueue queue = new SendQueue();

        public H4_ReleasedMeansFree() {
            SendBuffer message = pool.alone(1);
            queue.offer(message);
            message.release();
        }

        @Actor
        public void closer() {
            queue.close();
        }

        @Actor
        public void waiter(II_Result r) {
            r.r1 = queue.holder.hasReleasedAll() ? 1 : 0;
            r.r2 = pool.frees();
        }
    }
}
