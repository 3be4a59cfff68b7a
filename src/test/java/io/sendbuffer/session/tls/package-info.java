/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Sessions over TLS, against clients of the JDK and of OpenSSL. */
@NullMarked
package io.sendbuffer.session.tls;

import org.jspecify.annotations.NullMarked;
