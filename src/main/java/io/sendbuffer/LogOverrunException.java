/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.io.IOException;
import java.util.Locale;

/** Ends a subscriber of a {@link BroadcastLog} that fell behind the log's retention; see {@link OverrunPolicy#end}. */
public final class LogOverrunException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Gap gap;

    LogOverrunException(Gap gap) {
        super(String.format(
                Locale.ROOT,
                "ended as a slow consumer: the log no longer retains its next message; %,d messages with %,d bytes,"
                        + " from position %d to %d, are lost to it; retain more, or subscribe with skip() or hold()",
                gap.messages(),
                gap.bytes(),
                gap.firstPosition(),
                gap.lastPosition()));
        this.gap = gap;
    }

    /** What was not written. */
    public Gap gap() {
        return gap;
    }
}
