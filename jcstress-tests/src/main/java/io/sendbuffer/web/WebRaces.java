/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.ClosingSession;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** What threads share of the web package: who closes a client, and objects that are used again. */
public class WebRaces {
    /** For all states: its clients send frames of the tests' own. */
    private static final WebServer SERVER = WebServer.builder(SendBufferPool.builder()
                    .chunkSize(64 << 10)
                    .maxMemory(1 << 20)
                    .build())
            .build();

    private static final WebListener LISTENER = new WebListener() {};

    /** The frames are a 1 and a 2. */
    @JCStressTest
    @Description("W1: two threads that close a client, each with its own code")
    @Outcome(
            id = {"3001, 1, 1", "3002, 2, 1"},
            expect = ACCEPTABLE,
            desc = "The first one's frame was sent, and its code is the client's.")
    @Outcome(id = ".*, .*, 2", expect = FORBIDDEN, desc = "Both were the first.")
    @Outcome(expect = FORBIDDEN, desc = "Another frame was sent than that of the code, or none.")
    @State
    public static class W1_FirstToCloseDecides {
        private final ClosingSession below = new ClosingSession();
        private final WebClient client =
                new WebClient(SERVER, below.session(), new WebConnection(SERVER), WebKind.WEB_SOCKET, LISTENER, null);
        private final SendBuffer oneFrame = below.message(1);
        private final SendBuffer otherFrame = below.message(2);
        private boolean oneIsFirst;
        private boolean otherIsFirst;

        @Actor
        public void one() {
            oneIsFirst = client.sayGoodbye(3001, oneFrame);
            oneFrame.release();
        }

        @Actor
        public void other() {
            otherIsFirst = client.sayGoodbye(3002, otherFrame);
            otherFrame.release();
        }

        @Arbiter
        public void end(III_Result r) {
            r.r1 = client.closeCodeVolatile();
            r.r2 = (int) below.writtenToTheEnd();
            r.r3 = (oneIsFirst ? 1 : 0) + (otherIsFirst ? 1 : 0);
        }
    }

    /** One is idle. */
    @JCStressTest
    @Description("W2: two threads that take a spare object")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "One has the idle one, and the other one was made.")
    @Outcome(id = "1, .*", expect = FORBIDDEN, desc = "Both have the same.")
    @Outcome(expect = FORBIDDEN, desc = "The idle one was lost.")
    @State
    public static class W2_SpareHasOneUser {
        private final AtomicInteger made = new AtomicInteger();
        private final Spare<Object> spares = new Spare<>(this::make, ended -> {});
        private Object ofOne;
        private Object ofOther;

        public W2_SpareHasOneUser() {
            spares.giveBack(new Object());
        }

        private Object make() {
            made.incrementAndGet();
            return new Object();
        }

        @Actor
        public void one() {
            ofOne = spares.take();
        }

        @Actor
        public void other() {
            ofOther = spares.take();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = ofOne == ofOther ? 1 : 0;
            r.r2 = made.get();
        }
    }

    /** One is idle, and one in use. */
    @JCStressTest
    @Description("W3: a thread that gives a spare object back against close")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both were ended, once.")
    @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "What came back is idle for good, and its memory is lost.")
    @Outcome(expect = FORBIDDEN, desc = "One was ended twice, or the idle one never.")
    @State
    public static class W3_SpareEndsOnce {
        private final Spare<AtomicInteger> spares = new Spare<>(AtomicInteger::new, AtomicInteger::incrementAndGet);
        private final AtomicInteger endsOfIdle = new AtomicInteger();
        private final AtomicInteger endsOfUsed = new AtomicInteger();

        public W3_SpareEndsOnce() {
            spares.giveBack(endsOfIdle);
        }

        @Actor
        public void user() {
            spares.giveBack(endsOfUsed);
        }

        @Actor
        public void closer() {
            spares.close();
        }

        @Arbiter
        public void end(II_Result r) {
            r.r1 = endsOfIdle.get();
            r.r2 = endsOfUsed.get();
        }
    }
}
