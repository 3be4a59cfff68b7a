/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.LogOverrunException;
import io.sendbuffer.SlowConsumerException;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Checks whether the end of a session is explained by what the run did to it. Used when the stream is over, too. */
final class SoakVerdict {
    private final SoakSession session;
    private final SoakEnd end;

    SoakVerdict(SoakSession session) {
        this.session = session;
        this.end = session.end;
    }

    void requireGoodEnd(@Nullable Throwable why) {
        if (session.subscriber != null) {
            session.subscriber.requireGoodStart();
        }
        if (why == null) {
            if (!session.aborted && !session.wasNotMade()) {
                requireComplete();
            }
        } else if (why instanceof EOFException) {
            require(end.peerEndedItsOutput(), "the peer did not end its output");
        } else if (why instanceof SocketTimeoutException) {
            require(
                    session.hasLittleTimeToClose || session.wasFailing || !end.wasReadingAllTheTime(),
                    "the peer was reading all the time");
        } else if (why instanceof SlowConsumerException) {
            requireSlow();
        } else if (why instanceof LogOverrunException overrun) {
            requireOverrun(overrun);
        } else if (why instanceof ClosedByInterruptException) {
            require(session.host.waits() || session.isInterrupted, "no thread waits here that an interrupt could hit");
        } else if (why instanceof ClosedChannelException) {
            // The clock checks twice whether the channel is open, and counts one that throws as closed. And if a
            // callback leaves its thread interrupted, and that thread then reads, the JDK closes the channel under the
            // thread that writes.
            require(
                    session.timesThrown(SoakFault.CHANNEL_IS_OPEN_THROWS) >= 2 || session.isInterrupted,
                    "nothing else closed the channel");
        } else if (SoakErrors.isOfThreads(why)) {
            require(!session.wasOpened(), "it had its threads");
        } else if (session.isExplained(why) || session.host.killed(why)) {
            return;
        } else {
            require(why instanceof IOException, "an unexpected cause");
            require(end.peerLeft(), "the peer was there");
        }
    }

    /**
     * The pool is so small that it is exhausted while a peer stalls: then a session that is behind ends, and no other.
     */
    private void requireSlow() {
        session.host.tally.shed.increment();
        if (session.unwrittenMessages == 0) {
            session.host.tally.shedTooLate.increment(); // the rest was written at that very moment
        }
        if (!session.laggedLately && !session.wasFailing) {
            // Its peer took all there was: then its writing thread had no processor for a while, which is rare.
            require(session.wasSilentLately, "ended as slow, though its peer kept taking all there was");
            session.host.tally.shedStarved.increment();
        }
    }

    private void requireOverrun(LogOverrunException why) {
        SoakSubscriber subscriber = session.subscriber;
        if (subscriber == null) {
            throw new AssertionError("overrun though it subscribes to no log");
        }
        subscriber.requireEnd(why);
    }

    private void requireComplete() {
        if (end.peerLeft() || (end.sawReset() && end.peerTalked())) {
            return; // what the peer did not take, or what TCP discarded because of bytes that came after the close
        }
        require(!end.sawReset(), "the peer saw a reset after a graceful close");
        require(session.stream.isAtBorder(), "the last message is incomplete");
        session.expectation.requireNothingLeft();
        if (session.subscriber != null) {
            session.subscriber.requireComplete();
        }
        session.host.tally.complete.increment();
    }

    private static void require(boolean kept, String rule) {
        if (!kept) {
            throw new AssertionError(rule);
        }
    }
}
