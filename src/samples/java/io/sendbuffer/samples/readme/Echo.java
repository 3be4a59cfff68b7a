/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.OfferResult;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;

/** The example of the guide that answers: each client gets back what it sends. */
final class Echo implements SessionListener {
    private final SendBufferPool pool;

    Echo(SendBufferPool pool) {
        this.pool = pool;
    }

    // README: echo
    @Override
    public void onReceived(Session session, ByteBuffer input) {
        try (SendBuffer echo = pool.tryAcquire(input.remaining())) {
            if (echo == null || session.send(echo.putBytes(input).seal()) != OfferResult.QUEUED) {
                session.close(); // the pool is exhausted, or this client does not read
            }
        }
    }
    // README: end
}
