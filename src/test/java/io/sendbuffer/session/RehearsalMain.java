/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Builds the first sessions of a JVM, whose error handler must get nothing. Run by {@link RehearsalTest}. */
final class RehearsalMain {
    private static final Queue<Throwable> ERRORS = new ConcurrentLinkedQueue<>();

    private RehearsalMain() {}

    public static void main(String[] args) throws Exception {
        for (String kind : args) {
            open(kind).close();
        }
        if (!ERRORS.isEmpty()) {
            throw new AssertionError(List.of(args) + " reported " + ERRORS);
        }
    }

    private static AutoCloseable open(String kind) throws Exception {
        return switch (kind) {
            case "loop" -> SendLoop.builder().errorHandler(ERRORS::add).build().start();
            case "async" -> AsyncSessions.builder().errorHandler(ERRORS::add).build();
            case "blocking" ->
                BlockingSessions.builder().errorHandler(ERRORS::add).build();
            default -> throw new IllegalArgumentException(kind);
        };
    }
}
