/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The results of a run and its machine, the file that stores them, and the statistics of their samples. */
@NullMarked
package io.sendbuffer.benchmarks.result;

import org.jspecify.annotations.NullMarked;
