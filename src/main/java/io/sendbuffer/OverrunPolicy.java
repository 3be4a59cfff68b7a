/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a receiver that is too far behind: a subscriber of a {@link BroadcastLog} whose next message falls
 * out of the log's retention, or a {@link SendQueue} that passes one of its {@link QueueLimits}. In no case does the
 * receiver hold memory beyond that, but for what it has received in part or is being written. A stream that continues
 * has no hole within a message.
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

    /**
     * Ends the receiver's queue, and with it the session: with a {@link LogOverrunException} for a log, for which this
     * is the default, and with a {@link SlowConsumerException} for a queue.
     */
    public static OverrunPolicy end() {
        return END;
    }

    /**
     * Loses what is oldest. A subscriber continues with the last snapshot that was appended to the log, if it is
     * retained, or else with the next message that is appended; a queue drops its oldest messages until the new one has
     * room, those that are {@link MessageClass#EXPENDABLE} before all others, or until none is too old; never one that
     * is {@link MessageClass#CONTROL}. The receiver gets no sign of it: right where each message replaces the one
     * before.
     */
    public static OverrunPolicy skip() {
        return SKIP;
    }

    /**
     * As {@link #skip()}, with a message that says what is missing, sent where it is missing: one for each run. In a
     * queue that is before its next message; among the messages of logs its place is not kept.
     */
    public static OverrunPolicy skip(GapNotice notice) {
        return new OverrunPolicy(Kind.SKIP, Objects.requireNonNull(notice, "notice"));
    }

    /**
     * Loses nothing, and takes nothing more. A log refuses what is appended, or has the publisher wait, while what this
     * subscriber has not received would have to go, for its size or its age; one slow subscriber of this kind slows
     * down all, until its session ends: by the write timeout at the latest if it takes nothing. A queue, for which this
     * is the default, refuses what is offered, and no other receiver is affected.
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
