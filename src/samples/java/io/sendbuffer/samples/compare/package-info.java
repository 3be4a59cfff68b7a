/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The same broadcast in three designs, to clients in a second process that check every byte: a copy per client, a
 * shared buffer with a write per message, a shared buffer with merged gathering writes.
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
