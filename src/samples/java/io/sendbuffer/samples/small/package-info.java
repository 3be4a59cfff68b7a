/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Two servers that are written as the guide says, each in one class of less than 150 lines: a publish and subscribe
 * server for Redis clients, and a chat for browsers. {@link io.sendbuffer.samples.pubsub} and
 * {@link io.sendbuffer.samples.live} are larger ones of their kinds.
 */
@NullMarked
package io.sendbuffer.samples.small;

import org.jspecify.annotations.NullMarked;
