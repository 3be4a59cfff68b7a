/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import io.sendbuffer.internal.Checks;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How subscribers join a {@link LogReader}, on any thread: at the tail, at a position, or with a snapshot. The reader
 * adopts them at its next turn; until then the log's lock guards them.
 */
final class LogJoins {
    /** How often a snapshot may come too late. */
    private static final int MAX_SNAPSHOTS = 8;

    private final LogReader reader;
    private final BroadcastLog log;
    private final LogRing ring;

    /** Those of the last subscription. A hint: any thread may find an older one, which is as good. */
    private Subscription.@Nullable Terms terms;

    LogJoins(LogReader reader, BroadcastLog log) {
        this.reader = reader;
        this.log = log;
        this.ring = log.ring();
    }

    @Nullable
    Subscription subscribeFrom(long position, LogReceiver receiver, OverrunPolicy policy) {
        Subscription cursor = position < 0 ? null : join(position, receiver, policy, false);
        return cursor == null ? null : begin(cursor, false);
    }

    @Nullable
    Subscription subscribeToNewest(LogReceiver receiver, OverrunPolicy policy) {
        Subscription cursor = join(BroadcastLog.NEWEST, receiver, policy, false);
        return cursor == null ? null : begin(cursor, false);
    }

    @Nullable
    Subscription subscribe(LogReceiver receiver, OverrunPolicy policy, SnapshotSource source) {
        Subscription cursor = join(BroadcastLog.NEWEST, receiver, policy, true);
        if (cursor == null) {
            return null;
        }
        boolean prepared = false;
        try {
            for (int i = 0; i < MAX_SNAPSHOTS && !prepared && !reader.isClosed(); i++) {
                prepared = prepare(cursor, snapshotOf(source, cursor.positionOpaque()));
            }
        } finally {
            if (!prepared) {
                leaveUnbegun(cursor);
            }
        }
        return prepared ? begin(cursor, true) : null;
    }

    private static LogSnapshot snapshotOf(SnapshotSource source, long least) {
        return Objects.requireNonNull(source.snapshotFrom(least), "the source returned no snapshot");
    }

    /** False if the log no longer retains the snapshot's position. */
    private boolean prepare(Subscription cursor, LogSnapshot snapshot) {
        SendBuffer message = snapshot.message();
        boolean taken = false;
        try {
            message.checkedSealedLength();
            Checks.inRange("snapshot's position", snapshot.position(), cursor.positionOpaque(), log.tailPosition());
            Inserts inserts = cursor.receiver().queue().insertsOf(cursor);
            inserts.rest = message; // before the reader may adopt the cursor
            taken = ring.beginAt(cursor, snapshot.position());
            if (!taken) {
                inserts.rest = null;
            }
            reader.gateMayHaveMoved();
        } finally {
            if (!taken) {
                LogRing.release(message);
            }
        }
        return taken;
    }

    private boolean leaveUnbegun(Subscription cursor) {
        boolean isOurs = ring.leaveJoining(reader, cursor, true);
        if (isOurs) {
            LogReader.forget(cursor);
            reader.gateMayHaveMoved();
        }
        return isOurs;
    }

    private @Nullable Subscription join(long position, LogReceiver receiver, OverrunPolicy policy, boolean prepares) {
        Objects.requireNonNull(policy, "policy");
        Subscription cursor = new Subscription(termsFor(policy), receiver);
        if (!receiver.queue().attach(cursor)) {
            return null;
        }
        boolean joined = false;
        boolean returned = false;
        try {
            joined = ring.join(reader, cursor, position, prepares) >= 0;
            returned = true;
        } finally {
            if (!returned) {
                cursor.closing = true; // if the stack ended when it had joined, the reader finds that it is over
                reader.hasChanges = true;
            }
            if (!joined) {
                receiver.queue().detach(cursor);
            }
        }
        return joined ? cursor : null;
    }

    /** Most subscribers of a reader have one policy: they share the object that says so. */
    private Subscription.Terms termsFor(OverrunPolicy policy) {
        Subscription.Terms known = terms;
        if (known == null || known.policy() != policy) {
            known = new Subscription.Terms(reader, policy);
            terms = known;
        }
        return known;
    }

    /** The queue may have ended meanwhile, and the thread that ended it may have found no cursor to remove. */
    private @Nullable Subscription begin(Subscription cursor, boolean hasSnapshot) {
        if (cursor.receiver().queue().isClosed()) {
            if (!leaveUnbegun(cursor)) {
                cursor.close(); // the reader has adopted it, and finds that it is over
                reader.wake();
            }
            return null;
        }
        reader.hasJoined = true;
        if (hasSnapshot
                || cursor.isBehind()
                || cursor.receiver().queue().queuedMessages() > 0
                || ring.haveManyJoined(reader)) {
            reader.wake(); // or else the next append does, or the next message of the queue
        }
        return cursor;
    }
}
