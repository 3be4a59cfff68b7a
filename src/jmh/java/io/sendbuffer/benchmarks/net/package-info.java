/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What the benchmarks over real sockets share: the contenders, each in a server process of its own, the readers, and
 * the line protocol between their processes.
 *
 * <pre>{@code
 * FanOut, Latency --lines--> Server --> Contender --> N sockets --> Reader
 *        |                     ^                                      |
 *        |                     '---- SharedCounters (one page) <------'
 *        '------------------------------lines-------------------------'
 * }</pre>
 */
@NullMarked
package io.sendbuffer.benchmarks.net;

import org.jspecify.annotations.NullMarked;
