/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** The examples of the README, compiled and run by a test that compares them with its text. */
@NullMarked
package io.sendbuffer.samples.readme;

import org.jspecify.annotations.NullMarked;
