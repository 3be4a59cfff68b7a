/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** Memory use, off the heap and on it; nothing here is timed. */
@NullMarked
package io.sendbuffer.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
