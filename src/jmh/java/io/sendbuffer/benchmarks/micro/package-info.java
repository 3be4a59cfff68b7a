/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Microbenchmarks: the cost of one operation, compared with the pools and buffers in common use. */
@NullMarked
package io.sendbuffer.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
