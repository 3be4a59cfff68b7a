/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.SendBatch;
import io.sendbuffer.internal.Checks;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that get the same messages, each in the encoding that it understands: a {@link SessionGroup} for each
 * variant. What is sent to it is encoded once for each variant that has members; see {@link Variants}.
 *
 * <p>Thread-safe, as groups are. A session leaves by itself when it ends.
 */
public final class VariantGroup {
    private final SessionGroup[] groups;

    /**
     * Creates a group without members.
     *
     * @param count how many variants there are, 1 to 256
     */
    public VariantGroup(int count) {
        this(count, null);
    }

    /**
     * Creates a group without members.
     *
     * @param count how many variants there are, 1 to 256
     * @param refusalListener called as {@link SessionGroup#SessionGroup(RefusalListener)} says; null for none
     */
    public VariantGroup(int count, @Nullable RefusalListener refusalListener) {
        Checks.inRange("count", count, 1, Variants.MAX);
        this.groups = new SessionGroup[count];
        for (int i = 0; i < count; i++) {
            groups[i] = refusalListener == null ? new SessionGroup() : new SessionGroup(refusalListener);
        }
    }

    /** How many variants there are. */
    public int count() {
        return groups.length;
    }

    /**
     * Adds a session, or changes its variant. A broadcast at the moment of a change may reach it in neither.
     *
     * @param variant 0 to {@link #count()} - 1
     * @return false if it is a member with this variant already, or ended
     */
    public synchronized boolean add(Session session, int variant) {
        Objects.checkIndex(variant, groups.length);
        for (int i = 0; i < groups.length; i++) {
            if (i != variant) {
                groups[i].remove(session);
            }
        }
        return groups[variant].add(session);
    }

    /**
     * Removes a session, whatever its variant.
     *
     * @return false if it is no member
     */
    public synchronized boolean remove(Session session) {
        boolean removed = false;
        for (SessionGroup group : groups) {
            removed |= group.remove(session);
        }
        return removed;
    }

    /** How many members there are, of all variants. */
    public int size() {
        int size = 0;
        for (SessionGroup group : groups) {
            size += group.size();
        }
        return size;
    }

    /** The members with one variant: to send them what is encoded already, or to look at their queues. */
    public SessionGroup members(int variant) {
        return groups[Objects.checkIndex(variant, groups.length)];
    }

    /**
     * Sends messages to every member in its variant. Each member takes all of them in one step, or nothing; see
     * {@link SessionGroup#broadcast(SendBatch)}, also for what it throws. If an encoder throws, members with the
     * variants before that one have the messages.
     *
     * @return how many accepted them; a member with a variant that has none of them accepts nothing
     */
    public int broadcast(Variants messages) {
        return handOver(messages, null);
    }

    /**
     * Sends messages to the members that pass a filter; see {@link #broadcast(Variants)}, and
     * {@link SessionGroup#broadcast(SendBuffer)} about filters. They are encoded for each variant that has members,
     * whether or not one of these passes.
     */
    public int broadcast(Variants messages, Predicate<? super Session> filter) {
        return handOver(messages, Objects.requireNonNull(filter, "filter"));
    }

    private int handOver(Variants messages, @Nullable Predicate<? super Session> filter) {
        if (messages.count() != groups.length) {
            throw new IllegalArgumentException(
                    "messages of " + messages.count() + " variants for a group of " + groups.length);
        }
        int accepted = 0;
        for (int i = 0; i < groups.length; i++) {
            SessionGroup group = groups[i];
            if (group.size() > 0) {
                SendBatch batch = messages.batch(i);
                if (!batch.isEmpty()) {
                    accepted += filter == null ? group.broadcast(batch) : group.broadcast(batch, filter);
                }
            }
        }
        return accepted;
    }
}
