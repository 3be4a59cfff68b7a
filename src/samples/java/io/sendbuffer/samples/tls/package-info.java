/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** TLS below the sessions: an encrypting channel, built on {@code tls-channel}. */
@NullMarked
package io.sendbuffer.samples.tls;

import org.jspecify.annotations.NullMarked;
