/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * TLS 1.3 on a loop beside the blocking way and beside Netty's {@code SslHandler}, all with the JDK's engine and the
 * same ciphers. The clients are of one process, and check each byte.
 */
@NullMarked
package io.sendbuffer.benchmarks.tls;

import org.jspecify.annotations.NullMarked;
