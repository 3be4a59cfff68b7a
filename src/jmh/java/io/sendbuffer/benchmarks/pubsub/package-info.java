/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The sample {@code pubsub} beside Redis's own server: two processes that speak the same protocol, measured by the
 * fan-out and by the job of the members that stall.
 */
@NullMarked
package io.sendbuffer.benchmarks.pubsub;

import org.jspecify.annotations.NullMarked;
