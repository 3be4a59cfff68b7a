/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.openjdk.jcstress.infra.results.III_Result;

/**
 * What races of a message in two queues share. The actors and the arbiter are in the class of the race: jcstress looks
 * for them nowhere else.
 */
abstract class TwoQueuesState {
    final StripePool pool = new StripePool();
    final SendQueue near = new SendQueue();
    final SendQueue far = new SendQueue();
    final DigitWire nearWire = DigitWire.whole();
    final DigitWire farWire = DigitWire.whole();

    /** What the actors call, if it may throw. */
    final Calls calls = new Calls();

    /** What each queue wrote, and what came back. */
    final void show(III_Result r) {
        r.r1 = (int) nearWire.digits();
        r.r2 = (int) farWire.digits();
        r.r3 = pool.frees();
    }
}
