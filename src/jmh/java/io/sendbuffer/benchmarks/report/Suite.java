/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * A group of benchmarks that run together.
 *
 * @param name as on the command line
 * @param estimate how long it takes, for the progress that is shown
 * @param work what runs it
 */
record Suite(String name, Estimate estimate, Work work) {

    /** Estimates how long a suite takes. */
    interface Estimate {
        Duration of(SetOfRuns set) throws Exception;
    }

    /** Runs a suite. */
    interface Work {
        /**
         * Runs it.
         *
         * @param log occasionally takes a line about the progress
         */
        List<Result> run(SetOfRuns set, PrintStream log) throws Exception;
    }

    /** A suite whose time is known. */
    static Suite of(String name, Duration shortTime, Duration mediumTime, Duration fullTime, Work work) {
        return new Suite(name, set -> set.choose(shortTime, mediumTime, fullTime), work);
    }
}
