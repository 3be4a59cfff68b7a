/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a subscriber of a {@link BroadcastLog} that falls behind the log's retention. In no case does it hold
 * memory beyond the retention, but for the rest of a message that it has received in part. A stream that continues has
 * no hole within a message: that rest is written first.
 */
public final class OverrunPolicy {
    private static final OverrunPolicy END = new OverrunPolicy(Kind.END, null);
    private static final OverrunPolicy SKIP = new OverrunPolicy(Kind.SKIP, null);
    private static final OverrunPolicy HOLD = new OverrunPolicy(Kind.HOLD, null);

    enum Kind {
        END,
        SKIP,
        HOLD
    }

    final Kind kind;
    final @Nullable GapNotice notice;

    private OverrunPolicy(Kind kind, @Nullable GapNotice notice) {
        this.kind = kind;
        this.notice = notice;
    }

    /** Ends the subscriber's queue, and with it the session, with a {@link LogOverrunException}. The default. */
    public static OverrunPolicy end() {
        return END;
    }

    /**
     * Continues with the last snapshot that was appended, if it is retained, or else with the next message that is
     * appended. The subscriber gets no sign of it: right where each message replaces the one before.
     */
    public static OverrunPolicy skip() {
        return SKIP;
    }

    /** As {@link #skip()}, with a message that says what is missing, sent where it is missing. */
    public static OverrunPolicy skip(GapNotice notice) {
        return new OverrunPolicy(Kind.SKIP, Objects.requireNonNull(notice, "notice"));
    }

    /**
     * Never overrun: what this subscriber has not received stays. While it would have to go, because the retention is
     * full or its oldest message is older than the retention's age, the log refuses what is appended, or has the
     * publisher wait. One slow subscriber of this kind slows down all, until its session ends: by the write timeout at
     * the latest if it takes nothing.
     */
    public static OverrunPolicy hold() {
        return HOLD;
    }

    /** As in the code: {@code end()}, for instance. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + (notice == null ? "()" : "(" + notice + ")");
    }
}
