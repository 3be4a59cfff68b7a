/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What the fuzz tests of several packages share. */
@NullMarked
package io.sendbuffer.fuzz;

import org.jspecify.annotations.NullMarked;
