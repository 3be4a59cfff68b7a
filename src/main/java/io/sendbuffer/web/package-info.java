/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * WebSocket, server-sent events and pages from memory, on one port.
 *
 * <p>A {@link io.sendbuffer.web.WebServer} is what a loop's {@code listen} takes: it answers each connection's request,
 * and hands clients to {@link io.sendbuffer.web.WebListener}s. A {@link io.sendbuffer.web.WebGroup} broadcasts to
 * clients of all kinds, each of which gets the message in its own encoding, made once for all of them.
 */
@NullMarked
package io.sendbuffer.web;

import org.jspecify.annotations.NullMarked;
