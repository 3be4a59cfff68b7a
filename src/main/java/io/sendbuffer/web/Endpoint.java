/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import io.sendbuffer.SendBuffer;

/** What is at a path. */
sealed interface Endpoint {
    /**
     * A page from memory.
     *
     * @param answer the whole answer, a constant
     * @param headLength how much of it a HEAD request gets
     */
    record Page(SendBuffer answer, int headLength) implements Endpoint {}

    /** A WebSocket. */
    record Socket(WebListener.Factory listeners) implements Endpoint {}

    /** Server-sent events. */
    record Events(WebListener.Factory listeners) implements Endpoint {}
}
