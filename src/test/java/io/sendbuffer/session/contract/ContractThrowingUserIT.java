/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.Conflation;
import io.sendbuffer.Gap;
import io.sendbuffer.OfferResult;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Await;
import io.sendbuffer.session.Faults;
import io.sendbuffer.session.HostSettings;
import io.sendbuffer.session.NumberedMessages;
import io.sendbuffer.session.PeerWire;
import io.sendbuffer.session.RecordingListener;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract of every kind of session: what a maker of notices or the listener of a watermark throws, an Error too,
 * ends that session once, with that cause, and no other.
 */
@Timeout(60)
@ParameterizedClass
@EnumSource(SessionKind.class)
class ContractThrowingUserIT extends ContractTest {
    private static final int BACKLOG = 100;
    private static final QueueLimits WATERMARKS = QueueLimits.DEFAULT.withWatermarks(8 * LENGTH, 2 * LENGTH);

    /** What the user's code throws next. */
    private volatile Throwable next = new Error("not set");

    ContractThrowingUserIT(SessionKind kind) {
        super(kind);
    }

    private static List<Throwable> thrown() {
        return List.of(
                new OutOfMemoryError("on purpose"),
                new StackOverflowError("on purpose"),
                new AssertionError("on purpose"),
                new IllegalStateException("on purpose"),
                new IOException("on purpose"));
    }

    private @Nullable SendBuffer throwing(Gap gap) {
        throw Faults.<RuntimeException>sneaky(next);
    }

    /** Has the session end with each of these, beside another one that lives. */
    private void requireEndsAlone(HostSettings settings, Ending ending) throws Exception {
        restart(settings);
        PeerWire othersWire = host.wire();
        Session other = add(othersWire, listener);
        awaitOpened();
        int number = 0;
        for (Throwable each : thrown()) {
            next = each;
            PeerWire wire = host.wire();
            RecordingListener ends = ending.listener();
            Session session = add(wire, ends);
            Await.until("it was opened", () -> ends.opened.get() == 1);
            ending.end(session, wire);
            Await.until("onClosed was called", ends::isClosed);
            assertSame(each, ends.cause);
            assertEquals(1, ends.closed.get());
            ends.requireOrder();
            assertEquals(OfferResult.CLOSED, sendOne(session, 0));

            assertEquals(OfferResult.QUEUED, sendOne(other, number));
            NumberedMessages.requireMessage(ByteBuffer.wrap(othersWire.readFully(LENGTH)), number++, LENGTH);
        }
        assertFalse(listener.isClosed());
    }

    private interface Ending {
        default RecordingListener listener() {
            return new RecordingListener();
        }

        /** Leads to the call that throws. */
        void end(Session session, PeerWire wire) throws Exception;
    }

    private OfferResult sendOne(Session session, int number) {
        try (SendBuffer message = NumberedMessages.sealed(pool, number, LENGTH)) {
            return session.send(message);
        }
    }

    private void queueOfAKey(Session session) {
        try (SendBuffer message = pool.acquire(1).putByte(1).conflate(7).seal()) {
            session.queue(message);
        }
    }

    @Test
    void shouldEndWithWhatTheMakerOfANoticeThrows() throws Exception {
        requireEndsAlone(
                new HostSettings().conflation(Conflation.inPlace().withNotice(this::throwing)), (session, wire) -> {
                    Await.until("one was replaced", () -> session.conflatedMessages() > 0, () -> queueOfAKey(session));
                    startFlush(session).get();
                });
    }

    @Test
    void shouldEndWithWhatTheMakerOfANoticeThrowsWhenItCloses() throws Exception {
        requireEndsAlone(new HostSettings().overrunPolicy(OverrunPolicy.skip(this::throwing)), (session, wire) -> {
            Await.until("one was replaced", () -> session.conflatedMessages() > 0, () -> queueOfAKey(session));
            session.close();
        });
    }

    @Test
    void shouldEndWithWhatTheListenerOfAWatermarkThrows() throws Exception {
        requireEndsAlone(new HostSettings().queueLimits(WATERMARKS), new Ending() {
            @Override
            public RecordingListener listener() {
                return new RecordingListener() {
                    @Override
                    public void onWritable(Session of, boolean isWritable) {
                        super.onWritable(of, isWritable);
                        throw Faults.<RuntimeException>sneaky(next);
                    }
                };
            }

            @Override
            public void end(Session session, PeerWire wire) throws Exception {
                fill(session);
            }
        });
    }

    @Test
    void shouldEndWithWhatTheListenerOfADrainThrows() throws Exception {
        requireEndsAlone(new HostSettings().queueLimits(WATERMARKS), new Ending() {
            @Override
            public RecordingListener listener() {
                return new RecordingListener() {
                    @Override
                    public void onDrained(Session of) {
                        super.onDrained(of);
                        throw Faults.<RuntimeException>sneaky(next);
                    }
                };
            }

            @Override
            public void end(Session session, PeerWire wire) throws Exception {
                int count = fill(session);
                Future<?> flush = startFlush(session);
                byte[] arrived = wire.readToTheEnd(count * LENGTH); // less than all where a loop drains before that
                requireTheFirst(ByteBuffer.wrap(arrived));
                flush.get();
            }
        });
    }

    /** What was drained when the listener threw: more than the watermark, whole and in order. */
    private static void requireTheFirst(ByteBuffer arrived) {
        int count = arrived.remaining() / LENGTH;
        assertTrue(count * (long) LENGTH > WATERMARKS.highWatermark(), () -> count + " messages arrived");
        for (int number = 0; number < count; number++) {
            NumberedMessages.requireMessage(arrived, number, LENGTH);
        }
    }

    /** Queues what passes the watermark, whatever a loop writes meanwhile. Returns how many were queued. */
    private int fill(Session session) {
        int count = 0;
        while (count < BACKLOG) {
            try (SendBuffer message = NumberedMessages.sealed(pool, count, LENGTH)) {
                if (session.queue(message) != OfferResult.QUEUED) {
                    return count;
                }
                count++;
            }
        }
        return count;
    }
}
