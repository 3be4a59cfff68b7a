/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** One server process, one process that reads and discards, many connections: the cost of a message to its sender. */
@NullMarked
package io.sendbuffer.benchmarks.fanout;

import org.jspecify.annotations.NullMarked;
