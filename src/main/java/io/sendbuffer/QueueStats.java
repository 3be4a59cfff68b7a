/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * What a queue holds, how far it is behind, and what became of all that was offered, at one moment; after its end, at
 * the end. To read it costs the senders and the drainer nothing but a moment of the queue's lock.
 *
 * @param queuedBytes bytes that wait or are being written
 * @param queuedMessages messages that wait or are being written
 * @param bytesBehind how old the oldest memory is that the queue keeps, in the currency of its pool: bytes of chunks
 *     that the pool has handed out since that memory's chunk was full. What costs where messages are shared: only the
 *     end, or the progress, of the queue that is farthest behind gives memory back. 0 while it keeps none from others
 * @param stalledNanos for how long its channel has taken nothing though something waits, in nanoseconds; 0 if it took
 *     all it was given. A queue learns that when a write returns; of a session, a write that does not return counts
 *     too, within a tenth of a second
 * @param oldestNanos an upper bound of how long the oldest message of the queue has waited, in nanoseconds: its pool
 *     handed out the memory that it lies in so long ago, so it was acquired after that; 0 if none waits. With a
 *     {@link QueueLimits#maxAge}, for a message that has come to wait since the clock looked last, no more than the
 *     time since that look. A pool whose threads fill chunks seldom makes the bound a loose one. {@link #stalledNanos}
 *     is the lower bound: the message that waits first has waited for that long at least. Of the messages of logs,
 *     {@link Subscription} says how far behind it is
 * @param writtenBytes bytes that the channel took, those of logs too
 * @param writtenMessages messages that were written to their end, notices too, without those of logs; neighbors that a
 *     batch has merged are one
 * @param refused offers that were refused, by the reason
 * @param dropped messages that the queue's policy has dropped, by the reason
 * @param droppedBytes the bytes of these
 * @param conflatedMessages messages that a newer one of the same key has replaced
 * @param conflatedMarks marks of keys that were marked already, see {@link SendQueue#conflatedMarks()}
 * @param expiredMessages messages that had waited for too long
 * @param unwrittenMessages after the end, accepted messages that were not written
 * @param unwrittenBytes the bytes of these
 * @param isWritable as {@link SendQueue#isWritable()}
 * @param isClosed as {@link SendQueue#isClosed()}
 */
public record QueueStats(
        long queuedBytes,
        int queuedMessages,
        long bytesBehind,
        long stalledNanos,
        long oldestNanos,
        long writtenBytes,
        long writtenMessages,
        RefusedOffers refused,
        DroppedMessages dropped,
        long droppedBytes,
        long conflatedMessages,
        long conflatedMarks,
        long expiredMessages,
        int unwrittenMessages,
        long unwrittenBytes,
        boolean isWritable,
        boolean isClosed) {
    /** Messages that the queue's policy has dropped: see {@link DroppedMessages#total()}. */
    public long droppedMessages() {
        return dropped.total();
    }

    /** Messages, or batches, that were refused for one of the limits: see {@link RefusedOffers#byLimits()}. */
    public long refusedMessages() {
        return refused.byLimits();
    }

    /**
     * The same, of a channel that is known to have taken nothing for this long: in the middle of a write, where the
     * queue does not see it.
     *
     * @param nanos if this is more than {@link #stalledNanos()}
     */
    public QueueStats stalledFor(long nanos) {
        return nanos <= stalledNanos
                ? this
                : new QueueStats(
                        queuedBytes,
                        queuedMessages,
                        bytesBehind,
                        nanos,
                        Math.max(nanos, oldestNanos),
                        writtenBytes,
                        writtenMessages,
                        refused,
                        dropped,
                        droppedBytes,
                        conflatedMessages,
                        conflatedMarks,
                        expiredMessages,
                        unwrittenMessages,
                        unwrittenBytes,
                        isWritable,
                        isClosed);
    }
}
