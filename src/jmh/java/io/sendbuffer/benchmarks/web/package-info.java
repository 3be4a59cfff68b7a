/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * WebSocket servers that broadcast JSON, each in a process of its own, beside the library's: the contenders, and the
 * reader, which counts whole messages and looks at each of one client.
 */
@NullMarked
package io.sendbuffer.benchmarks.web;

import org.jspecify.annotations.NullMarked;
