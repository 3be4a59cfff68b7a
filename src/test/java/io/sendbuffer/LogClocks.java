/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.agrona.concurrent.NanoClock;

/** Sets the clock of a log, for tests of other packages. */
public final class LogClocks {
    private LogClocks() {}

    /** Returns the builder, with that clock. */
    public static BroadcastLog.Builder with(NanoClock clock, BroadcastLog.Builder settings) {
        return settings.clock(clock);
    }
}
