/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The members of a group, in slots that a broadcast walks without a lock while members come and go.
 *
 * <p>Each slot goes through three states, in one direction: not used yet, a session, empty. A slot is never used again,
 * and none moves. A group that needs room, or has too many empty slots, copies those that are left into new
 * {@link Members}, and leaves the old ones as they are to the broadcasts that still walk them.
 *
 * <p>Why a broadcast that reads the group's members, then {@link #countVolatile}, then that many slots, reaches each
 * session at most once, and once if it stays a member throughout: every change ends with a volatile write, of the count
 * or of the new members, under the group's lock.
 *
 * <ul>
 *   <li>A join, or a leave, that returned before the broadcast began made such a write before the broadcast's read, so
 *       the broadcast sees its slot.
 *   <li>A session that leaves and comes back has an empty slot and a later one. The count takes the later one in only
 *       if the broadcast read it after the write that counted it; then it sees the earlier slot empty as well.
 *   <li>In members that were replaced, slots are neither filled nor emptied any more.
 * </ul>
 */
final class Members {
    private static final VarHandle COUNT = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "count", VarHandle.class, Members.class, int.class);

    private static final VarHandle PARKED = RefusalEpisode.elementHandle();

    private static final int MIN_CAPACITY = 8;

    /** Below this many, empty slots are not worth a copy. */
    private static final int MIN_HOLES = 8;

    private static final @Nullable Session[] NO_SLOTS = {};
    private static final @Nullable Membership[] NO_MEMBERSHIPS = {};
    private static final @Nullable RefusalEpisode[] NO_EPISODES = {};

    /**
     * A broadcast reads as many as {@link #countVolatile} said, plainly. Sessions, and not memberships, so that it
     * touches nothing else on its way to a session.
     */
    final @Nullable Session[] slots;

    /**
     * Beside the slots: of a member that is perhaps parked, the episode that knows. A hint that a broadcast reads
     * before it touches the session. One that is missing costs a visit; one that is there too long, a look at the
     * episode.
     */
    private final @Nullable RefusalEpisode[] parked;

    /** Beside the slots. Guarded by the group's lock, as all below, but for the reading of the count. */
    private final @Nullable Membership[] memberships;

    private int count;
    private int holes;
    private int holesToCompact = MIN_HOLES;

    /** No members. */
    Members() {
        slots = NO_SLOTS;
        memberships = NO_MEMBERSHIPS;
        parked = NO_EPISODES;
    }

    private Members(int capacity) {
        slots = new Session[capacity];
        memberships = new Membership[capacity];
        parked = new RefusalEpisode[capacity];
    }

    // ---- any thread

    /** How many slots are in use, empty ones included. */
    int countVolatile() {
        return (int) COUNT.getVolatile(this);
    }

    @Nullable
    RefusalEpisode parkedOpaque(int slot) {
        return (RefusalEpisode) PARKED.getOpaque(parked, slot);
    }

    /** The member is not parked any more. Perhaps it is again, since this moment: then the next refusal says so. */
    void unparkOpaque(int slot) {
        PARKED.setOpaque(parked, slot, null);
    }

    // ---- under the group's lock

    void parkRelease(int slot, RefusalEpisode episode) {
        PARKED.setRelease(parked, slot, episode);
    }

    boolean isFull() {
        return count == slots.length;
    }

    /** True if enough slots are empty for a copy to pay. */
    boolean isSparse() {
        return holes >= holesToCompact && holes >= count >> 2;
    }

    /** There is no memory for a copy: asks for it again when twice as much is empty. */
    void compactLater() {
        holesToCompact = 2 * holes;
    }

    void append(Membership membership) {
        int index = count;
        membership.index = index;
        memberships[index] = membership;
        slots[index] = membership.session;
        setCountVolatile(index + 1);
    }

    void remove(Membership membership) {
        int index = membership.index;
        memberships[index] = null;
        slots[index] = null;
        unparkOpaque(index);
        holes++;
        setCountVolatile(count); // the same: it publishes the empty slot
    }

    /** New members, with room for half as many again. These here must not be changed any more. */
    Members copy() {
        int live = count - holes;
        Members copy = new Members(Math.max(MIN_CAPACITY, live + (live >> 1) + 1)); // throws before anything changed
        int last = 0;
        for (int i = 0; i < count; i++) {
            Membership membership = memberships[i];
            if (membership != null) {
                membership.index = last;
                copy.memberships[last] = membership;
                copy.slots[last] = membership.session;
                copy.parked[last] = parkedOpaque(i);
                last++;
            }
        }
        copy.setCountVolatile(last);
        return copy;
    }

    private void setCountVolatile(int value) {
        COUNT.setVolatile(this, value);
    }
}
