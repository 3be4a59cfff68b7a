/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBatch;
import io.sendbuffer.SendBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a broadcast does at one member of its group. Whatever that throws ends this member, and those after it are
 * served.
 *
 * <p>A member whose full queue refuses is <em>parked</em>: broadcasts only count what it misses, until its queue is
 * writable again. Before its offer the broadcast looks at how often the session was unparked; the refusal parks only if
 * that has not changed since. So what the queue said is still true, or the unpark is yet to come: a fall, other limits
 * or another policy that came before the offer were seen by it, and what comes later unparks. The thread that saw the
 * queue fall unparks only when it has left the queue's lock; a thread that sees the session writable before that does
 * it as well.
 *
 * <p>A message with attributes is offered to parked members as well, and parks none: there may be a reserve for it, or
 * an older message that it replaces.
 */
final class MemberOffers {
    private MemberOffers() {}

    /** Offers a message with a reference that was taken for the member. True if that is the member's now. */
    static boolean offer(SessionGroup group, Session receiver, SendBuffer message, boolean flush) {
        int unparks = receiver.unparksVolatile();
        OfferResult result = offer(receiver, message);
        if (result == OfferResult.QUEUED) {
            accepted(receiver, 1, message.length(), flush);
            return true;
        }
        if (isMissed(result)) {
            boolean parks = !message.hasAttributes() && parks(receiver, result);
            refused(group, receiver, parks, unparks, 1, message.length());
        }
        return false;
    }

    /** Offers a batch likewise. */
    static boolean offer(SessionGroup group, Session receiver, SendBatch batch) {
        int unparks = receiver.unparksVolatile();
        OfferResult result = offer(receiver, batch);
        if (result == OfferResult.QUEUED) {
            accepted(receiver, batch.size(), batch.bytes(), true);
            return true;
        }
        if (isMissed(result)) {
            boolean parks = !batch.hasAttributes() && parks(receiver, result);
            refused(group, receiver, parks, unparks, batch.size(), batch.bytes());
        }
        return false;
    }

    private static OfferResult offer(Session receiver, SendBuffer message) {
        try {
            return receiver.queueRetained(message);
        } catch (Throwable e) {
            return failed(receiver, e);
        }
    }

    private static OfferResult offer(Session receiver, SendBatch batch) {
        try {
            return receiver.queueRetained(batch);
        } catch (Throwable e) {
            return failed(receiver, e);
        }
    }

    /**
     * A queue that throws has taken no reference; only where the stack ended, that is not known, and a reference that
     * is never released is better than memory that is freed in use.
     */
    private static OfferResult failed(Session receiver, Throwable thrown) {
        end(receiver, thrown);
        return thrown instanceof StackOverflowError ? OfferResult.QUEUED : OfferResult.CLOSED;
    }

    static void flush(Session member) {
        try {
            member.flush();
        } catch (Throwable e) {
            end(member, e);
        }
    }

    /** The value of a key has changed. False if the member knows no such key, or ends. */
    static boolean mark(Session member, int key) {
        try {
            return member.queue.hasKey(key) && member.mark(key);
        } catch (Throwable e) {
            end(member, e);
            return false;
        }
    }

    /** Closes with a goodbye. False if the member closes already, or ended. */
    static boolean close(Session member, SendBuffer last, Duration timeout) {
        try {
            return member.close(last, timeout);
        } catch (Throwable e) {
            end(member, e);
            return false;
        }
    }

    // ---- accepted

    private static void accepted(Session receiver, int messages, long bytes, boolean flush) {
        if (receiver.refusingOpaque()) {
            endEpisodesIfCaughtUp(receiver, messages, bytes);
        }
        if (flush) {
            flush(receiver);
        }
    }

    /** An episode of refusals is open, and the queue has accepted something: was it at most half full before? */
    private static void endEpisodesIfCaughtUp(Session receiver, int messages, long bytes) {
        try {
            QueueLimits limits = receiver.queueLimits();
            if (receiver.queuedBytes() - bytes <= limits.maxQueuedBytes() / 2
                    && receiver.queuedMessages() - messages <= limits.maxQueuedMessages() / 2) {
                receiver.memberships.caughtUp();
            }
        } catch (Throwable e) {
            end(receiver, e);
        }
    }

    // ---- refused, and parked

    /** An expendable message that is refused is no loss. */
    private static boolean isMissed(OfferResult result) {
        return result.isRefused() && result != OfferResult.REFUSED_EXPENDABLE;
    }

    /**
     * A queue that drops, or ends, when it is full is no reason to park; nor is a full heap, of which no fall comes.
     */
    private static boolean parks(Session receiver, OfferResult refusal) {
        return refusal != OfferResult.REFUSED_HEAP && receiver.overrunPolicy() == OverrunPolicy.hold();
    }

    private static void refused(
            SessionGroup group, Session receiver, boolean parks, int unparks, int messages, long bytes) {
        RefusalListener listener = group.refusalListener();
        try {
            if (parks) {
                receiver.memberships.refusedFully(group, listener, messages, bytes, unparks);
            } else if (listener != null) {
                receiver.memberships.refused(group, listener, messages, bytes);
            }
        } catch (OutOfMemoryError e) {
            if (listener != null) {
                end(receiver, e);
            }
        } catch (Throwable e) {
            end(receiver, e);
        }
    }

    private static void end(Session member, @Nullable Throwable cause) {
        try {
            member.end(cause);
        } catch (Throwable e) {
            member.settings.report(e);
        }
    }
}
