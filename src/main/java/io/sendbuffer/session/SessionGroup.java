package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who hears a broadcast. Members come and go while broadcasts run: each goes to those who were members when it began. A
 * session that ends leaves its groups by itself.
 *
 * <p>A broadcast costs no copy and no allocation, whatever the number of members. Adding and removing copies the list
 * of members. Safe for use by any number of threads; two broadcasts by two threads may reach two sessions in different
 * orders.
 */
public final class SessionGroup {
    private static final Session[] NOBODY = {};

    private final Object lock = new Object();

    /** Replaced under the lock, never changed. */
    private volatile Session[] members = NOBODY;

    private final @Nullable Consumer<? super Session> onRefused;

    /** Creates a group without members. Who refuses a message because its queue is full just misses it. */
    public SessionGroup() {
        onRefused = null;
    }

    /**
     * Creates a group without members.
     *
     * @param onRefused called on the broadcasting thread, under no lock, for each member whose queue was too full for a
     *     message or a batch; {@code Session::close} drops those who do not read
     */
    public SessionGroup(Consumer<? super Session> onRefused) {
        this.onRefused = onRefused;
    }

    /**
     * Adds a session.
     *
     * @return false if it is a member already, or ended
     */
    public boolean add(Session session) {
        return session.join(this);
    }

    /**
     * Removes a session. A broadcast that runs at this moment may still reach it.
     *
     * @return false if it is no member
     */
    public boolean remove(Session session) {
        return session.leave(this);
    }

    /** How many members there are. */
    public int size() {
        return members.length;
    }

    /** Calls an action for each member of this moment. */
    public void forEach(Consumer<? super Session> action) {
        for (Session member : members) {
            action.accept(member);
        }
    }

    /**
     * Sends a message to every member, as {@link Session#send} does.
     *
     * <p>All references are taken before the first member gets the message, and those of members who did not accept it
     * are given back; the caller keeps its own.
     *
     * <p>An exception of a filter, or of the group's {@code onRefused}, ends the broadcast there and is thrown: the
     * members after it do not get the message.
     *
     * @param message a sealed buffer that the caller holds a reference to
     * @return how many accepted it; the others have a full queue, or are closed
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
     * what was queued since the last one then leaves each session in one write. Otherwise as
     * {@link #broadcast(SendBuffer)}.
     */
    public int queue(SendBuffer message) {
        return handOver(message, null, false);
    }

    /** Queues a message for the members that pass a filter; see {@link #queue(SendBuffer)}. */
    public int queue(SendBuffer message, Predicate<? super Session> filter) {
        return handOver(message, filter, false);
    }

    /** Flushes every member; see {@link Session#flush()}. */
    public void flush() {
        for (Session member : members) {
            member.flush();
        }
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
        Session[] receivers = members;
        if (receivers.length == 0) {
            return 0;
        }
        batch.retain(receivers.length);
        int left = receivers.length;
        try {
            for (Session receiver : receivers) {
                if (filter != null && !filter.test(receiver)) {
                    continue;
                }
                OfferResult result = receiver.queueRetained(batch);
                if (result == OfferResult.QUEUED) {
                    left--;
                    receiver.flush();
                } else if (result == OfferResult.REFUSED && onRefused != null) {
                    onRefused.accept(receiver);
                }
            }
        } finally {
            if (left > 0) {
                batch.release(left);
            }
        }
        return receivers.length - left;
    }

    private int handOver(SendBuffer message, @Nullable Predicate<? super Session> filter, boolean flush) {
        if (!message.isSealed()) {
            throw new IllegalStateException("seal the buffer before sending it, and send it before releasing it");
        }
        Session[] receivers = members;
        if (receivers.length == 0) {
            return 0;
        }
        message.retain(receivers.length);
        int left = receivers.length;
        try {
            for (Session receiver : receivers) {
                if (filter != null && !filter.test(receiver)) {
                    continue;
                }
                OfferResult result = receiver.queueRetained(message);
                if (result == OfferResult.QUEUED) {
                    left--;
                    if (flush) {
                        receiver.flush();
                    }
                } else if (result == OfferResult.REFUSED && onRefused != null) {
                    onRefused.accept(receiver);
                }
            }
        } finally {
            if (left > 0) {
                message.release(left);
            }
        }
        return receivers.length - left;
    }

    // ---- for the session, which holds its own lock

    boolean insert(Session session) {
        synchronized (lock) {
            Session[] before = members;
            if (indexOf(session, before) >= 0) {
                return false;
            }
            Session[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = session;
            members = after;
            return true;
        }
    }

    boolean take(Session session) {
        synchronized (lock) {
            Session[] before = members;
            int index = indexOf(session, before);
            if (index < 0) {
                return false;
            }
            Session[] after = Arrays.copyOf(before, before.length - 1);
            System.arraycopy(before, index + 1, after, index, after.length - index);
            members = after;
            return true;
        }
    }

    private static int indexOf(Session session, Session[] sessions) {
        for (int i = 0; i < sessions.length; i++) {
            if (sessions[i] == session) {
                return i;
            }
        }
        return -1;
    }
}
