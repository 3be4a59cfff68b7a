/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;
import io.sendbuffer.SendBuffer;
import java.nio.channels.SelectionKey;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * What races of a loop and the sender of one session share. The actors and the arbiter are in the class of the race:
 * jcstress looks for them nowhere else.
 */
abstract class WireState {
    final Bench bench;
    final DigitWire wire;
    final Session session;

    WireState(Bench bench, DigitWire wire) {
        this.bench = bench;
        this.wire = wire;
        this.session = bench.session(wire);
    }

    /** One of three bytes is left; the loop waits for the channel to become ready for it, and it now is. */
    final void becomeBlocked() {
        SendBuffer rest = bench.pool.alone(1, 2, 3);
        session.send(rest);
        rest.release();
        bench.dutyCycle();
        bench.selector.makeReady(SelectionKey.OP_WRITE);
        while (wire.digits() < 12) {
            bench.dutyCycle();
        }
    }

    /** What was written, what is still queued, and what came back. */
    final void showQueuedAndFrees(III_Result r) {
        r.r1 = (int) wire.digits();
        r.r2 = session.queuedMessages();
        r.r3 = bench.pool.frees();
    }
}
