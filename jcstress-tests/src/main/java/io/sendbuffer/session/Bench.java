/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.DigitWire;
import io.sendbuffer.QueueLimits;
import io.sendbuffer.StripePool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** The real loop on a selector without file descriptors, and a pool for its messages: one for each state of a test. */
final class Bench {
    /** Bounds what a bug would make endless: no test needs this many duty cycles. */
    private static final int MAX_CYCLES = 20;

    /** Nothing is ever received, so all loops share this buffer. */
    private static final ByteBuffer RECEIVE_BUFFER = ByteBuffer.allocate(1);

    private static final SendLoop.Builder INLINE = settings(WriteMode.INLINE, Duration.ZERO);
    private static final SendLoop.Builder BY_LOOP = settings(WriteMode.LOOP, Duration.ZERO);
    private static final SendLoop.Builder FOR_ONE =
            settings(WriteMode.LOOP, Duration.ZERO).queueLimits(QueueLimits.DEFAULT.withMaxQueuedMessages(1));
    private static final SendLoop.Builder SLEEPING = settings(WriteMode.LOOP, Duration.ofSeconds(1));
    private static final SendLoop.Builder THREADLESS = settings(WriteMode.LOOP, Duration.ZERO)
            .resources(new Resources() {
                @Override
                void start(Thread thread) {
                    // It would run forever.
                }
            });

    final StripePool pool = new StripePool();
    final SpinningSelector selector = new SpinningSelector();
    final SendLoop loop;

    private Bench(SendLoop.Builder settings) {
        loop = new SendLoop(settings, "bench", selector, RECEIVE_BUFFER);
    }

    /** The sender writes. The loop's duty cycles do not block. */
    static Bench inline() {
        return new Bench(INLINE);
    }

    /** The loop writes. Its duty cycles do not block. */
    static Bench byLoop() {
        return new Bench(BY_LOOP);
    }

    /** The loop writes. A queue has room for one message. */
    static Bench withRoomForOne() {
        return new Bench(FOR_ONE);
    }

    /** A rate cap. The loop's duty cycles do not block. */
    static Bench capped(WriteMode mode, Duration interval) {
        return new Bench(settings(mode, Duration.ZERO).minFlushInterval(interval));
    }

    /** The loop writes, and sleeps with nothing to do. */
    static Bench sleeping() {
        return new Bench(SLEEPING);
    }

    /** The loop writes, and lets its sessions close for this long. Its duty cycles do not block. */
    static Bench closingWithin(Duration timeout) {
        return new Bench(settings(WriteMode.LOOP, Duration.ZERO).closeTimeout(timeout));
    }

    /** The loop can be started, but no thread runs. */
    static Bench withoutThread() {
        return new Bench(THREADLESS);
    }

    /** The loop writes. Its duty cycles do not block. Its end is reported. */
    static Bench reportingItsEnd(Runnable action) {
        return new Bench(settings(WriteMode.LOOP, Duration.ZERO).onEnded((loop, cause) -> action.run()));
    }

    private static SendLoop.Builder settings(WriteMode mode, Duration selectTime) {
        return SendLoop.builder()
                .writeMode(mode)
                .maxSelectTime(selectTime)
                .closeTimeout(Duration.ZERO) // no graceful close
                .stragglers(InlineThread::new)
                .errorHandler(error -> {}); // the outcome shows whether an error broke the invariant
    }

    /** A session that the loop has registered. */
    Session session(DigitWire wire) {
        return session(new WireChannel(wire), new Witness());
    }

    /** A session that the loop has registered. */
    Session session(SocketChannel channel, SessionListener listener) {
        Session session = added(channel, listener);
        dutyCycle();
        return session;
    }

    /** A session that waits for the loop's next duty cycle to be registered. */
    Session added(SocketChannel channel, SessionListener listener) {
        try {
            return loop.add(channel, listener);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds a session; true if the loop, which ended, refused it. */
    boolean refuses(SocketChannel channel, SessionListener listener) {
        try {
            added(channel, listener);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** Runs one duty cycle of the loop; returns the amount of work done. */
    int dutyCycle() {
        return loop.isEnded() ? 0 : loop.doWork();
    }

    /** Runs duty cycles while a session is on the list, or waits to be writable. */
    void runUntilIdle() {
        selector.makeReady(SelectionKey.OP_WRITE);
        for (int i = 0; i < MAX_CYCLES && dutyCycle() > 0; i++) {
            Thread.onSpinWait();
        }
    }
}
