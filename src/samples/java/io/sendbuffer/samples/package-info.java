/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What the runnable samples share. */
@NullMarked
package io.sendbuffer.samples;

import org.jspecify.annotations.NullMarked;
