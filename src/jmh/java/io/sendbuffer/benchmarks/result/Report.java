/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import java.util.List;

/**
 * All that one run of the benchmarks found.
 *
 * @param machine where it was found
 * @param results in the order in which they were measured
 */
public record Report(Machine machine, List<Result> results) {
    public Report {
        results = List.copyOf(results);
    }
}
