/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Line;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One combination of parameters to measure.
 *
 * @param bytes of a message, before it is deflated
 * @param messages in a tick
 * @param window how many ticks may be in flight, the same for all: with one, all clients have received a tick before
 *     the next is sent, and none is written together with the next
 */
record WebCell(int clients, boolean deflates, int bytes, int messages, int window) {
    static final String PLAIN = "plain";
    static final String DEFLATED = "deflated";

    /** With one tick in flight. */
    WebCell(int clients, boolean deflates, int bytes, int messages) {
        this(clients, deflates, bytes, messages, 1);
    }

    Line order(long warmupMillis, long maxWarmupMillis, long measureMillis) {
        return Line.of("cell")
                .with("bytes", bytes)
                .with("messages", messages)
                .with("window", window)
                .with("warmupMs", warmupMillis)
                .with("maxWarmupMs", maxWarmupMillis)
                .with("measureMs", measureMillis);
    }

    SortedMap<String, String> params() {
        SortedMap<String, String> params = new TreeMap<>(Map.of(
                "clients", String.valueOf(clients),
                "encoding", encoding(deflates),
                "bytes", String.valueOf(bytes),
                "messages", String.valueOf(messages)));
        if (window != 1) {
            params.put("window", String.valueOf(window));
        }
        return params;
    }

    static String encoding(boolean deflates) {
        return deflates ? DEFLATED : PLAIN;
    }

    @Override
    public String toString() {
        return String.format("%,d clients, %s, %,d B × %d", clients, encoding(deflates), bytes, messages);
    }
}
