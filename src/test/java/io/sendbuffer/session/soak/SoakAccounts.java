/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.Await;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionInternals;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The balance of everything that was offered, over the whole run.
 *
 * <ul>
 *   <li>Each byte that was accepted, as the sends and broadcasts say, was taken by a channel, or was reported as
 *       unwritten by a session that ended: accepted = written + unwritten, exactly.
 *   <li>No message was both accepted and refused: accepted ≤ asked − refused. The difference was offered to sessions
 *       that were closed by then; a broadcast does not report how many these are.
 * </ul>
 */
final class SoakAccounts {
    /** By then, a write that was in progress at the end has long returned. */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongAdder askedMessages = new LongAdder();
    private final LongAdder acceptedMessages = new LongAdder();
    private final LongAdder acceptedBytes = new LongAdder();
    private final LongAdder refusedMessages = new LongAdder();
    private final AtomicLong writtenBytes = new AtomicLong();
    private final AtomicLong unwrittenBytes = new AtomicLong();
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();

    private record Ended(Session session, long atNanos) {}

    /** This many messages were offered, summed over the sessions, and this many accepted. */
    void offered(long asked, long accepted, long bytes) {
        askedMessages.add(asked);
        acceptedMessages.add(accepted);
        acceptedBytes.add(bytes);
    }

    /** Messages of broadcasts that were refused, as a group reports. */
    void refused(long messages) {
        refusedMessages.add(messages);
    }

    /** Adds a session that was notified of its end. */
    void ended(Session session) {
        ended.add(new Ended(session, System.nanoTime()));
    }

    /** Enters the sessions that ended long ago. Called by one thread. */
    void settle() {
        Ended first;
        while ((first = ended.peek()) != null && System.nanoTime() - first.atNanos() > SETTLED_NANOS) {
            ended.remove();
            writtenBytes.addAndGet(SessionInternals.bytesWritten(first.session()));
            unwrittenBytes.addAndGet(first.session().unwrittenBytes());
        }
    }

    /** Called when no thread sends any more and every session has ended. */
    void requireBalance(String hint) throws Exception {
        Await.until("accepted = written + unwritten, " + this, this::isBalanced);
        assertTrue(
                acceptedMessages.sum() <= askedMessages.sum() - refusedMessages.sum(),
                () -> "more were accepted than asked and not refused: " + this + hint);
    }

    private boolean isBalanced() {
        long sum = writtenBytes.get() + unwrittenBytes.get();
        for (Iterator<Ended> each = ended.iterator(); each.hasNext(); ) {
            Session session = each.next().session();
            sum += SessionInternals.bytesWritten(session) + session.unwrittenBytes();
        }
        return sum == acceptedBytes.sum();
    }

    @Override
    public String toString() {
        return String.format(
                "%,d messages asked, %,d accepted, %,d refused; %,d bytes accepted, %,d settled as written and %,d as"
                        + " unwritten",
                askedMessages.sum(),
                acceptedMessages.sum(),
                refusedMessages.sum(),
                acceptedBytes.sum(),
                writtenBytes.get(),
                unwrittenBytes.get());
    }
}
