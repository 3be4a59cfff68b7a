/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.report;

import static io.sendbuffer.benchmarks.report.Figure.difference;
import static io.sendbuffer.benchmarks.report.Figure.highest;
import static io.sendbuffer.benchmarks.report.Figure.lowest;
import static io.sendbuffer.benchmarks.report.Figure.quotient;
import static io.sendbuffer.benchmarks.report.Figure.scaled;
import static io.sendbuffer.benchmarks.report.Limit.belowPeer;
import static io.sendbuffer.benchmarks.report.Limit.noGarbage;
import static io.sendbuffer.benchmarks.report.Limit.ofFloor;
import static io.sendbuffer.benchmarks.report.Limit.ofPeer;
import static io.sendbuffer.benchmarks.report.Limit.ofValue;

import io.sendbuffer.benchmarks.result.Result;
import java.util.List;
import java.util.stream.Stream;

/** The goals of the library. Each condition is a separate goal, even where several are for one job. */
final class Goals {
    private static final List<String> OURS = List.of("sendbuffer");
    private static final List<String> FLOOR = List.of("floor");
    private static final List<String> NETTY_POOLS = List.of("netty-adaptive", "netty-pooled");
    private static final List<String> POOLS = List.of("netty-adaptive", "netty-pooled", "jetty");
    private static final List<String> TRANSPORTS = List.of("netty-nio", "netty-epoll", "netty-io_uring");

    private static final Cell BROADCAST = Cell.of("fanout", "broadcast", "bytes", "64");
    private static final double LIVE_BYTES = 8192 * 64;

    private Goals() {}

    static List<GoalLine> check(List<Result> results) {
        return Stream.of(micro(), parking(), memory(), ticks(), singles(), otherFanOut(), latency(), garbage(), heap())
                .flatMap(List::stream)
                .map(goal -> goal.check(results))
                .toList();
    }

    private static List<Goal> micro() {
        Cell life = Cell.of("micro", "LifeBenchmark.oneThread", "length", "64");
        Cell handOff = Cell.of("micro", "HandOffBenchmark.releasedByAnother", "length", "64");
        Cell alive = Cell.of("micro", "AliveBenchmark.replace", "alive", "8192", "order", "random");
        String oneThread = "acquire 64 B, write 8, seal, release, same thread";
        return List.of(
                pools(oneThread, life, NETTY_POOLS, ofPeer("0.25", "Netty's best")),
                pools(oneThread, life, List.of("jetty"), ofPeer("0.35", "jetty")),
                new Goal(
                        oneThread + ": garbage",
                        lowest(life, "garbage", OURS),
                        lowest(life, "garbage", POOLS),
                        Figure.NONE,
                        noGarbage()),
                pools("64 B, released by another thread", handOff, POOLS, ofPeer("0.5", "the best peer")),
                pools("8,192 alive, random release order", alive, POOLS, ofPeer("0.15", "the best peer")));
    }

    private static Goal pools(String what, Cell cell, List<String> peers, Limit limit) {
        return new Goal(what, lowest(cell, "time", OURS), lowest(cell, "time", peers), Figure.NONE, limit);
    }

    /** What a member that is behind costs a broadcast, beside one that takes everything. */
    private static List<Goal> parking() {
        return Stream.of("hold", "skip", "keyed").map(Goals::parking).toList();
    }

    private static Goal parking(String policy) {
        Cell cell = Cell.of("micro", "ParkingBenchmark.broadcast", "healthy", "1000", "policy", policy);
        Figure.Source healthy = lowest(cell.with("stalled", "0"), "time", OURS);
        return new Goal(
                "broadcast to 1,000 members: what 1,000 more that stall add, " + policy,
                difference(lowest(cell.with("stalled", "1000"), "time", OURS), healthy),
                healthy,
                Figure.NONE,
                ofPeer("0.1", "as many healthy ones"));
    }

    private static List<Goal> memory() {
        Cell fifo = Cell.of("memory", "reserved", "alive", "8192", "bytes", "64", "order", "fifo");
        Cell random = fifo.with("order", "random");
        String what = "memory reserved ÷ live bytes, 8,192 alive × 64 B, ";
        Figure.Source chunk = scaled(lowest(fifo, "chunkBytes", OURS), 1 / LIVE_BYTES, "ratio");
        return List.of(
                new Goal(
                        what + "fifo, less one chunk",
                        difference(lowest(fifo, "reserved", OURS), chunk),
                        lowest(fifo, "reserved", NETTY_POOLS),
                        Figure.NONE,
                        ofValue(1.5, "≤ 1.5 + one chunk")),
                new Goal(
                        what + "random",
                        lowest(random, "reserved", OURS),
                        lowest(random, "reserved", NETTY_POOLS),
                        Figure.NONE,
                        ofValue(10, "≤ 10")));
    }

