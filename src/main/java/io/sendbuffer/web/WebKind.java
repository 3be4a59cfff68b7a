/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

/** What kind of client it is, and so which encoding of a message it gets. */
public enum WebKind {
    /** WebSocket without compression. */
    WEB_SOCKET,

    /** WebSocket with permessage-deflate. */
    DEFLATED_WEB_SOCKET,

    /** Server-sent events: it only listens. */
    EVENTS
}
