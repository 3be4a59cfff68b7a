/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long a race in process continues: for its iterations, and then until it has enough samples or its time is up.
 *
 * @param iterations that it does in any case
 * @param enoughSamples for which it continues
 * @param limitSeconds after which it does not continue
 */
record Pace(int iterations, long enoughSamples, int limitSeconds) {
    private static final String UNTIL = "--until";

    /** The arguments of {@link InProcessRun} for a race that continues. */
    static List<String> until(long enoughSamples, int limitSeconds) {
        return List.of(UNTIL, Long.toString(enoughSamples), Integer.toString(limitSeconds));
    }

    /** Removes the arguments that are this pace's own from those of the runner, and returns them. */
    static List<String> takenFrom(List<String> args) {
        int option = args.indexOf(UNTIL);
        if (option < 0) {
            return until(0, 0);
        }
        List<String> own = args.subList(option, option + 3);
        List<String> taken = List.copyOf(own);
        own.clear();
        return taken;
    }

    static Pace of(int iterations, List<String> until) {
        return new Pace(iterations, Long.parseLong(until.get(1)), Integer.parseInt(until.get(2)));
    }

    /** The same iterations, after which no race continues. */
    Pace withoutMore() {
        return new Pace(iterations, 0, 0);
    }

    boolean wantsMore(int done, long samples, long nanos) {
        return done < iterations || samples < enoughSamples && nanos < TimeUnit.SECONDS.toNanos(limitSeconds);
    }
}
