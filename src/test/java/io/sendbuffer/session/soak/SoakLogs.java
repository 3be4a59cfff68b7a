/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import java.util.List;
import java.util.SplittableRandom;

/** The logs of a soak: one whose subscribers are overrun, and one that they hold. */
final class SoakLogs {
    private static final int ONE_SNAPSHOT_OF = 40;

    private final SoakLog free;
    private final SoakLog held;

    SoakLogs(SoakPopulation population, SplittableRandom random) {
        this.free = new SoakLog(SoakLogFrames.LOGS, false, population, random.nextLong());
        this.held = new SoakLog(SoakLogFrames.LOGS + 1, true, population, random.nextLong());
    }

    SoakLog forPolicy(SoakSubscriber.Policy policy) {
        return policy == SoakSubscriber.Policy.HOLD ? held : free;
    }

    /** Appends to one of them, at times what a subscriber can begin with. Any thread, within callbacks too. */
    void append(SplittableRandom random) {
        SoakLog log = random.nextBoolean() ? free : held;
        log.append(random.nextInt(ONE_SNAPSHOT_OF) == 0);
    }

    void close() {
        all().forEach(SoakLog::close);
    }

    void requireNothingIsRetained() {
        all().forEach(SoakLog::requireNothingIsRetained);
    }

    private List<SoakLog> all() {
        return List.of(free, held);
    }

    @Override
    public String toString() {
        return all().toString();
    }
}
