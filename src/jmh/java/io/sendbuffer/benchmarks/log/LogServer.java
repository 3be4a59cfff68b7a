/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.SharedCounters;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The server process. Started with the file of the counters and the {@link Setup}; ends with its input, or with the
 * first failure.
 *
 * <pre>{@code
 * port number=40123 others=40124                         sent first, and "ready" when all are connected
 * publish rate=1000 millis=500 part=tick joins=0         a run; answers "published ..."
 * settle                                                 answers "settled": the heap is collected
 * renew                                                  answers "renewed": others stall from now on
 * end                                                    answers "ended outstandingBuffers=0"
 * }</pre>
 */
final class LogServer {
    private static final long MAX_RETURN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private LogServer() {}

    public static void main(String[] args) {
        try {
            serve(Path.of(args[0]), Setup.parse(args[1]));
            System.exit(0);
        } catch (Throwable e) {
            e.printStackTrace();
            Line.of("failed").with("cause", e).say();
            System.exit(1);
        }
    }

    private static void serve(Path counters, Setup setup) throws Exception {
        try (Host host = Host.of(setup)) {
            host.ports().say();
            host.accept();
            obey(host, new Runs(host, setup, SharedCounters.map(counters)));
        }
    }

    private static void obey(Host host, Runs runs) throws Exception {
        Line.of("ready").say();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String text;
        while ((text = orders.readLine()) != null) {
            Line order = Line.parse(text);
            switch (order.name()) {
                case "publish" -> runs.publish(Run.parse(order)).say();
                case "settle" -> {
                    host.settle();
                    Line.of("settled").say();
                }
                case "renew" -> {
                    host.renewStalled();
                    Line.of("renewed").say();
                }
                case "end" -> {
                    end(host).say();
                    return;
                }
                default -> throw new IOException("no such order: " + text);
            }
        }
    }

    /** What stalled subscribers kept comes back when their sessions end. */
    private static Line end(Host host) {
        host.close();
        long end = System.nanoTime() + MAX_RETURN_NANOS;
        while (host.outstanding() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        long outstanding = host.outstanding();
        host.closePool();
        return Line.of("ended").with("outstandingBuffers", outstanding);
    }
}
