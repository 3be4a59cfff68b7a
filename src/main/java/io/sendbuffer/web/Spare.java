/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.web;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Objects that cost native memory and are needed for a moment: as many of them as threads use at the same time,
 * whatever the number of clients.
 */
final class Spare<T> {
    private static final int MAX_KEPT = 16;

    private final Supplier<T> maker;
    private final Consumer<T> ender;
    private final ArrayDeque<T> idle = new ArrayDeque<>(MAX_KEPT + 1);
    private boolean closed;

    Spare(Supplier<T> maker, Consumer<T> ender) {
        this.maker = maker;
        this.ender = ender;
    }

    T take() {
        T spare;
        synchronized (idle) {
            spare = idle.pollLast();
        }
        return spare != null ? spare : maker.get();
    }

    void giveBack(T spare) {
        synchronized (idle) {
            if (!closed && idle.size() < MAX_KEPT) {
                idle.addLast(spare);
                return;
            }
        }
        ender.accept(spare);
    }

    /** Ends those that are idle; the others when they are given back. */
    void close() {
        T spare;
        synchronized (idle) {
            closed = true;
        }
        do {
            synchronized (idle) {
                spare = idle.pollLast();
            }
            if (spare != null) {
                ender.accept(spare);
            }
        } while (spare != null);
    }
}
