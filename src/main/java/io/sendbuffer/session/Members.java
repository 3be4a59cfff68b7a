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

    private static final VarHandle PARKED = MethodHandles.arrayElementVarHandle(long[].class);

    /** How many slots make a block, which broadcasts ask at once which of its members are parked. */
    static final int BLOCK = Long.SIZE;

    private static final int MIN_CAPACITY = 8;

    /** Below this many, empty slots are not worth a copy. */
    private static final int MIN_HOLES = 8;

    private static final @Nullable Session[] NO_SLOTS = {};
    private static final @Nullable Membership[] NO_MEMBERSHIPS = {};
    private static final long[] NO_BLOCKS = {};

    /**
     * A broadcast reads as many as {@link #countVolatile} said, plainly. Sessions, and not memberships, so that it
     * touches nothing else on its way to a session.
     */
    final @Nullable Session[] slots;

    /**
     * For each block, a bit for each member that is parked. Guarded by the group's lock; read without it as a hint that
     * there are any.
     */
    private final long[] parked;

    /** For each block, what broadcasts had for it while any was parked. Guarded likewise. */
    private final long[] skippedMessages;

    private final long[] skippedBytes;

    /** Beside the slots. Guarded by the group's lock, as all below, but for the reading of the count. */
    private final @Nullable Membership[] memberships;

    private int count;
    private int holes;
    private int holesToCompact = MIN_HOLES;

    static {
        parkFirst();
    }

    /** The heap may be full when a queue falls, and then the JVM can link nothing: all that parks is linked now. */
    private static void parkFirst() {
        try {
            Members members = new Members(1);
            RefusalEpisode episode = RefusalEpisode.ofNoGroup();
            members.park(0, episode);
            members.skip(0, 1, 1, 1);
            members.isParkedOpaque(0);
            members.hasParkedOpaque(0);
            members.unpark(0, episode);
        } catch (StackOverflowError | OutOfMemoryError e) {
            return; // a rehearsal only: thrown here, it would make the class unusable forever
        }
    }

    /** No members. */
    Members() {
        slots = NO_SLOTS;
        memberships = NO_MEMBERSHIPS;
        parked = NO_BLOCKS;
        skippedMessages = NO_BLOCKS;
        skippedBytes = NO_BLOCKS;
    }

    private Members(int capacity) {
        slots = new Session[capacity];
        memberships = new Membership[capacity];
        int blocks = (capacity + BLOCK - 1) / BLOCK;
        parked = new long[blocks];
        skippedMessages = new long[blocks];
        skippedBytes = new long[blocks];
    }

    // ---- any thread

    /** How many slots are in use, empty ones included. */
    int countVolatile() {
        return (int) COUNT.getVolatile(this);
    }

    /** A hint: whether any member of a block is parked. */
    boolean hasParkedOpaque(int block) {
        return (long) PARKED.getOpaque(parked, block) != 0;
    }

    /** A hint: whether the member is parked. */
    boolean isParkedOpaque(int slot) {
        return ((long) PARKED.getOpaque(parked, slot / BLOCK) & bit(slot)) != 0;
    }

    private static long bit(int slot) {
        return 1L << slot;
    }

    // ---- under the group's lock

    /**
     * A broadcast does not visit those members of a block that are parked: counts what they miss, in one step with the
     * look which those are.
     *
     * @param count how many slots the broadcast walks: those behind have joined since it began
     * @return a bit for each of them
     */
    long skip(int block, int count, int messages, long bytes) {
        skippedMessages[block] += messages;
        skippedBytes[block] += bytes;
        for (int slot = count; slot < (block + 1) * BLOCK && slot < this.count; slot++) {
            Membership joined = memberships[slot];
            if ((parked[block] & bit(slot)) != 0 && joined != null && joined.episode != null) {
                joined.episode.skippedMessages -= messages;
                joined.episode.skippedBytes -= bytes;
            }
        }
        return parked[block];
    }

    /** The same for one member. False if it is not parked. */
    boolean skipOne(int slot, int messages, long bytes) {
        Membership membership = memberships[slot];
        if ((parked[slot / BLOCK] & bit(slot)) == 0 || membership == null || membership.episode == null) {
            return false;
        }
        membership.episode.skippedMessages += messages;
        membership.episode.skippedBytes += bytes;
        return true;
    }

    /** Does nothing if it is parked. */
    void park(int slot, RefusalEpisode episode) {
        int block = slot / BLOCK;
        long before = parked[block];
        if ((before & bit(slot)) == 0) {
            episode.skippedMessages -= skippedMessages[block];
            episode.skippedBytes -= skippedBytes[block];
            PARKED.setOpaque(parked, block, before | bit(slot));
        }
    }

    /** Does nothing if it is not parked. The episode has what it missed. */
    void unpark(int slot, RefusalEpisode episode) {
        int block = slot / BLOCK;
        long before = parked[block];
        if ((before & bit(slot)) != 0) {
            episode.skippedMessages += skippedMessages[block];
            episode.skippedBytes += skippedBytes[block];
            PARKED.setOpaque(parked, block, before & ~bit(slot));
        }
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
        if (membership.episode != null) {
            unpark(index, membership.episode);
        }
        membership.index = Membership.NONE;
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
                if (isParkedOpaque(i) && membership.episode != null) {
                    unpark(i, membership.episode); // a broadcast that walks these here visits it
                    copy.park(last, membership.episode);
                }
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
