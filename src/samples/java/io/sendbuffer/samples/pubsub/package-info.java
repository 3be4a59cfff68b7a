/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A server that speaks the publish and subscribe part of the Redis protocol (RESP2): clients of any language can use
 * it. It shows limits of a class of clients that change while they are connected.
 *
 * <pre>{@code
 * mvn -q test-compile exec:exec@pubsub -Dargs="--port 6380"
 * redis-cli -p 6380 subscribe news
 * redis-cli -p 6380 publish news hello
 * redis-cli -p 6380 config set client-output-buffer-limit "pubsub 32mb 8mb 60"
 * }</pre>
 */
@NullMarked
package io.sendbuffer.samples.pubsub;

import org.jspecify.annotations.NullMarked;
