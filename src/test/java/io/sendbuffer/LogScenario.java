/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static io.sendbuffer.FullHeapSweep.require;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link LogStep} works on: a log, and peers of which each knows what it has to get. */
final class LogScenario {
    private static final int RETAINED = 32;

    final SendBufferPool pool =
            Pools.track(SendBufferPool.builder().errorHandler(error -> {}).build());
    final BroadcastLog log;
    final LogReader reader;
    final List<LogPeer> peers = new ArrayList<>(16);
    private final SendBuffer[] messages = new SendBuffer[26];

    private @Nullable Throwable lastError;

    /** Set when anything of the step failed for want of memory. */
    boolean failed;

    LogScenario() {
        log = BroadcastLog.builder(pool)
                .retention(LogRetention.DEFAULT.withMaxMessages(RETAINED))
                .errorHandler(this::onError)
                .build();
        reader = log.newReader(() -> {});
        for (int i = 0; i < messages.length; i++) {
            messages[i] = pool.acquire(1).putByte((byte) ('a' + i)).seal();
        }
    }

    private void onError(Throwable error) {
        lastError = error;
        failed |= error instanceof OutOfMemoryError;
    }

    LogPeer peer() {
        LogPeer peer = new LogPeer();
        peers.add(peer);
        return peer;
    }

    LogPeer subscriber(OverrunPolicy policy) {
        LogPeer peer = peer();
        peer.isSubscribed = reader.subscribe(peer, policy) != null;
        require(peer.isSubscribed, "it subscribed");
        serve(1);
        return peer;
    }

    /** To be expected by all subscribers, unless it throws. */
    void append(int count) {
        for (int i = 0; i < count; i++) {
            appendLetter(i % messages.length);
        }
    }

    private void appendLetter(int index) {
        if (log.append(messages[index]) < 0) {
            failed = true;
            return;
        }
        char letter = (char) ('a' + index);
        for (int i = 0; i < peers.size(); i++) { // an iterator needs memory
            if (peers.get(i).isSubscribed) {
                peers.get(i).expected.append(letter);
            }
        }
    }

    void append(String text) {
        try (SendBuffer message = pool.acquire(text.length()).putAscii(text).seal()) {
            require(log.append(message) >= 0, "it was appended");
        }
        peers.forEach(peer -> peer.expected.append(peer.isSubscribed ? text : ""));
    }

    void send(LogPeer peer, int count) {
        for (int i = 0; i < count; i++) {
            if (peer.queue.offer(messages[i]) == OfferResult.QUEUED) {
                peer.expected.append((char) ('a' + i));
            } else {
                failed = true;
            }
        }
    }

    /** As a loop does, which removes the subscriptions of a queue that ended. */
    void serve(int times) {
        for (int i = 0; i < times; i++) {
            reader.serve();
            for (int k = 0; k < peers.size(); k++) {
                if (peers.get(k).queue.isClosed()) {
                    peers.get(k).queue.removeSubscriptions();
                }
            }
            reader.endTurn();
        }
    }

    /** With memory again: a peer gets all of what it has to get, or its queue has ended and it got the first of it. */
    void requireContinues() {
        boolean failedBefore = failed;
        for (LogPeer peer : peers) {
            peer.isStalled = false;
            peer.maxPerCall = Integer.MAX_VALUE;
        }
        serve(4);
        failed = false;
        for (int i = 0; i < 3; i++) {
            append(RETAINED - 2); // a cursor that is left behind would have it refused
            serve(4);
        }
        require(!failed, "refused, or failed again: " + lastError + ", " + log);
        failed = failedBefore;
        for (LogPeer peer : peers) {
            String expected = peer.expected.toString();
            String text = peer.text();
            if (peer.queue.isClosed()) {
                failed = true;
                require(expected.startsWith(text), text + " does not begin " + expected);
            } else {
                require(expected.equals(text), text + " instead of " + expected);
            }
        }
    }

    /** Ends everything: nothing is outstanding. */
    void close() {
        peers.forEach(peer -> peer.queue.close());
        reader.close();
        log.close();
        for (SendBuffer message : messages) {
            message.release();
        }
        PoolStats stats = pool.stats();
        require(stats.outstandingBuffers() == 0, "lost: " + stats);
        Pools.forget(pool);
        pool.close();
    }
}
