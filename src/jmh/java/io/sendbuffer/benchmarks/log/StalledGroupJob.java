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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Members of a group that never read, beside as many that do: what they cost the others, and the memory. Slices of a
 * server without them alternate with those of one with them, and with those of its peers. The first slice comes when
 * all that stall have missed something, or have been sent more than the kernel takes. A peer may fail: it is left out
 * from then on, and how far it came is a result.
 *
 * <p>Some servers end those that stall, by the limits that they have by default: after 30 seconds, or with 32 MB
 * behind. There each slice has others, which connect before it and are behind when it begins; so they are there for all
 * of it with the limits as they are, and no server has to keep for them what is published in minutes. Slices that are
 * too long for that are left out: see {@link StalledGroupSlices}.
 */
public final class StalledGroupJob {
    static final String NAME = "stalled-group";

    private static final int MAX_WARMUPS = 60;

    /** A part of what has those that come before a slice fall behind. */
    private static final int MAX_CATCH_UP_MILLIS = 250;

    private final StalledGroupSettings settings;
    private final PrintStream progress;
    private final LogMeasurements measurements = new LogMeasurements(NAME);
    private final StalledGroupSlices slices;
    private final Map<LogPair, Long> published = new HashMap<>();
    private final Set<LogPair> failed = new HashSet<>();

    private StalledGroupJob(StalledGroupSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
        this.slices = new StalledGroupSlices(settings.slices(), measurements);
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
                Map<Setup, Line> turn = new LinkedHashMap<>();
                for (LogPair pair : pairs.inTurn(slice)) {
                    job.attempt(pair, each -> turn.put(each.setup(), job.measure(each)));
                }
                job.slices.add(turn);
            }
            for (LogPair pair : pairs.inTurn(1)) {
                job.attempt(pair, LogPair::end);
                if (pair.setup().others() > 0) {
                    job.slices.end(pair.setup(), progress);
                }
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
                    StalledGroupSlices.params(pair.setup()),
                    pair.setup().contender(),
                    "failed after",
                    "messages",
                    (double) messages);
        }
    }

    /** What may not fail. */
    private static boolean isOurs(String contender) {
        return contender.startsWith(Setup.GROUP) || contender.equals(Resp.SAMPLE);
    }

    private List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (String contender : settings.contenders()) {
            for (int stalled : List.of(0, settings.readers())) {
                setups.add(new Setup(
                        contender,
                        contender.equals(Setup.SKIP) ? "skip" : "hold",
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
        untilAllAreBehind(pair, settings.warmupMillis());
        progress.printf(
                Locale.ROOT,
                "stalled-group, %s: %,d of %,d sessions are behind after at most %,d messages%n",
                setup.contender(),
                setup.others(),
                setup.readers() + setup.others(),
                published.get(pair));
    }

    private void untilAllAreBehind(LogPair pair, int millis) throws IOException, InterruptedException {
        int others = pair.setup().others();
        int expected = pair.setup().readers() + others;
        for (int i = 1; i <= MAX_WARMUPS; i++) {
            Line line = publish(pair, millis);
            if (line.number("behind") == others && line.number("sessions") <= expected) { // those before have left
                pair.settle(); // those with stalled sessions have filled their heaps, the others have not
                return;
            }
        }
        throw new IOException("not all that stalled are behind: " + pair.setup());
    }

    private Line measure(LogPair pair) throws IOException, InterruptedException {
        Setup setup = pair.setup();
        boolean endsSome = endsThoseThatStall(setup);
        if (endsSome) { // the one without them does likewise
            pair.renewStalled();
            untilAllAreBehind(pair, Math.min(MAX_CATCH_UP_MILLIS, settings.warmupMillis()));
        }
        Line slice = publish(pair, settings.sliceMillis());
        int sessions = slice.number("sessions");
        if (sessions < setup.readers() || (sessions != setup.readers() + setup.others() && !endsSome)) {
            throw new IOException(sessions + " sessions are left of " + setup);
        }
        return slice;
    }

    private static boolean endsThoseThatStall(Setup setup) {
        return setup.contender().equals(Setup.DEFAULTS) || Resp.isSpokenBy(setup.contender());
    }
}
