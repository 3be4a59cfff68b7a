/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Members of a group that never read, beside as many that do: what they cost the others, and the memory. Slices of a
 * server without them alternate with those of one with them, and with those of its peers. The first slice comes when
 * all that stall have missed something, or have been sent more than the kernel takes. A peer may fail: it is left out
 * from then on, and how far it came is a result.
 */
public final class StalledGroupJob {
    static final String NAME = "stalled-group";

    private static final int MAX_WARMUPS = 60;

    private final StalledGroupSettings settings;
    private final PrintStream progress;
    private final LogMeasurements measurements = new LogMeasurements(NAME);
    private final Map<LogPair, Long> published = new HashMap<>();
    private final Set<LogPair> failed = new HashSet<>();

    private StalledGroupJob(StalledGroupSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws IOException also if one that reads missed something, one that stalls did not, or a session ended
     */
    public static List<Result> run(StalledGroupSettings settings, PrintStream progress)
            throws IOException, InterruptedException {
        StalledGroupJob job = new StalledGroupJob(settings, progress);
        try (LogPairs pairs = LogPairs.start(job.setups())) {
            for (LogPair pair : pairs.inTurn(1)) {
                job.attempt(pair, job::warmUp);
            }
            for (int slice = 1; slice <= settings.slices(); slice++) {
                for (LogPair pair : pairs.inTurn(slice)) {
                    job.attempt(pair, job::measure);
                }
            }
            for (LogPair pair : pairs.inTurn(1)) {
                job.attempt(pair, LogPair::end);
            }
        }
        return job.measurements.results();
    }

    /** A part of the job. */
    private interface Part {
        void of(LogPair pair) throws IOException, InterruptedException;
    }

    private void attempt(LogPair pair, Part part) throws IOException, InterruptedException {
        if (failed.contains(pair)) {
            return;
        }
        try {
            part.of(pair);
        } catch (IOException e) {
            if (isOurs(pair.setup().contender())) {
                throw e;
            }
            failed.add(pair);
            long messages = published.getOrDefault(pair, 0L);
            progress.printf(
                    Locale.ROOT,
                    "stalled-group, %s with %,d that stall has failed after %,d messages: %s%n",
                    pair.setup().contender(),
                    pair.setup().others(),
                    messages,
                    e.getMessage());
            measurements.add(
                    params(pair.setup()), pair.setup().contender(), "failed after", "messages", (double) messages);
        }
    }

    /** What may not fail. */
    private static boolean isOurs(String contender) {
        return contender.equals(Setup.GROUP) || contender.equals(Setup.DEFAULTS) || contender.equals(Resp.SAMPLE);
    }

    private List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (String contender : settings.contenders()) {
            for (int stalled : List.of(0, settings.readers())) {
                setups.add(new Setup(
                        contender,
                        "hold",
                        settings.readers(),
                        stalled,
                        Setup.Role.STALLED,
                        settings.kernelBytes(),
                        settings.bytes(),
                        QueueLimits.DEFAULT.maxQueuedBytes(),
                        Resp.isSpokenBy(contender)
                                ? StalledGroupSettings.MAX_MEMORY_OF_PEER
                                : StalledGroupSettings.MAX_MEMORY));
            }
        }
        return setups;
    }

    private Line publish(LogPair pair, int millis) throws IOException, InterruptedException {
        Line line = pair.publish(Run.flatOut(millis));
        published.merge(pair, line.longNumber("messages"), Long::sum);
        return line;
    }

    private void warmUp(LogPair pair) throws IOException, InterruptedException {
        Setup setup = pair.setup();
        for (int i = 1; i <= MAX_WARMUPS; i++) {
            Line line = publish(pair, settings.warmupMillis());
            if (line.number("behind") == setup.others()) {
                progress.printf(
                        Locale.ROOT,
                        "stalled-group, %s: %,d of %,d sessions are behind after at most %,d messages%n",
                        setup.contender(),
                        setup.others(),
                        setup.readers() + setup.others(),
                        published.get(pair));
                pair.settle(); // those with stalled sessions have filled their heaps, the others have not
                return;
            }
        }
        throw new IOException("not all that stalled are behind: " + setup);
    }

    private void measure(LogPair pair) throws IOException, InterruptedException {
        Line slice = publish(pair, settings.sliceMillis());
        Setup setup = pair.setup();
        int sessions = slice.number("sessions");
        int expected = setup.readers() + setup.others();
        if (sessions < setup.readers() || (sessions != expected && !endsThoseThatStall(setup))) {
            throw new IOException(sessions + " sessions are left of " + setup);
        }
        SortedMap<String, String> params = params(setup);
        measurements.add(params, setup.contender(), "throughput", "messages/s", slice.real("throughput"));
        double cpu = slice.real("cpu") + slice.real("loop") / slice.longNumber("messages");
        measurements.add(params, setup.contender(), "cpu", "ns/delivery", cpu / setup.readers());
        measurements.add(params, setup.contender(), "sessions", "open", sessions);
        for (String metric : List.of("reserved", "pinned")) {
            measurements.add(params, setup.contender(), metric, "B", slice.real(metric));
        }
    }

    private static boolean endsThoseThatStall(Setup setup) {
        return setup.contender().equals(Setup.DEFAULTS) || Resp.isSpokenBy(setup.contender());
    }

    private static SortedMap<String, String> params(Setup setup) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("bytes", String.valueOf(setup.bytes()));
        params.put("cap", String.valueOf(setup.maxMemory()));
        params.put("readers", String.valueOf(setup.readers()));
        params.put("stalled", String.valueOf(setup.others()));
        return params;
    }
}
