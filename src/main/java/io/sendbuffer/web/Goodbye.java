/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.session.Session;

/** The last message of a session. */
final class Goodbye {
    private Goodbye() {}

    /**
     * Sends it, however full the queue is and whatever others broadcast, and closes the session gracefully. Input that
     * comes after it is read and dropped until the peer has ended too, so that no reset takes the message away.
     *
     * @param last whose reference stays with the caller
     */
    static void say(Session session, SendBuffer last) {
        session.close(last);
    }
}
