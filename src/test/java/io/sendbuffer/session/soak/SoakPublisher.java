/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A thread that appends to the logs in bursts. */
final class SoakPublisher {
    private static final int MAX_BURST = 24;
    private static final int MAX_PAUSE_MICROS = 12_000;

    private final SoakPopulation population;
    private final SplittableRandom random;

    SoakPublisher(SoakPopulation population, SplittableRandom random) {
        this.population = population;
        this.random = random;
    }

    boolean run() {
        try {
            while (population.tally.isRunning()) {
                for (int i = random.nextInt(MAX_BURST); i >= 0; i--) {
                    population.logs.append(random);
                }
                population.gate.pass();
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(1 + random.nextInt(MAX_PAUSE_MICROS)));
            }
        } catch (Throwable e) {
            population.tally.fail(new AssertionError("publisher", e));
        }
        return true;
    }
}
