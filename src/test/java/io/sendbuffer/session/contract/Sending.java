/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.contract;

/** How a contract test sends to a session. */
enum Sending {
    /** By its own queue. */
    QUEUE,
    /** By a log that it subscribes to. */
    LOG,
    /** By both in turn: what arrives has the order of the calls. */
    BOTH
}
