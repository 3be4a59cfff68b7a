/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.openjdk.jcstress.infra.results.III_Result;

/**
 * What most races of a queue share: a pool for its messages, the queue, and what was written. The actors and the
 * arbiter are in the class of the race: jcstress looks for them nowhere else.
 */
abstract class QueueState {
    final StripePool pool = new StripePool();
    final SendQueue queue;
    final DigitWire wire;

    /** What the actors call, if it may throw. */
    final Calls calls = new Calls();

    QueueState() {
        this(new SendQueue(), DigitWire.whole());
    }

    QueueState(SendQueue queue, DigitWire wire) {
        this.queue = queue;
        this.wire = wire;
    }

    /** Queues a message of which the queue has the only reference. */
    final void offerAlone(int... digits) {
        SendBuffer message = pool.alone(digits);
        queue.offer(message);
        message.release();
    }

    /** What was written, what is still queued, and what came back. */
    final void showQueuedAndFrees(III_Result r) {
        r.r1 = (int) wire.digits();
        r.r2 = queue.queuedMessages();
        r.r3 = pool.frees();
    }

    /** What was written, what came back, or -1 after a misuse, and what is still queued. */
    final void showFreesAndQueued(III_Result r) {
        r.r1 = (int) wire.digits();
        r.r2 = calls.threw() ? -1 : pool.frees();
        r.r3 = queue.queuedMessages();
    }
}
