/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.QueueLimits;
import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.NettyTransport;
import io.sendbuffer.benchmarks.result.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Members of a group that never read, beside as many that do: what they cost the others, and the pool. Slices of a
 * server without them alternate with those of one with them, and with those of Netty's. The first slice comes when all
 * that stall have missed something.
 */
final class StalledGroupJob {
    static final String NAME = "stalled-group";

    private static final int MAX_WARMUPS = 60;

    private final StalledGroupSettings settings;
    private final PrintStream progress;
    private final LogMeasurements measurements = new LogMeasurements(NAME);

    private StalledGroupJob(StalledGroupSettings settings, PrintStream progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws IOException also if one that reads missed something, one that stalls did not, or a session ended
     */
    static List<Result> run(StalledGroupSettings settings, PrintStream progress)
            throws IOException, InterruptedException {
        StalledGroupJob job = new StalledGroupJob(settings, progress);
        try (LogPairs pairs = LogPairs.start(job.setups())) {
            for (LogPair pair : pairs.inTurn(1)) {
                job.warmUp(pair);
            }
            for (int slice = 1; slice <= settings.slices(); slice++) {
                for (LogPair pair : pairs.inTurn(slice)) {
                    job.measure(pair);
                }
            }
            pairs.end();
        }
        return job.measurements.results();
    }

    private List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (String contender : List.of(Setup.GROUP, nettyHere().contender())) {
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
                        StalledGroupSettings.MAX_MEMORY));
            }
        }
        return setups;
    }

    private static NettyTransport nettyHere() {
        return NettyTransport.EPOLL.whyNot() == null ? NettyTransport.EPOLL : NettyTransport.NIO;
    }

    private void warmUp(LogPair pair) throws IOException, InterruptedException {
        Setup setup = pair.setup();
        long messages = 0;
        for (int i = 1; i <= MAX_WARMUPS; i++) {
            Line line = pair.publish(Run.flatOut(settings.warmupMillis()));
            messages += line.longNumber("messages");
            if (line.number("behind") == setup.others()) {
                progress.printf(
                        Locale.ROOT,
                        "stalled-group, %s: %,d of %,d sessions are behind after at most %,d messages%n",
                        setup.contender(),
                        setup.others(),
                        setup.readers() + setup.others(),
                        messages);
                return;
            }
        }
        throw new IOException("not all that stalled are behind: " + setup);
    }

    private void measure(LogPair pair) throws IOException, InterruptedException {
        Line slice = pair.publish(Run.flatOut(settings.sliceMillis()));
        Setup setup = pair.setup();
        int sessions = slice.number("sessions");
        if (sessions != setup.readers() + setup.others()) {
            throw new IOException(sessions + " sessions are left of " + setup);
        }
        SortedMap<String, String> params = params(setup);
        measurements.add(params, setup.contender(), "throughput", "messages/s", slice.real("throughput"));
        double cpu = slice.real("cpu") + slice.real("loop") / slice.longNumber("messages");
        measurements.add(params, setup.contender(), "cpu", "ns/delivery", cpu / setup.readers());
        for (String metric : List.of("reserved", "pinned")) {
            measurements.add(params, setup.contender(), metric, "B", slice.real(metric));
        }
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
