/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

/** What kind of client it is, and so which encoding of a message it gets. */
public enum WebKind {
    /** WebSocket without compression. */
    WEB_SOCKET(0),

    /** WebSocket with permessage-deflate. */
    DEFLATED_WEB_SOCKET(1),

    /** Server-sent events: it only listens. */
    EVENTS(2);

    private static final WebKind[] ALL = values();

    static final int COUNT = ALL.length;

    /** Its number in a {@link io.sendbuffer.session.VariantGroup}. */
    final int variant;

    WebKind(int variant) {
        this.variant = variant;
    }

    static WebKind of(int variant) {
        return ALL[variant];
    }
}
