/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionGroup;
import java.net.ProtocolException;
import java.time.Duration;

/** The ends that a server chooses for its clients. */
public final class Ends {
    private final SendBufferPool pool;

    /** Creates the ends of a server that sends from this pool. */
    public Ends(SendBufferPool pool) {
        this.pool = pool;
    }

    // README: ends
    /** The last that each client gets, however far it is behind, and whatever others broadcast meanwhile. */
    public void sendAway(SessionGroup clients, String why) {
        int length = SendBuffer.utf8Length(why) + 1;
        try (SendBuffer goodbye =
                pool.acquire(length).putUtf8(why).putByte('\n').seal()) {
            clients.close(goodbye, Duration.ofSeconds(10)); // or client.close(goodbye), for one of them
        }
    }

    /** Ends at once. The listener's onClosed gets the reason. */
    public void reject(Session client, String violation) {
        client.abort(new ProtocolException(violation));
    }

    /** The client sees the end of what it asked for, and may still send. */
    public void answered(Session client) {
        client.shutdownOutput();
    }
    // README: end
}
