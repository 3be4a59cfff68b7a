/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The benchmarks: {@link io.sendbuffer.benchmarks.micro} with JMH, {@link io.sendbuffer.benchmarks.fanout} over real
 * sockets, {@link io.sendbuffer.benchmarks.latency} at fixed rates, {@link io.sendbuffer.benchmarks.memory} for memory
 * use, and {@link io.sendbuffer.benchmarks.report}, which runs a set of them, and reports which goals were met. Their
 * results are in {@link io.sendbuffer.benchmarks.result}.
 */
@NullMarked
package io.sendbuffer.benchmarks;

import org.jspecify.annotations.NullMarked;
