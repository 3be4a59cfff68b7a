/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.util.List;

/**
 * One line of the table. "Each" is one message to one client.
 *
 * @param name of the design
 * @param messagesPerSecond messages that reached a client, all clients together, flat out
 * @param broadcastsPerSecond messages published, flat out
 * @param cpuNanosEach CPU time of the sending threads
 * @param copiedBytesPerBroadcast bytes copied in user space for one message to all clients
 * @param garbageBytesEach heap bytes that the sending threads allocated
 * @param fixedRate messages published per second in the latency phase
 * @param atRate what the clients saw at the fixed rate
 * @param failures why this run does not count; empty if every byte arrived in order and every buffer came back
 */
record DesignResult(
        String name,
        double messagesPerSecond,
        double broadcastsPerSecond,
        double cpuNanosEach,
        double copiedBytesPerBroadcast,
        double garbageBytesEach,
        double fixedRate,
        PhaseResult atRate,
        List<String> failures) {}
