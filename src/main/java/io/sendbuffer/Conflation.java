/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SendQueue} does with a message that has a key, see {@link SendBuffer#conflate}, while an older one of
 * the same key waits: the newer one replaces it, whatever the limits, unless it is larger and the difference has no
 * room. So a receiver that is behind gets, for each key, some of the values in their order, and the last one. What is
 * being written is not replaced, and a {@link MessageClass#CONTROL} message only by another one.
 *
 * <p>Messages without a key, and queues in which nothing waits, are not affected. A queue in which more than a few
 * messages wait keeps a table of the keys, of 16 to 48 bytes for each key that waits, until it has caught up.
 */
public final class Conflation {
    private static final Conflation OFF = new Conflation(Kind.OFF, null);
    private static final Conflation IN_PLACE = new Conflation(Kind.IN_PLACE, null);
    private static final Conflation AT_END = new Conflation(Kind.AT_END, null);

    enum Kind {
        OFF,
        IN_PLACE,
        AT_END
    }

    final Kind kind;
    final @Nullable GapNotice notice;

    private Conflation(Kind kind, @Nullable GapNotice notice) {
        this.kind = kind;
        this.notice = notice;
    }

    /** Keys are not looked at. */
    public static Conflation off() {
        return OFF;
    }

    /**
     * The newer message takes the turn of the older one: a key that changes often is not served later for it. The
     * default. Sequence numbers are not ascending then, and the newer message goes before others that were sent before
     * it, those of logs too.
     */
    public static Conflation inPlace() {
        return IN_PLACE;
    }

    /** The newer message goes to the end, and the older one's turn is lost: sequence numbers stay ascending. */
    public static Conflation atEnd() {
        return AT_END;
    }

    /**
     * The same, with a message that says how many were replaced: it goes before the first of those that replaced others
     * since the last notice, or that followed them. It also says what else the queue lost meanwhile. Where the
     * {@link OverrunPolicy} of the queue has a notice of its own, that one is made instead, of all.
     */
    public Conflation withNotice(GapNotice factory) {
        return new Conflation(kind, Objects.requireNonNull(factory, "factory"));
    }

    /** As in the code: {@code in_place()}, for instance. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + (notice == null ? "()" : "(" + notice + ")");
    }
}
