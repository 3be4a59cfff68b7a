/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CPU time that a message takes of the thread that publishes it, with few and many subscribers, at one rate and as
 * fast as they read; beside it the same with a group, whose queues the loop writes.
 */
final class PublisherJob {
    static final String NAME = "publisher";
    static final String FLAT_OUT = "flat out";

    private static final long RETENTION_BYTES = 64 << 20;

    private final PublisherSettings settings;
    private final PrintStream progress;
    private final LogMeasurements measurements = new LogMeasurements(NAME);

    private PublisherJob(PublisherSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    static List<Result> run(PublisherSettings settings, PrintStream progress) throws IOException, InterruptedException {
        PublisherJob job = new PublisherJob(settings, progress);
        try (LogPairs pairs = LogPairs.start(job.setups())) {
            for (LogPair pair : pairs.inTurn(1)) {
                job.warmUp(pair);
            }
            for (int turn = 1; turn <= settings.turns(); turn++) {
                for (LogPair pair : pairs.inTurn(turn)) {
                    job.measure(pair, turn, Run.paced(settings.rate(), settings.measureMillis()));
                    job.measure(pair, turn, Run.flatOut(settings.measureMillis()));
                }
            }
            pairs.end();
        }
        return job.measurements.results();
    }

    private List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (String contender : List.of(Setup.LOG, Setup.GROUP)) {
            for (int sessions : settings.sessions()) {
                setups.add(new Setup(
                        contender, "hold", sessions, 0, Setup.Role.IDLE, 0, settings.bytes(), RETENTION_BYTES, 0));
            }
        }
        return setups;
    }

    private void warmUp(LogPair pair) throws IOException, InterruptedException {
        int millis = settings.warmupMillis();
        for (Run run : List.of(Run.flatOut(millis), Run.paced(settings.rate(), millis))) {
            pair.publish(run.of(Run.Part.TICK));
            pair.publish(run.of(Run.Part.APPEND));
        }
    }

    private void measure(LogPair pair, int turn, Run run) throws IOException, InterruptedException {
        Line tick = pair.publish(run.of(Run.Part.TICK));
        Line append = pair.publish(run.of(Run.Part.APPEND));
        Setup setup = pair.setup();
        SortedMap<String, String> params = params(setup, run);
        measurements.add(params, setup.contender(), "append", "ns/message", append.real("cpu"));
        measurements.add(params, setup.contender(), "tick", "ns/message", tick.real("cpu"));
        measurements.add(params, setup.contender(), "rate", "messages/s", tick.real("rate"));
        if (turn == settings.turns()) {
            progress.printf(
                    Locale.ROOT,
                    "publisher, %s %s: append %,.0f ns, whole tick %,.0f ns in the last turn%n",
                    setup.contender(),
                    params,
                    append.real("cpu"),
                    tick.real("cpu"));
        }
    }

    private static SortedMap<String, String> params(Setup setup, Run run) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("sessions", String.valueOf(setup.readers()));
        params.put("bytes", String.valueOf(setup.bytes()));
        params.put("pace", run.rate() == 0 ? FLAT_OUT : String.valueOf(run.rate()));
        return params;
    }
}
