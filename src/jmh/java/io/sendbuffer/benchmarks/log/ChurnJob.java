/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Turns;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What joins and leaves cost the loop while it writes to subscribers that stay: its CPU time, less that of a slice as
 * long without them. The two alternate in one server.
 */
final class ChurnJob {
    static final String NAME = "churn";

    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MIN_PART = 0.5;
    private static final boolean STILL = false;
    private static final boolean CHURNS = true;

    private final ChurnSettings settings;
    private final LogMeasurements measurements = new LogMeasurements(NAME);
    private double stillNanos;
    private double churnNanos;
    private long joined;

    private ChurnJob(ChurnSettings settings) {
        this.settings = settings;
    }

    static List<Result> run(ChurnSettings settings, PrintStream progress) throws IOException, InterruptedException {
        ChurnJob job = new ChurnJob(settings);
        try (LogPairs pairs = LogPairs.start(List.of(job.setup()))) {
            LogPair pair = pairs.inTurn(1).get(0);
            job.slices(pair);
            pairs.end();
        }
        progress.printf(
                Locale.ROOT,
                "churn: %,d joins and leaves; the loop's CPU time: %,.0f ms with them, %,.0f ms without%n",
                job.joined,
                job.churnNanos / NANOS_PER_MILLI,
                job.stillNanos / NANOS_PER_MILLI);
        return job.measurements.results();
    }

    private Setup setup() {
        return new Setup(
                Setup.LOG,
                "hold",
                settings.subscribers(),
                settings.idle(),
                Setup.Role.IDLE,
                0,
                settings.bytes(),
                8 << 20,
                0);
    }

    private void slices(LogPair pair) throws IOException, InterruptedException {
        Run warmup = Run.paced(settings.rate(), settings.warmupMillis());
        pair.publish(warmup);
        pair.publish(warmup.withJoins(settings.sliceJoins()));
        for (int slice = 1; slice <= settings.slices(); slice++) {
            double still = 0;
            double churn = 0;
            long joins = 0;
            for (boolean churns : Turns.order(List.of(STILL, CHURNS), slice)) {
                Line answer = pair.publish(run(churns));
                if (churns) {
                    churn = answer.real("loop");
                    joins = requireEnough(answer.longNumber("joins"));
                } else {
                    still = answer.real("loop");
                }
            }
            add(still, churn, joins);
        }
    }

    private Run run(boolean churns) {
        Run run = Run.paced(settings.rate(), settings.sliceMillis());
        return churns ? run.withJoins(settings.sliceJoins()) : run;
    }

    private long requireEnough(long joins) throws IOException {
        if (joins < MIN_PART * settings.sliceJoins()) {
            throw new IOException("only " + joins + " of " + settings.sliceJoins() + " joins within a slice");
        }
        return joins;
    }

    private void add(double still, double churn, long joins) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("bytes", String.valueOf(settings.bytes()));
        params.put("idle", String.valueOf(settings.idle()));
        params.put("joins", String.valueOf(settings.joins()));
        params.put("pace", String.valueOf(settings.rate()));
        params.put("subscribers", String.valueOf(settings.subscribers()));
        double all = (double) settings.joins() / joins;
        measurements.add(params, Setup.LOG, "loopWithout", "ms/slice", still / NANOS_PER_MILLI);
        measurements.add(params, Setup.LOG, "loopWith", "ms/slice", churn / NANOS_PER_MILLI);
        measurements.add(params, Setup.LOG, "loopBeyond", "ms in all", (churn - still) * all / NANOS_PER_MILLI);
        stillNanos += still;
        churnNanos += churn;
        joined += joins;
    }
}
