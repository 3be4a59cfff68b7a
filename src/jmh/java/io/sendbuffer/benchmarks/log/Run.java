/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * An order to publish for a time.
 *
 * @param rate messages a second; 0 for as many as the readers take
 * @param millis how long
 * @param part of a tick, the CPU time of which is measured
 * @param joins how often, meanwhile, an idle session joins, and leaves when the next one has joined
 */
record Run(int rate, int millis, Part part, int joins) {
    /** Beyond its own time, for what is in flight. */
    private static final int EXTRA_SECONDS = 60;

    /** A part of a tick. Each is measured in runs of its own: what measures one would cost the other more. */
    enum Part {
        /** All of it: acquire, write, seal, append and release. */
        TICK,

        APPEND;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Run paced(int rate, int millis) {
        return new Run(rate, millis, Part.TICK, 0);
    }

    static Run flatOut(int millis) {
        return new Run(0, millis, Part.TICK, 0);
    }

    Run of(Part other) {
        return new Run(rate, millis, other, joins);
    }

    Run withJoins(int count) {
        return new Run(rate, millis, part, count);
    }

    static Run parse(Line order) {
        return new Run(
                order.number("rate"),
                order.number("millis"),
                Part.valueOf(order.text("part").toUpperCase(Locale.ROOT)),
                order.number("joins"));
    }

    Line toLine() {
        return Line.of("publish")
                .with("rate", rate)
                .with("millis", millis)
                .with("part", part)
                .with("joins", joins);
    }

    /** How long an answer may take. */
    long maxSeconds() {
        return TimeUnit.MILLISECONDS.toSeconds(millis) + EXTRA_SECONDS;
    }
}
