/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** TLS below the sessions, built on {@code tls-channel}: a layer for loops, and a channel for blocking sessions. */
@NullMarked
package io.sendbuffer.samples.tls;

import org.jspecify.annotations.NullMarked;
