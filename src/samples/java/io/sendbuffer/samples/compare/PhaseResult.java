/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

/**
 * What the clients measured in one phase, as one line from the second process.
 *
 * @param phase which one
 * @param messages how many checked messages all clients together received
 * @param errors how many were missing, out of order or not intact
 * @param p50Micros median time from publish to receipt, in microseconds
 * @param p99Micros the 99th percentile
 * @param p999Micros the 99.9th percentile
 */
record PhaseResult(int phase, long messages, long errors, double p50Micros, double p99Micros, double p999Micros) {
    private static final String TAG = "phase-result";

    static boolean isOne(String line) {
        return line.startsWith(TAG + " ");
    }

    static PhaseResult parse(String line) {
        String[] fields = line.split(" ", -1);
        return new PhaseResult(
                Integer.parseInt(fields[1]),
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                Double.parseDouble(fields[4]),
                Double.parseDouble(fields[5]),
                Double.parseDouble(fields[6]));
    }

    String toLine() {
        return String.join(
                " ",
                TAG,
                Integer.toString(phase),
                Long.toString(messages),
                Long.toString(errors),
                Double.toString(p50Micros),
                Double.toString(p99Micros),
                Double.toString(p999Micros));
    }
}
