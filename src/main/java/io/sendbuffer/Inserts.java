/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * What goes into the stream of one subscriber besides the log: the rest of a message that was written in part, a
 * snapshot or a notice, and the messages of its queue. Most subscribers never have one.
 */
final class Inserts {
    /** Written before anything else, with a reference of its own. Owned by the reader's thread once it has begun. */
    @Nullable
    SendBuffer rest;

    /** How many bytes of it are written already. Owned likewise. */
    int restOffset;

    /** The receiver has a part of a message, of which this is the rest: nothing else may come next. Owned likewise. */
    boolean isCut;

    /** Where the stream ends, since the queue finishes. Guarded by the queue's lock, as are the next two. */
    long end = Long.MAX_VALUE;

    /** Where the queue's messages belong among those of the log. */
    @Nullable
    QueueOrder order;

    /** Another subscription of the same queue. */
    @Nullable
    Subscription next;
}
