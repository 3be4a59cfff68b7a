/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A subscriber of a log whose reader the test serves by hand: it flushes whenever there is news. */
final class LogClient implements LogReceiver {
    final SendQueue queue;
    final HostileChannel channel;
    final List<LogOverrunException> overruns = new ArrayList<>();
    FlushResult lastResult = FlushResult.DRAINED;
    int news;

    /** As one whose channel took nothing and has not become writable since. */
    boolean stalled;

    LogClient(HostileChannel channel) {
        this(channel, QueueLimits.DEFAULT);
    }

    LogClient(HostileChannel channel, QueueLimits limits) {
        this.channel = channel;
        this.queue = new SendQueue(limits);
    }

    @Override
    public SendQueue queue() {
        return queue;
    }

    @Override
    public void onNews() {
        news++;
        if (!stalled) {
            flush();
        }
    }

    @Override
    public void onOverrun(LogOverrunException cause) {
        overruns.add(cause);
        queue.close();
    }

    void flush() {
        lastResult = queue.flushWithLogs(channel, Long.MAX_VALUE);
    }

    /** Flushes until the queue has nothing more to write. */
    void flushAll() {
        do {
            flush();
        } while (lastResult == FlushResult.MORE || lastResult == FlushResult.BLOCKED);
    }

    String text() {
        return new String(channel.bytes(), StandardCharsets.US_ASCII);
    }
}
