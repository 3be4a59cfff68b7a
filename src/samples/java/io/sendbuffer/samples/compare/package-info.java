/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The same broadcast in six designs, to clients in a second process that check every byte: a copy per client or a
 * shared buffer, each with a write per message or a write per tick, so that the gain of coalescing and that of sharing
 * are seen apart; and a log, with an append per message or per tick.
 *
 * <pre>{@code
 * Compare --> Publisher --> BroadcastDesign --> 200 sockets --> Clients (second process) --> StreamChecker
 *    ^                                                              |
 *    '------------------ ClientProcess <-- PhaseResult lines -------'
 * }</pre>
 */
@NullMarked
package io.sendbuffer.samples.compare;

import org.jspecify.annotations.NullMarked;
