/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Subscribers that never read beside as many that do: what they cost the others, and the pool. Slices of a server
 * without them alternate with those of one where they skip, and one where they end.
 */
final class StalledJob {
    static final String NAME = "stalled";

    private static final int MAX_FURTHER_SLICES = 20;

    private final StalledSettings settings;
    private final PrintStream progress;
    private final LogMeasurements measurements = new LogMeasurements(NAME);

    private StalledJob(StalledSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws IOException also if nothing stalled long enough to be overrun
     */
    static List<Result> run(StalledSettings settings, PrintStream progress) throws IOException, InterruptedException {
        StalledJob job = new StalledJob(settings, progress);
        List<Setup> setups = List.of(
                job.setup("skip", 0), job.setup("skip", settings.readers()), job.setup("end", settings.readers()));
        try (LogPairs pairs = LogPairs.start(setups)) {
            for (LogPair pair : pairs.inTurn(1)) {
                pair.publish(Run.flatOut(settings.warmupMillis()));
            }
            for (int slice = 1; slice <= settings.slices(); slice++) {
                for (LogPair pair : pairs.inTurn(slice)) {
                    job.measure(pair, slice == settings.slices());
                }
            }
            pairs.end();
        }
        return job.measurements.results();
    }

    private Setup setup(String policy, int stalled) {
        return new Setup(
                Setup.LOG,
                policy,
                settings.readers(),
                stalled,
                Setup.Role.STALLED,
                settings.kernelBytes(),
                settings.bytes(),
                settings.retentionBytes(),
                0);
    }

    private void measure(LogPair pair, boolean last) throws IOException, InterruptedException {
        Line slice = pair.publish(Run.flatOut(settings.sliceMillis()));
        SortedMap<String, String> params = params(pair.setup());
        measurements.add(params, Setup.LOG, "throughput", "messages/s", slice.real("throughput"));
        for (String metric : List.of("reserved", "pinned", "inUse")) {
            measurements.add(params, Setup.LOG, metric, "B", slice.real(metric));
        }
        if (last) {
            report(pair.setup(), untilAllAreOverrun(pair, slice));
        }
    }

    /** On a busy machine the slices may publish too little. What is published now is not measured. */
    private Line untilAllAreOverrun(LogPair pair, Line lastSlice) throws IOException, InterruptedException {
        Line slice = lastSlice;
        for (int i = 0; i < MAX_FURTHER_SLICES && !areAllOverrun(pair.setup(), slice); i++) {
            slice = pair.publish(Run.flatOut(settings.sliceMillis()));
        }
        return slice;
    }

    private static boolean areAllOverrun(Setup setup, Line slice) {
        return slice.longNumber("skips") + slice.longNumber("ends") >= setup.others();
    }

    private void report(Setup setup, Line slice) throws IOException {
        progress.printf(
                Locale.ROOT,
                "stalled, %,d of %,d, policy %s: %s have skipped, %s have ended, %s sessions are left%n",
                setup.others(),
                setup.readers() + setup.others(),
                setup.policy(),
                slice.text("skips"),
                slice.text("ends"),
                slice.text("sessions"));
        if (!areAllOverrun(setup, slice)) {
            throw new IOException("not all that stalled were overrun: measure longer, or with a smaller retention");
        }
    }

    private SortedMap<String, String> params(Setup setup) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("bytes", String.valueOf(setup.bytes()));
        params.put("policy", setup.policy());
        params.put("readers", String.valueOf(setup.readers()));
        params.put("retention", String.valueOf(setup.retentionBytes()));
        params.put("stalled", String.valueOf(setup.others()));
        return params;
    }
}
