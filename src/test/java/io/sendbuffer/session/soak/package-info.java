/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/** All kinds of session at once, over real sockets, with every fault: {@link io.sendbuffer.session.soak.SoakIT}. */
@NullMarked
package io.sendbuffer.session.soak;

import org.jspecify.annotations.NullMarked;
