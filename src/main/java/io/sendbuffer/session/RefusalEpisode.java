/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What one group's messages met at one session's full queue: whether an episode is open, what it missed so far, and of
 * what the listener has to be notified. Guarded by the session's {@link Memberships}, but for one word.
 *
 * <p>That word says whether the member is parked, and counts what it misses while it is: by broadcasts that do not
 * visit it, without the lock. The thread that unparks takes the counts out in the same step, so each message is counted
 * by the word, or its broadcast finds the member not parked and visits it.
 *
 * <p>The end of an episode that was not delivered yet is taken back by the next refusal, so the listener sees a
 * beginning and an end in that order, however late it is called, and what is kept does not grow.
 */
final class RefusalEpisode {
    private static final VarHandle WORD = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "word", VarHandle.class, RefusalEpisode.class, long.class);

    // From the sign on: parked, 23 bits of messages, 40 bits of bytes.
    private static final long PARKED = Long.MIN_VALUE;
    private static final int MESSAGES_SHIFT = 40;
    private static final long MAX_MESSAGES = -1L >>> (MESSAGES_SHIFT + 1);
    private static final long MAX_BYTES = (1L << MESSAGES_SHIFT) - 1;

    /** A call to make, or two. */
    record Notice(RefusalListener listener, boolean isBeginning, boolean isEnd, long missedMessages, long missedBytes) {
        void deliverTo(Session session) {
            try {
                if (isBeginning) {
                    listener.onRefused(session);
                }
            } finally {
                if (isEnd) {
                    listener.onRefusalsEnded(session, missedMessages, missedBytes);
                }
            }
        }
    }

    /** Weak, as a session keeps no group alive. */
    private final WeakReference<SessionGroup> group;

    /** Set while something is due: what happened is delivered, also if the group is dropped meanwhile. */
    private @Nullable RefusalListener listener;

    // The places in the lists of Refusals, which alone uses them.
    @Nullable
    RefusalEpisode olderOpen;

    @Nullable
    RefusalEpisode newerOpen;

    @Nullable
    RefusalEpisode nextDue;

    /** 0: the member is not parked. */
    @SuppressWarnings("unused")
    private long word;

    private boolean open;
    private boolean beginningDue;
    private boolean endDue;
    private long missedMessages;
    private long missedBytes;

    static {
        parkFirst();
    }

    /** The heap may be full when a queue falls, and then the JVM can link nothing: all that parks is linked now. */
    private static void parkFirst() {
        try {
            RefusalEpisode parked = new RefusalEpisode(new WeakReference<>(null));
            parked.parkVolatile();
            parked.casMissed(1, 1);
            parked.missed(1, 1);
            parked.unparkVolatile();
        } catch (StackOverflowError | OutOfMemoryError e) {
            return; // a rehearsal only: thrown here, it would make the class unusable forever
        }
    }

    RefusalEpisode(SessionGroup group) {
        this(new WeakReference<>(group));
    }

    private RefusalEpisode(WeakReference<SessionGroup> group) {
        this.group = group;
    }

    /** Of an array of episodes. To ask for it initializes this class, so that the first refusal need not. */
    static VarHandle elementHandle() {
        return MethodHandles.arrayElementVarHandle(RefusalEpisode[].class);
    }

    boolean isOpen() {
        return open;
    }

    /** No listener has to be notified, now or later: all have dropped the group, and with it its listener. */
    boolean hasNoListener() {
        return listener == null && group.refersTo(null);
    }

    /** True if it waits to be taken: once it has something to be notified of, until then. */
    boolean isDue() {
        return listener != null;
    }

    // ---- being parked

    /** Does nothing if it is parked. */
    void parkVolatile() {
        WORD.getAndBitwiseOr(this, PARKED);
    }

    void unparkVolatile() {
        takeCounts(0);
    }

    /**
     * Counts what the member misses. Any thread, without the lock.
     *
     * @return false if the member is not parked, or the word has no room: {@link #missed} knows
     */
    boolean casMissed(int messages, long bytes) {
        long before = (long) WORD.getOpaque(this);
        while (before != 0 && messages <= MAX_MESSAGES - messagesOf(before) && bytes <= MAX_BYTES - bytesOf(before)) {
            long after = before + ((long) messages << MESSAGES_SHIFT) + bytes;
            long found = (long) WORD.compareAndExchange(this, before, after);
            if (found == before) {
                return true;
            }
            before = found;
        }
        return false;
    }

    /** The same under the lock, however much it is. False: the member is not parked. */
    boolean missed(int messages, long bytes) {
        if ((long) WORD.getVolatile(this) == 0) {
            return false;
        }
        takeCounts(PARKED);
        missedMessages += messages;
        missedBytes += bytes;
        return true;
    }

    /** The stack may end at a call: none comes between the step that takes the counts and those that keep them. */
    private void takeCounts(long successor) {
        long taken = (long) WORD.getAndSet(this, successor);
        missedMessages += taken >>> MESSAGES_SHIFT & MAX_MESSAGES;
        missedBytes += taken & MAX_BYTES;
    }

    private static long messagesOf(long word) {
        return word >>> MESSAGES_SHIFT & MAX_MESSAGES;
    }

    private static long bytesOf(long word) {
        return word & MAX_BYTES;
    }

    // ---- the episode

    /** Counts what was refused, and opens the episode if it is not open. */
    void refused(@Nullable RefusalListener notified, int messages, long bytes) {
        missedMessages += messages;
        missedBytes += bytes;
        if (open) {
            return;
        }
        open = true;
        listener = notified;
        if (endDue) {
            endDue = false; // not delivered yet: the episode continues
        } else {
            beginningDue = notified != null;
        }
    }

    /** Closes the episode if it is open. The member is not parked any more. */
    void end() {
        if (!open) {
            return;
        }
        unparkVolatile();
        open = false;
        SessionGroup alive = group.get();
        if (alive != null) {
            listener = alive.refusalListener();
        }
        if (listener == null) {
            forget();
        } else {
            endDue = true;
        }
    }

    /** Takes what is due; null if nothing is. */
    @Nullable
    Notice takeNotice() {
        RefusalListener notified = listener;
        listener = null;
        if (notified == null || !(beginningDue || endDue)) {
            return null; // the end was taken back
        }
        Notice notice = new Notice(notified, beginningDue, endDue, missedMessages, missedBytes);
        beginningDue = false;
        if (endDue) {
            endDue = false;
            forget();
        }
        return notice;
    }

    private void forget() {
        missedMessages = 0;
        missedBytes = 0;
    }
}
