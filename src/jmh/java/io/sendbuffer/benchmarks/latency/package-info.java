/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** From publish to receipt at fixed rates, free of coordinated omission. */
@NullMarked
package io.sendbuffer.benchmarks.latency;

import org.jspecify.annotations.NullMarked;
