/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.tls;

import io.sendbuffer.benchmarks.net.Contenders;
import io.sendbuffer.benchmarks.result.Result;
import io.sendbuffer.benchmarks.result.Samples;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What TLS on a loop has to reach beside Netty with the same engine. A ratio is the median of the turns'. */
final class TlsGoals {
    private static final String OURS = "sendbuffer-tls";
    private static final double MOST = 1.0;

    private TlsGoals() {}

    static void print(List<Result> results, PrintStream out) {
        out.println();
        for (Result ours : results) {
            if (ours.metric().equals("cpu") && ours.contender().equals(OURS)) {
                bestPeer(ours, results).ifPresent(peer -> out.println(line(ours, peer)));
            }
        }
    }

    /** Netty in the form that costs least. */
    static Optional<Result> bestPeer(Result ours, List<Result> results) {
        return results.stream()
                .filter(other -> Contenders.isPeer(other.contender())
                        && other.metric().equals(ours.metric())
                        && other.params().equals(ours.params()))
                .min(Comparator.comparingDouble(Result::median));
    }

    static String line(Result ours, Result peer) {
        List<Double> ratios = Samples.quotients(ours.samples(), peer.samples());
        String what = String.format(
                Locale.ROOT,
                "CPU of a delivery ÷ %s's, %s B × %s, %s in flight",
                peer.contender(),
                ours.params().get("bytes"),
                ours.params().get("messages"),
                ours.params().getOrDefault("window", "many"));
        return String.format(
                Locale.ROOT,
                "%-72s %,10.3f (%,.3f–%,.3f) goal ≤ %.1f: %s",
                what,
                Samples.median(ratios),
                Samples.lowerQuartile(ratios),
                Samples.upperQuartile(ratios),
                MOST,
                Samples.median(ratios) <= MOST ? "met" : "not met");
    }
}
