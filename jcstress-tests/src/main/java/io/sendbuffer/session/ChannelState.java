/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;

/**
 * What races of the end of a session and of its loop share. The actors and the arbiter are in the class of the race:
 * jcstress looks for them nowhere else.
 */
abstract class ChannelState {
    final Bench bench = Bench.byLoop();
    final WireChannel channel = new WireChannel(DigitWire.whole());
    final Witness witness = new Witness();

    /** How often the listener was notified of the end; negative if the session was refused. */
    final int notified(boolean refused) {
        return refused ? -1 - witness.notified() : witness.notified();
    }
}
