/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

/** What connects a session with its peer in a contract test. */
public enum Wiring {
    TCP,
    UNIX,
    /** Over TCP. */
    TLS,
    PIPE
}
