/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The server process: one contender that takes its orders line by line. Started with the contender, the mode, the
 * number of sessions, that of loops, and the file of the {@link SharedCounters}; ends with its input, or with the first
 * failure.
 *
 * <pre>{@code
 * port number=40123 greeting=NONE pid=1234               sent first, and "ready" when all are connected
 * cell bytes=64 messages=32 warmupMs=500 maxWarmupMs=2000 measureMs=500
 * a saturated run; answers "result ..."
 * ticks bytes=64 messages=32 count=100                   count ticks, not measured; answers "done ticks=100"
 * pace rate=1000 warmupMs=500 measureMs=2000 spin=true   64-byte ticks on a schedule; answers "paced ticks=..."
 * memory                                                 of a session; answers "memory heap=4711 ..."
 * end                                                    answers "ended outstandingBuffers=0"
 * }</pre>
 */
public final class Server {
    private Server() {}

    /** Makes the one contender of a process. */
    @FunctionalInterface
    public interface Maker {
        /** Throws {@link UnsupportedOperationException} if this machine lacks what it needs. */
        Contender make() throws Exception;
    }

    public static void main(String[] args) {
        int sessions = Integer.parseInt(args[2]);
        run(
                () -> Contenders.create(args[0], Mode.parse(args[1]), sessions, Integer.parseInt(args[3])),
                sessions,
                Path.of(args[4]));
    }

    /** Serves, and ends the process. */
    public static void run(Maker maker, int sessions, Path counters) {
        try {
            serve(maker, sessions, counters);
            System.exit(0);
        } catch (UnsupportedOperationException e) {
            Line.of("missing").with("cause", e).say();
            System.exit(1);
        } catch (Throwable e) {
            e.printStackTrace();
            Line.of("failed").with("cause", e).say();
            System.exit(1);
        }
    }

    private static void serve(Maker maker, int sessions, Path counters) throws Exception {
        ProcessMemory before = ProcessMemory.now();
        try (Contender contender = maker.make()) {
            int port = contender.listen();
            Line.of("port")
                    .with("number", port)
                    .with("greeting", contender.greeting())
                    .with("pid", contender.pid())
                    .say();
            contender.awaitSessions(sessions);
            Runs runs = new Runs(contender, sessions, SharedCounters.map(counters));
            Line.of("ready").say();
            obey(runs, before);
        }
    }

    private static void obey(Runs runs, ProcessMemory before) throws Exception {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String text;
        while ((text = orders.readLine()) != null) {
            Line order = Line.parse(text);
            switch (order.name()) {
                case "cell" -> runs.cell(order).say();
                case "ticks" -> runs.ticks(order).say();
                case "pace" -> runs.pace(order).say();
                case "memory" -> runs.memory(before).say();
                case "end" -> {
                    runs.end().say();
                    return;
                }
                default -> throw new IOException("no such order: " + text);
            }
        }
    }
}
