/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

import io.sendbuffer.session.SessionKind;
import java.util.Arrays;
import java.util.stream.Stream;

/** A kind of session, and how a contract test sends to it. */
record Way(SessionKind kind, Sending how) {
    /** Every kind by its queue, and those that can subscribe to a log in each other way too. */
    static Stream<Way> all() {
        return Arrays.stream(SessionKind.values()).flatMap(Way::waysOf);
    }

    private static Stream<Way> waysOf(SessionKind kind) {
        return Arrays.stream(Sending.values())
                .filter(how -> how == Sending.QUEUE || kind.isLoop())
                .map(how -> new Way(kind, how));
    }

    @Override
    public String toString() {
        return kind + " by " + how;
    }
}
