/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A page that shows what a slow client does to others: nothing. One port serves the page, WebSocket at {@code /ws} and
 * server-sent events at {@code /events}.
 *
 * <p>{@code LiveServer} is what a user of the library writes; {@code World} is what it shows, and {@code Page} a client
 * that looks at it.
 */
@NullMarked
package io.sendbuffer.samples.live;

import org.jspecify.annotations.NullMarked;
