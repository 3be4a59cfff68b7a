/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.readme;

import io.sendbuffer.BroadcastLog;
import io.sendbuffer.LogRetention;
import io.sendbuffer.LogSnapshot;
import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.session.Session;
import io.sendbuffer.session.SessionListener;
import java.nio.ByteBuffer;

/** The example of the page on logs: prices for all clients, some of which come back. */
final class PriceFeed {
    // README: feed
    final SendBufferPool pool = SendBufferPool.builder().build();
    final BroadcastLog log = BroadcastLog.builder(pool)
            .history(LogRetention.DEFAULT) // for clients that come back
            .build();
    private final long[] prices = new long[100];

    /** Any thread. Under one lock with the snapshot, so that the prices and the log's tail belong together. */
    synchronized void publish(int instrument, long price) {
        try (SendBuffer message = pool.acquire(21)) {
            message.putByte('U').putLong(log.tailPosition()); // an update names its own position
            message.putInt(instrument).putLong(price);
            if (log.append(message.seal()) >= 0) {
                prices[instrument] = price;
            }
        }
    }

    private synchronized LogSnapshot snapshot() {
        SendBuffer message = pool.acquire(9 + 8 * prices.length); // not released here: its reference is handed over
        message.putByte('S').putLong(log.tailPosition() - 1); // the position of the last update that it contains
        for (long price : prices) {
            message.putLong(price);
        }
        return new LogSnapshot(message.seal(), log.tailPosition());
    }

    /** A client sends the position of the last message that it got; a new one sends -1. */
    final class Client implements SessionListener {
        @Override
        public void onReceived(Session session, ByteBuffer bytes) {
            long last = bytes.getLong(); // they may come in pieces: see FrameFormat.fixed
            if (last < 0 || session.subscribe(log, OverrunPolicy.end(), last + 1) == null) {
                session.subscribe(log, OverrunPolicy.end(), least -> snapshot()); // new, or away for too long
            }
        }
    }
    // README: end
}
