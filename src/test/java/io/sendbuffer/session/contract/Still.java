/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import io.sendbuffer.session.Session;

/** The peer reads nothing, so finally nothing moves. */
final class Still {
    private final Session session;
    private long seen = -1;
    private int looks;

    Still(Session session) {
        this.session = session;
    }

    boolean isReached() {
        long now = session.queuedBytes();
        looks = now == seen ? looks + 1 : 0;
        seen = now;
        return looks > 1_000;
    }
}
