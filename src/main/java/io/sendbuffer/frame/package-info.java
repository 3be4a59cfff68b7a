/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Takes frames out of received bytes, however these were cut: length-prefixed, delimited, or of a fixed length.
 *
 * <p>A {@link io.sendbuffer.frame.FrameFormat} says where frames end; each connection has a
 * {@link io.sendbuffer.frame.FrameReader} of that format, which is fed with the {@link java.nio.ByteBuffer}s that its
 * channel gives. The package depends on the core alone: it serves an event loop of your own as it serves a session.
 */
@NullMarked
package io.sendbuffer.frame;

import org.jspecify.annotations.NullMarked;
