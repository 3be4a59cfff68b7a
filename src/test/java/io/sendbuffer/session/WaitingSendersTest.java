/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.OfferResult;
import io.sendbuffer.StackSweep;
import io.sendbuffer.Threads;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Senders that wait for room: whatever is thrown, and wherever, none is lost, and none waits for too long. */
@Timeout(60)
class WaitingSendersTest {
    private static final int SWEEPS = 12;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final WaitingSenders senders = new WaitingSenders();
    private volatile OfferResult result = OfferResult.REFUSED_MESSAGES;

    private Future<OfferResult> startToWait() throws Exception {
        Future<OfferResult> waiting = Threads.start(() -> senders.offer(() -> result, LONG));
        Await.until("it waits", () -> senders.count() == 1);
        return waiting;
    }

    private static OfferResult soon(Future<OfferResult> waiting) throws Exception {
        return waiting.get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldWakeThoughTheStackEndsWithinSignals() throws Exception {
        int overflows = 0;
        for (int i = 0; i < SWEEPS; i++) {
            result = OfferResult.REFUSED_MESSAGES;
            Future<OfferResult> waiting = startToWait();
            senders.signal(); // as below: linked first
            overflows += new StackSweep(level -> senders.signal()).run(i % 2 == 0);
            result = OfferResult.QUEUED;
            Threads.start(() -> {
                        senders.signal();
                        return true;
                    })
                    .get(20, TimeUnit.SECONDS);
            assertEquals(OfferResult.QUEUED, soon(waiting));
            assertEquals(0, senders.count());
        }
        assertTrue(overflows > SWEEPS);
    }

    @Test
    void shouldNotHurtOthersWhereTheStackEndsWhileOneWaits() throws Exception {
        int overflows = 0;
        offer(SHORT); // the JVM links what this calls, which is not to happen near the end of a stack
        for (int i = 0; i < SWEEPS; i++) {
            overflows += new StackSweep(level -> offer(SHORT)).run(i % 2 == 0);
        }
        assertTrue(overflows > SWEEPS);
        int left = senders.count();
        int errors = overflows;
        assertTrue(left <= errors, () -> left + " are left after " + errors);
        Future<OfferResult> waiting = Threads.start(() -> senders.offer(() -> result, LONG));
        Await.until("it waits", () -> senders.count() == left + 1);
        result = OfferResult.QUEUED;
        senders.signal();
        assertEquals(OfferResult.QUEUED, soon(waiting));
        assertEquals(left, senders.count());
    }

    private OfferResult offer(Duration timeout) {
        try {
            return senders.offer(() -> result, timeout);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Thrown.class,
            names = {"OUT_OF_MEMORY", "STACK_OVERFLOW", "ERROR", "UNCHECKED_EXCEPTION"})
    void shouldThrowWhatTheOfferThrowsAndForgetTheSender(Faults.Thrown kind) throws Exception {
        Throwable thrown = kind.get();
        boolean[] isFirst = {true};
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Future<Boolean> waiting = Threads.start(() -> {
            try {
                senders.offer(
                        () -> {
                            if (!isFirst[0]) {
                                throw Faults.<RuntimeException>sneaky(thrown);
                            }
                            isFirst[0] = false;
                            return OfferResult.REFUSED_MESSAGES;
                        },
                        LONG);
            } catch (Throwable e) {
                seen.set(e);
            }
            return true;
        });
        Future<OfferResult> other = Threads.start(() -> senders.offer(() -> result, LONG));
        Await.until("both wait", () -> senders.count() == 2 || seen.get() != null);
        senders.signal();
        Threads.join(waiting);
        assertSame(thrown, seen.get());
        result = OfferResult.CLOSED;
        senders.signal();
        assertEquals(OfferResult.CLOSED, soon(other));
        assertEquals(0, senders.count());
    }

    /** An Error may have cut the signal off. */
    @Test
    void shouldOfferAgainThoughNoSignalComes() throws Exception {
        Future<OfferResult> waiting = startToWait();
        result = OfferResult.QUEUED;
        assertEquals(OfferResult.QUEUED, soon(waiting));
    }

    @Test
    void shouldReturnTheLastRefusalWhenTheTimeIsOver() {
        long start = System.nanoTime();
        Duration time = Duration.ofMillis(700); // longer than one look
        assertEquals(OfferResult.REFUSED_MESSAGES, offer(time));
        long nanos = System.nanoTime() - start;
        assertTrue(nanos >= time.toNanos(), () -> nanos + " ns");
        assertEquals(0, senders.count());
    }

    @Test
    void shouldForgetASenderThatIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> senders.offer(() -> result, LONG));
        assertEquals(0, senders.count());
    }
}
