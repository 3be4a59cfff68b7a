/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.QueueStats;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.internal.Checks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that a broadcast goes to. Members come and go while broadcasts run. Each broadcast reaches once those
 * that are members from its beginning to its end; those that leave, or leave and come back, meanwhile, at most once;
 * and those that join meanwhile not at all. A session that ends leaves its groups by itself.
 *
 * <p>A broadcast costs no copy and no allocation, whatever the number of members, and takes no lock but that of each
 * member's queue, and the group's own for a moment, once for 64 members of which some are parked. Adding and removing
 * take constant time on average, with broadcasts running or not. Safe for use by any number of threads, and from within
 * filters and actions; two broadcasts by two threads may reach two sessions in different orders.
 *
 * <p>A member that is behind costs a broadcast next to nothing. When its queue refuses something for its limits, under
 * {@link io.sendbuffer.OverrunPolicy#hold()}, the group <em>parks</em> it: broadcasts do not offer it anything until it
 * is {@linkplain Session#isWritable() writable} again, or its limits or its policy change, or it is found with a queue
 * that is at most half full. Most of what it misses its queue would have refused; the rest, what has room before the
 * queue has fallen to its {@linkplain io.sendbuffer.QueueLimits#lowWatermark low watermark}, it misses as well. All of
 * that is counted for the {@link RefusalListener}, from the refusal on, until the member is visited again or has left.
 * What other groups and direct sends have for the session is not affected.
 *
 * <p>A group keeps its members. A session does not keep the groups that it is in: one that nothing else refers to is
 * garbage, with its listener.
 */
public final class SessionGroup {
    private final Object lock = new Object();

    /** Replaced under the lock. How it may be changed and read: see {@link Members}. */
    private volatile Members members = new Members();

    /** Written under the lock. */
    private volatile int size;

    private final @Nullable RefusalListener refusalListener;

    /** Creates a group without members. What a member with a full queue misses is not reported. */
    public SessionGroup() {
        refusalListener = null;
    }

    /**
     * Creates a group without members.
     *
     * @param refusalListener notified once when a member's queue becomes too full for a message or a batch, and once
     *     when that is over, on the thread of the session's callbacks; {@code Session::abort} drops those that do not
     *     read
     */
    public SessionGroup(RefusalListener refusalListener) {
        this.refusalListener = Objects.requireNonNull(refusalListener, "refusalListener");
    }

    /**
     * Adds a session.
     *
     * @return false if it is a member already, or ended
     */
    public boolean add(Session session) {
        return session.memberships.join(this);
    }

    /**
     * Removes a session. A broadcast that runs at this moment may still reach it.
     *
     * @return false if it is no member
     */
    public boolean remove(Session session) {
        return session.memberships.leave(this);
    }

    /**
     * The members that are farthest behind, by {@link io.sendbuffer.QueueStats#bytesBehind()} and then by what they
     * have queued, first the one that is farthest. Those that have nothing queued are left out. Walks all members, and
     * takes the lock of each one's queue for a moment: for monitoring.
     *
     * @param most how many, 0 or more
     */
    public List<Session> farthestBehind(int most) {
        Checks.inRange("most", most, 0, Integer.MAX_VALUE);
        record Behind(Session session, QueueStats stats) {}
        List<Behind> behind = new ArrayList<>();
        forEach(member -> {
            QueueStats stats = member.stats();
            if (stats.queuedMessages() > 0) {
                behind.add(new Behind(member, stats));
            }
        });
        Comparator<Behind> least = Comparator.comparingLong(each -> each.stats().bytesBehind());
        return behind.stream()
                .sorted(least.thenComparingLong(each -> each.stats().queuedBytes())
                        .reversed())
                .limit(most)
                .map(Behind::session)
                .toList();
    }

    /** How many members there are. */
    public int size() {
        return size;
    }

    /**
     * Calls an action for each member of this moment. The action may add and remove members: a session that joins
     * meanwhile is left out; one that leaves before the walk comes to it, too. On the calling thread, under no lock;
     * what it throws is thrown, and the members after it are left out.
     */
    public void forEach(Consumer<? super Session> action) {
        Members all = members;
        int count = all.countVolatile();
        for (int i = 0; i < count; i++) {
            Session member = all.slots[i];
            if (member != null) {
                action.accept(member);
            }
        }
    }

    /**
     * Sends a message to every member, as {@link Session#send} does.
     *
     * <p>All references are taken before the first member gets the message, and those of members that did not accept it
     * are released; the caller keeps its own.
     *
     * <p>A filter is asked for each member, parked or not, on the calling thread, under no lock. What it throws ends
     * the broadcast there and is thrown: the members after it do not get the message. What queueing or writing throws
     * for one member, an {@link OutOfMemoryError} for instance, ends that member's session with this cause; the members
     * after it get the message.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @return how many accepted it; the others have a full queue, are parked since they had one, or are closed
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public int broadcast(SendBuffer message) {
        return handOver(message, null, true);
    }

    /** Sends a message to the members that pass a filter; see {@link #broadcast(SendBuffer)}. */
    public int broadcast(SendBuffer message, Predicate<? super Session> filter) {
        return handOver(message, filter, true);
    }

    /**
     * Queues a message for every member without writing it: for ticks. Call {@link #flush()} at the end of the tick;
     * what was queued since the last one then leaves each session in one write, unless a loop that has something else
     * to do for the session wrote it before; see {@link Session#queue}. Otherwise as {@link #broadcast(SendBuffer)}.
     */
    public int queue(SendBuffer message) {
        return handOver(message, null, false);
    }

    /** Queues a message for the members that pass a filter; see {@link #queue(SendBuffer)}. */
    public int queue(SendBuffer message, Predicate<? super Session> filter) {
        return handOver(message, filter, false);
    }

    /**
     * Flushes every member, parked or not; see {@link Session#flush()}. What that throws for one of them ends its
     * session.
     */
    public void flush() {
        Members all = members;
        int count = all.countVolatile();
        for (int i = 0; i < count; i++) {
            Session member = all.slots[i];
            if (member != null) {
                MemberOffers.flush(member);
            }
        }
    }

    /**
     * Sends a goodbye to every member and closes it, as {@link Session#close(SendBuffer, Duration)} does: the message
     * is the last one for each, whatever is broadcast meanwhile. Does not wait. Members leave the group when they have
     * ended. What that throws for one of them ends its session.
     *
     * @param last a sealed buffer that the caller holds a reference to, and keeps it
     * @param timeout 0 to 1 day; zero aborts all, and the message is not sent
     * @return how many will be sent the message; the others close already or ended
     * @throws IllegalStateException if the buffer is not sealed, or was released for the last time
     */
    public int close(SendBuffer last, Duration timeout) {
        SessionBuilder.requireTimeout("timeout", timeout);
        if (!last.isSealed()) {
            throw new IllegalStateException("seal the buffer before sending it, and send it before releasing it");
        }
        Members all = members;
        int count = all.countVolatile();
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            Session member = all.slots[i];
            if (member != null && MemberOffers.close(member, last, timeout)) {
                accepted++;
            }
        }
        return accepted;
    }

    /**
     * The value of a key has changed: marks it for every member that has such a key, parked or not, and flushes these;
     * see {@link Session#pullFrom} and {@link Session#mark}. What that throws for one of them ends its session.
     *
     * @return how many were marked; the others have no source, or not this key, or end
     */
    public int mark(int key) {
        Checks.inRange("key", key, 0, Integer.MAX_VALUE);
        Members all = members;
        int count = all.countVolatile();
        int marked = 0;
        for (int i = 0; i < count; i++) {
            Session member = all.slots[i];
            if (member != null && MemberOffers.mark(member, key)) {
                marked++;
            }
        }
        return marked;
    }

    /**
     * Sends a batch to every member: each takes all its messages in one step and, where the broadcasting thread writes,
     * in as few writes as can be. Right for ticks: a session is visited once, not once for every message. A member that
     * has no room for the whole batch gets nothing of it. Otherwise as {@link #broadcast(SendBuffer)}.
     *
     * @throws IllegalStateException if the batch is not sealed
     */
    public int broadcast(SendBatch batch) {
        return handOver(batch, null);
    }

    /** Sends a batch to the members that pass a filter; see {@link #broadcast(SendBatch)}. */
    public int broadcast(SendBatch batch, Predicate<? super Session> filter) {
        return handOver(batch, filter);
    }

    private int handOver(SendBatch batch, @Nullable Predicate<? super Session> filter) {
        if (!batch.isSealed()) {
            throw new IllegalStateException("seal the batch before sending it");
        }
        Members receivers = members;
        int count = receivers.countVolatile();
        if (count == 0) {
            return 0;
        }
        boolean maySkip = !batch.hasAttributes(); // a full queue may have a use for them
        batch.retain(count); // for empty slots too: how many there are may change
        int left = count;
        try {
            long parked = 0; // of the slots of one block, a bit for each
            for (int i = 0; i < count; i++) {
                if (maySkip && i % Members.BLOCK == 0) {
                    parked = skip(receivers, i, count, batch.size(), batch.bytes(), filter);
                }
                Session receiver = receivers.slots[i];
                if ((parked >>> i & 1) != 0 || receiver == null) {
                    continue;
                }
                if (filter != null
                        && (!filter.test(receiver)
                                || (maySkip && skipOne(receivers, i, batch.size(), batch.bytes())))) {
                    continue;
                }
                if (MemberOffers.offer(this, receiver, batch)) {
                    left--;
                }
            }
        } finally {
            if (left > 0) {
                batch.release(left);
            }
        }
        return count - left;
    }

    private int handOver(SendBuffer message, @Nullable Predicate<? super Session> filter, boolean flush) {
        if (!message.isSealed()) {
            throw new IllegalStateException("seal the buffer before sending it, and send it before releasing it");
        }
        Members receivers = members;
        int count = receivers.countVolatile();
        if (count == 0) {
            return 0;
        }
        boolean maySkip = !message.hasAttributes(); // a full queue may have a use for it
        message.retain(count); // for empty slots too: how many there are may change
        int left = count;
        try {
            long parked = 0; // of the slots of one block, a bit for each
            for (int i = 0; i < count; i++) {
                if (maySkip && i % Members.BLOCK == 0) {
                    parked = skip(receivers, i, count, 1, message.length(), filter);
                }
                Session receiver = receivers.slots[i];
                if ((parked >>> i & 1) != 0 || receiver == null) {
                    continue;
                }
                if (filter != null
                        && (!filter.test(receiver) || (maySkip && skipOne(receivers, i, 1, message.length())))) {
                    continue;
                }
                if (MemberOffers.offer(this, receiver, message, flush)) {
                    left--;
                }
            }
        } finally {
            if (left > 0) {
                message.release(left);
            }
        }
        return count - left;
    }

    /** The members of a block that are parked, a bit for each, which is counted. With a filter it is not known yet. */
    private long skip(
            Members of, int slot, int count, int messages, long bytes, @Nullable Predicate<? super Session> filter) {
        int block = slot / Members.BLOCK;
        if (filter != null || !of.hasParkedOpaque(block)) {
            return 0;
        }
        synchronized (lock) {
            return of.skip(block, count, messages, bytes);
        }
    }

    private boolean skipOne(Members of, int slot, int messages, long bytes) {
        if (!of.isParkedOpaque(slot)) {
            return false;
        }
        synchronized (lock) {
            return of.skipOne(slot, messages, bytes);
        }
    }

    @Nullable
    RefusalListener refusalListener() {
        return refusalListener;
    }

    // ---- for the session's memberships, which hold their own lock

    void insert(Membership membership) {
        synchronized (lock) {
            Members current = members;
            if (current.isFull()) {
                current = current.copy();
                members = current; // before a call that may fail: the copy has the members' places
            }
            current.append(membership);
            size++;
        }
    }

    /** For tests: whether any of the first slots says that its member is parked. */
    boolean hasParkedOpaque() {
        return members.hasParkedOpaque(0);
    }

    /** For tests. */
    boolean isParkedOpaque(int slot) {
        return members.isParkedOpaque(slot);
    }

    /** Broadcasts need not visit this member, until it is unparked, or leaves. */
    void park(Membership membership, RefusalEpisode episode) {
        synchronized (lock) {
            members.park(membership.index, episode);
        }
    }

    /** Broadcasts visit it again, and the episode has what it missed. Does nothing if it is not parked. */
    void unpark(Membership membership, RefusalEpisode episode) {
        synchronized (lock) {
            if (membership.index != Membership.NONE) {
                members.unpark(membership.index, episode);
            }
            episode.takeSkipped();
        }
    }

    void take(Membership membership) {
        synchronized (lock) {
            Members current = members;
            current.remove(membership);
            size--;
            if (current.isSparse()) {
                try {
                    members = current.copy();
                } catch (OutOfMemoryError e) {
                    current.compactLater(); // what was to give memory back got none; the member has left all the same
                }
            }
        }
    }
}
