/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** What every kind of session keeps: each test runs for each {@link io.sendbuffer.session.SessionKind}. */
@NullMarked
package io.sendbuffer.session.contract;

import org.jspecify.annotations.NullMarked;
