/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The spare views of a chunk: the thread that took one is its only user, until it is put back. */
public class ViewRaces {
    private static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(64);
    private static final int SLOTS = 4;

    /** One gets the spare view, the other one a new one. */
    @JCStressTest
    @Description("V1: take against take, with one spare view")
    @Outcome(id = "2, 16, 1632", expect = ACCEPTABLE, desc = "Two views, each with the bounds that were asked for.")
    @Outcome(
            id = "1, .*, .*",
            expect = FORBIDDEN,
            desc = "Two drainers write from one view: each moves the position of the other.")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "A view does not have the bounds that were asked for.")
    @State
    public static class V1_ViewHasOneUser {
        private final ViewCache cache = new ViewCache(MEMORY, SLOTS);
        private ByteBuffer near;
        private ByteBuffer far;

        public V1_ViewHasOneUser() {
            cache.put(0, MEMORY.duplicate());
        }

        @Actor
        public void first() {
            near = cache.take(0, 0, 16);
        }

        @Actor
        public void second() {
            far = cache.take(0, 16, 32);
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = near == far ? 1 : 2;
            r.r2 = bounds(near);
            r.r3 = bounds(far);
        }
    }

    /** Likewise for the arrays that long text passes through. */
    @JCStressTest
    @Description("V3: two threads that write long text, with one pair of spare arrays")
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "Each has arrays of its own.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "Two threads write their text into the same arrays.")
    @Outcome(id = "2, 1", expect = FORBIDDEN, desc = "The arrays in use are spare too.")
    @State
    public static class V3_BlocksHaveOneUser {
        private final AsciiBlocks[] slots = {new AsciiBlocks()};
        private AsciiBlocks mine;
        private AsciiBlocks theirs;

        @Actor
        public void first() {
            mine = AsciiBlocks.take(slots, 0);
        }

        @Actor
        public void second() {
            theirs = AsciiBlocks.take(slots, 0);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = mine == theirs ? 1 : 2;
            r.r2 = slots[0] == null ? 0 : 1;
        }
    }

    /** A view that was put back belongs to the next thread, and a view that was taken is no longer in the cache. */
    @JCStressTest
    @Description("V2: put against take")
    @Outcome(id = "1632, 0", expect = ACCEPTABLE, desc = "The view has its bounds, and is out of the cache.")
    @Outcome(id = ".*, [^0]", expect = FORBIDDEN, desc = "The view in use is in the cache too, for the next drainer.")
    @Outcome(
            id = ".*, 0",
            expect = FORBIDDEN,
            desc = "The thread that put the view back still touched it: the next drainer's bounds are lost.")
    @State
    public static class V2_PutBackIsGivenUp {
        private final ViewCache cache = new ViewCache(MEMORY, SLOTS);
        private final ByteBuffer mine = cache.take(0, 0, 16);
        private ByteBuffer theirs;

        @Actor
        public void putter() {
            cache.put(0, mine);
        }

        @Actor
        public void taker() {
            theirs = cache.take(0, 16, 32);
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = bounds(theirs);
            for (int i = 0; i < SLOTS; i++) {
                r.r2 += cache.take(i, 0, 0) == theirs ? 1 : 0;
            }
        }
    }

    /** Two digits for the position, two for the limit. */
    private static int bounds(ByteBuffer view) {
        return view.position() * 100 + view.limit();
    }
}
