/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * What races of a log share. The actors and the arbiter are in the class of the race: jcstress looks for them nowhere
 * else.
 */
abstract class LogState {
    /** For copies of rests, of which there are none: a rest keeps its message. */
    private static final SendBufferPool NO_COPIES = closedPool();

    /** A release too many is not thrown but reported, since it is not the reader's mistake. */
    private boolean reported;

    final StripePool pool = new StripePool(16, error -> reported = true);
    final BroadcastLog log;
    final LogReader reader;
    final DigitWire wire;
    final Client client;

    /** What the actors call, if it may throw. */
    final Calls calls = new Calls();

    LogState(int maxMessages) {
        this(maxMessages, DigitWire.whole());
    }

    LogState(int maxMessages, DigitWire wire) {
        this.wire = wire;
        client = new Client(wire);
        log = BroadcastLog.builder(NO_COPIES)
                .retention(LogRetention.DEFAULT.withMaxMessages(maxMessages))
                .build();
        reader = log.newReader(this::onAppend);
    }

    private static SendBufferPool closedPool() {
        SendBufferPool pool = SendBufferPool.builder().build();
        pool.close();
        return pool;
    }

    /** An appender's wake-up of the reader. */
    void onAppend() {}

    /** A subscriber that flushes whenever there is news. */
    static final class Client implements LogReceiver {
        final SendQueue queue = new SendQueue();
        private final DigitWire wire;

        Client(DigitWire wire) {
            this.wire = wire;
        }

        @Override
        public SendQueue queue() {
            return queue;
        }

        @Override
        public void onNews() {
            queue.flushWithLogs(wire, Long.MAX_VALUE);
        }

        @Override
        public void onOverrun(LogOverrunException cause) {
            queue.close();
        }
    }

    @Nullable
    Subscription subscribe(OverrunPolicy policy) {
        return reader.subscribe(client, policy);
    }

    /** Appends a message, and releases the caller's reference; true if the log accepted it. */
    final boolean append(SendBuffer message) {
        long[] position = {-1};
        calls.run(() -> position[0] = log.append(message));
        message.release();
        return position[0] >= 0;
    }

    /** One turn of the reader's thread. */
    final void turn() {
        calls.run(() -> {
            reader.serve();
            reader.endTurn();
        });
    }

    /** Turns until nothing is left to write, and ends the subscription. For the arbiter. */
    final void finish() {
        turn();
        calls.run(client::onNews);
        turn();
        calls.run(() -> {
            client.queue.close();
            client.queue.removeSubscriptions();
            reader.endTurn();
            reader.close();
            log.close();
        });
    }

    /** What the client was written; 9 if a call threw, or an error was reported. For the arbiter, at the end. */
    final int digits() {
        return calls.threw() || reported ? 9 : (int) wire.digits();
    }
}
