/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * A subscriber of a {@link BroadcastLog}. Called by the thread that serves its {@link LogReader}, under no lock of this
 * library.
 */
public interface LogReceiver {
    /** The subscriber's queue, always the same: the log's messages and the queue's own leave it in one order. */
    SendQueue queue();

    /**
     * The log has something for this subscriber: see to {@link SendQueue#flushWithLogs}, now or later. Called for each
     * subscriber that is behind, each time the reader is served; so a receiver whose channel takes nothing should do
     * nothing. What this throws goes to the error handler of the log.
     */
    void onNews();

    /**
     * The subscriber fell behind the retention, and its policy is to end: close its queue, and its channel. Not called
     * where a flush finds it out, which ends the queue with this cause. What this throws is reported likewise.
     */
    void onOverrun(LogOverrunException cause);
}
