/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.pubsub;

import io.sendbuffer.benchmarks.net.Resp;
import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the sample has to reach beside redis-server, and what it has reached. A ratio is the median of the turns'. */
final class PubSubGoals {
    private static final double MAX_WITH_PIPELINE = 0.5;
    private static final double MAX_WITHOUT = 1.0;

    private PubSubGoals() {}

    static void print(List<Result> results, PrintStream out) {
        out.println();
        for (Result ours : results) {
            Optional<Result> beside = results.stream()
                    .filter(other -> other.contender().equals(Resp.REDIS)
                            && other.metric().equals(ours.metric())
                            && other.params().equals(ours.params()))
                    .findFirst();
            if (ours.metric().equals("cpu") && ours.contender().equals(Resp.SAMPLE) && beside.isPresent()) {
                out.println(line(
                        ours, Samples.quotients(ours.samples(), beside.get().samples())));
            }
        }
    }

    private static String line(Result ours, List<Double> ratios) {
        String messages = String.valueOf(ours.params().get("messages"));
        boolean isPipeline = !messages.equals("1");
        double most = isPipeline ? MAX_WITH_PIPELINE : MAX_WITHOUT;
        String what = (isPipeline ? "pipelines of " + messages : "single messages")
                + (ours.params().containsKey("window") ? ", one in flight" : ", many in flight");
        return String.format(
                Locale.ROOT,
                "%-86s %,10.3f (%,.3f–%,.3f) goal ≤ %.1f: %s",
                "CPU of a delivery ÷ redis-server's, " + what,
                Samples.median(ratios),
                Samples.lowerQuartile(ratios),
                Samples.upperQuartile(ratios),
                most,
                Samples.median(ratios) <= most ? "met" : "not met");
    }
}
