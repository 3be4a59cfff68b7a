/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A broadcast server for users with {@code nc}: what one types, all others see.
 *
 * <pre>{@code
 * Serve --> BroadcastServer: pool, loop, listening socket
 *                |
 *               Door --------> Client, one per connection ----> Room --------> the others
 *         (counts them,       (FrameReader: bytes to lines)  (a line becomes one SendBuffer,
 *          turns away)                                         broadcast to a SessionGroup)
 * }</pre>
 *
 * <p>Start reading at {@code Room.say}: it is what the library is for. Everything except the close runs on the loop's
 * thread, so nothing here is synchronized.
 */
@NullMarked
package io.sendbuffer.samples.serve;

import org.jspecify.annotations.NullMarked;