    private static List<Goal> ticks() {
        Cell hundred = BROADCAST.with("sessions", "100", "messages", "32");
        Cell thousand = BROADCAST.with("sessions", "1000", "messages", "32");
        String what = "fan-out, 100 sessions × 64 B, ticks of 32";
        String more = "fan-out, 1,000 sessions × 64 B, ticks of 32";
        return List.of(
                broadcast(what, hundred, "inline", TRANSPORTS, ofFloor("1.10")),
                broadcast(what, hundred, "inline", List.of("netty-nio"), ofPeer("0.40", "netty-nio")),
                broadcast(what, hundred, "inline", List.of("netty-epoll"), ofPeer("0.50", "netty-epoll")),
                broadcast(what, hundred, "inline", List.of("netty-io_uring"), ofPeer("0.75", "netty-io_uring")),
                broadcast(more, thousand, "inline", TRANSPORTS, ofFloor("1.10")),
                broadcast(more, thousand, "inline", List.of("netty-nio"), ofPeer("0.60", "netty-nio")));
    }

    private static List<Goal> singles() {
        Cell one = BROADCAST.with("sessions", "100", "messages", "1");
        String what = "fan-out, 100 sessions × 64 B, one message at a time";
        return List.of(
                broadcast(what, one, "inline", TRANSPORTS, ofFloor("1.05")),
                broadcast(what, one, "inline", List.of("netty-nio"), belowPeer("1.0", "netty-nio")),
                broadcast(what, one, "inline", List.of("netty-epoll"), belowPeer("1.0", "netty-epoll")),
                // The floor has no loop.
                new Goal(
                        what + ", loop-drained",
                        lowest(one.with("mode", "loop"), "cpu", OURS),
                        lowest(one.with("mode", "loop"), "cpu", List.of("netty-io_uring")),
                        Figure.NONE,
                        ofPeer("1.0", "netty-io_uring")));
    }

    private static List<Goal> otherFanOut() {
        Cell large = BROADCAST.with("bytes", "16384", "sessions", "100", "messages", "1");
        Cell ten = BROADCAST.with("sessions", "10", "messages", "32");
        Cell tenThousand = BROADCAST.with("sessions", "10000", "messages", "32");
        String what = "fan-out, 100 sessions × 16 KiB";
        return List.of(
                broadcast(what, large, "inline", TRANSPORTS, ofFloor("1.05")),
                broadcast(what, large, "inline", List.of("copy"), ofPeer("0.7", "copy")),
                new Goal(
                        "cost per message and session, 10,000 sessions ÷ 10",
                        quotient(
                                lowest(tenThousand.with("mode", "inline"), "cpu", OURS),
                                lowest(ten.with("mode", "inline"), "cpu", OURS)),
                        Figure.NONE,
                        quotient(lowest(tenThousand, "cpu", FLOOR), lowest(ten, "cpu", FLOOR)),
                        ofFloor("1.3")));
    }

    /** Peers write on the same thread; the floor and the copies have no loop, so they have only one mode. */
    private static Goal broadcast(String what, Cell cell, String mode, List<String> peers, Limit limit) {
        return new Goal(
                what,
                lowest(cell.with("mode", mode), "cpu", OURS),
                lowest(cell.with("mode", mode), "cpu", peers),
                lowest(cell, "cpu", FLOOR),
                limit);
    }

    private static List<Goal> latency() {
        return Stream.of("p99", "p99.9")
                .flatMap(metric -> Stream.of("inline", "loop").map(mode -> latency(metric, mode)))
                .toList();
    }

    /** Compared with the best of the peers in any of their modes. */
    private static Goal latency(String metric, String mode) {
        Cell half = Cell.of("latency", "publish-to-receipt", "percent", "50");
        return new Goal(
                "latency " + metric + " at 50% load, " + mode,
                lowest(half.with("mode", mode), metric, OURS),
                lowest(half, metric, TRANSPORTS),
                lowest(half, metric, FLOOR),
                ofPeer("1.0", "the best peer"));
    }

    private static List<Goal> garbage() {
        return List.of(
                new Goal(
                        "garbage, the worst of the microbenchmarks run",
                        worst("micro"),
                        Figure.NONE,
                        Figure.NONE,
                        noGarbage()),
                new Goal(
                        "garbage, the worst of the fan-outs run",
                        worst("fanout"),
                        Figure.NONE,
                        Figure.NONE,
                        noGarbage()));
    }

    private static Figure.Source worst(String suite) {
        return highest(suite, "garbage", "sendbuffer"); // with sendbuffer-batch
    }

    private static List<Goal> heap() {
        Cell session = Cell.of("memory", "idleSession");
        Cell message = Cell.of("memory", "queuedMessage");
        List<String> netty = List.of("netty-nio");
        return List.of(
                new Goal(
                        "heap per idle session, without the JDK's channel",
                        lowest(session, "heap", OURS),
                        lowest(session, "heap", netty),
                        Figure.NONE,
                        ofValue(1024, "≤ 1 KiB")),
                new Goal(
                        "heap per idle WebSocket, without the JDK's channel",
                        lowest(session, "heap", List.of("sendbuffer-websocket")),
                        Figure.NONE,
                        Figure.NONE,
                        ofValue(1024, "≤ 1 KiB")),
                new Goal(
                        "heap per queued message",
                        lowest(message, "heap", OURS),
                        lowest(message, "heap", netty),
                        Figure.NONE,
                        ofValue(16, "≤ 16 B")));
    }
}
