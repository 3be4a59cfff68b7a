/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import io.sendbuffer.benchmarks.result.Result;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job with given parameters; a parameter that it does not name may have any value.
 *
 * @param suite the suite of the job
 * @param job the job
 * @param params those parameters that matter
 */
record Cell(String suite, String job, Map<String, String> params) {

    static Cell of(String suite, String job, String... namesAndValues) {
        return new Cell(suite, job, Map.of()).with(namesAndValues);
    }

    Cell with(String... namesAndValues) {
        Map<String, String> more = new TreeMap<>(params);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            more.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Cell(suite, job, more);
    }

    boolean matches(Result result) {
        return result.suite().equals(suite)
                && result.job().equals(job)
                && result.params().entrySet().containsAll(params.entrySet());
    }
}
