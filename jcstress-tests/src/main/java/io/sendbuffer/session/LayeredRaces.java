/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A layer over a session's socket that holds what was written: senders write to it, and the loop flushes it. */
public class LayeredRaces {
    /**
     * Takes all, and lets it out when it is flushed, or with the next write. Its fields are plain: two threads at once
     * lose digits.
     */
    private static final class HoldingLayer implements SocketLayer {
        private final DigitWire wire;
        private final ByteBuffer held = ByteBuffer.allocate(16);

        HoldingLayer(DigitWire wire) {
            this.wire = wire;
        }

        @Override
        public Need handshake() {
            return Need.NOTHING;
        }

        @Override
        public int read(ByteBuffer target) {
            return 0;
        }

        @Override
        public Need inputNeeds() {
            return Need.READABLE;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            letOut();
            for (int i = offset; i < offset + length; i++) {
                held.put(sources[i]);
            }
            return held.position();
        }

        @Override
        public Need outputNeeds() {
            return held.position() == 0 ? Need.NOTHING : Need.WRITABLE;
        }

        @Override
        public Need flush() throws IOException {
            letOut();
            return Need.NOTHING;
        }

        private void letOut() throws IOException {
            if (held.position() > 0) {
                wire.write(held.flip());
                held.clear();
            }
        }

        @Override
        public Need endOutput() {
            return Need.NOTHING;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /** What both races share. */
    abstract static class LayeredState {
        final Bench bench = Bench.inline();
        final DigitWire wire = DigitWire.whole();
        final Session session;

        LayeredState() {
            try {
                session = bench.loop.add(
                        new WireChannel(DigitWire.whole()), socket -> new HoldingLayer(wire), new Witness());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            bench.dutyCycle();
            bench.selector.makeReady(SelectionKey.OP_WRITE);
        }

        final void send(SendBuffer message) {
            session.send(message);
            message.release();
        }

        final void show(III_Result r) {
            bench.runUntilIdle();
            r.r1 = (int) wire.digits();
            r.r2 = wire.overlaps();
            r.r3 = bench.pool.frees();
        }
    }

    /** The sender writes all that it has: nobody would flush what the layer holds but the loop. */
    @JCStressTest
    @Description("S40: inline send over a layer that holds it, against the loop's duty cycles")
    @Outcome(id = "12, 0, 1", expect = ACCEPTABLE, desc = "All was let out by the loop.")
    @Outcome(id = "0, .*, .*", expect = FORBIDDEN, desc = "The layer holds it forever: the loop does not know.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Bytes or a reference were lost or duplicated.")
    @State
    public static class S40_WhatALayerHoldsIsFlushed extends LayeredState {
        private final SendBuffer first = bench.pool.alone(1, 2);

        @Actor
        public void sender() {
            send(first);
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }

    /** The layer holds something, and the session is no longer blocked: the sender writes while the loop flushes. */
    @JCStressTest
    @Description("S40: inline sends against the flush of what the layer holds")
    @Outcome(id = "1234, 0, 2", expect = ACCEPTABLE, desc = "All was let out, in order, by one thread at a time.")
    @Outcome(id = "12, .*, .*", expect = FORBIDDEN, desc = "The layer holds the rest forever.")
    @Outcome(id = ".*", expect = FORBIDDEN, desc = "Two threads were in the layer at once.")
    @State
    public static class S40_OneThreadIsInTheOutput extends LayeredState {
        private final SendBuffer second = bench.pool.alone(3, 4);

        public S40_OneThreadIsInTheOutput() {
            send(bench.pool.alone(1, 2));
        }

        @Actor
        public void sender() {
            send(second);
        }

        @Actor
        public void loop() {
            bench.dutyCycle();
            bench.dutyCycle();
        }

        @Arbiter
        public void end(III_Result r) {
            show(r);
        }
    }
}
