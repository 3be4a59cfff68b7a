/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What both the core and the sessions need, written once: not exported, and not part of the API. Knows neither of them,
 * and keeps no state that threads share.
 */
@NullMarked
package io.sendbuffer.internal;

import org.jspecify.annotations.NullMarked;
