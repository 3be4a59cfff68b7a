/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import io.sendbuffer.Conflation;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.QueueLimits;
import java.time.Duration;
import org.agrona.ErrorHandler;

/** What all sessions of one loop, or of one set of sessions, have in common. Immutable. */
record SessionSettings(
        QueueLimits queueLimits,
        OverrunPolicy overrunPolicy,
        Conflation conflation,
        Duration closeTimeout,
        Duration writeTimeout,
        Duration connectTimeout,
        Duration readTimeout,
        Duration idleTimeout,
        Duration minFlushInterval,
        boolean pausesWhileUnwritable,
        long writeQuantum,
        int receiveBufferSize,
        int sendBufferSize,
        ErrorHandler errorHandler,
        Resources resources) {

    private static final int MAX_BYTES_OF_SHORT_WRITE = 64 << 10;

    /**
     * Hands what has no listener to the error handler: now, or, within the error handler, when that has returned. Never
     * throws: the thread that met the error has to continue.
     */
    void report(Throwable error) {
        try {
            ErrorDispatch.report(errorHandler, error);
        } catch (Throwable e) {
            return; // no stack left for the call: all that is left is to continue
        }
    }

    /**
     * These settings for channels that report a write when all of it is over: shorter writes, so that a slow peer's
     * progress shows.
     */
    SessionSettings withShortWrites() {
        int shorter = Math.min(queueLimits.maxBytesPerWrite(), MAX_BYTES_OF_SHORT_WRITE);
        return new SessionSettings(
                queueLimits.withMaxBytesPerWrite(shorter),
                overrunPolicy,
                conflation,
                closeTimeout,
                writeTimeout,
                connectTimeout,
                readTimeout,
                idleTimeout,
                minFlushInterval,
                pausesWhileUnwritable,
                writeQuantum,
                receiveBufferSize,
                sendBufferSize,
                errorHandler,
                resources);
    }
}
