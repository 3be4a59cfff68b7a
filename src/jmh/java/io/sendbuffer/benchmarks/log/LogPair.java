/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A server process and its reader process. Closing it ends both. */
final class LogPair implements AutoCloseable {
    /** Committed from the start, and little enough for eight at once. */
    private static final List<String> HEAP = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch");

    private static final long MAX_SETTLE_SECONDS = 60;
    private static final long MAX_RENEW_SECONDS = 60;

    private final Setup setup;
    private final Pair pair;

    private LogPair(Setup setup, Pair pair) {
        this.setup = setup;
        this.pair = pair;
    }

    /** Starts both, and returns when all are connected. */
    static LogPair start(Setup setup) throws IOException, InterruptedException {
        int sessions = setup.readers() + setup.others();
        if (!Pair.descriptorsSuffice(sessions)) {
            throw new IOException(sessions + " sessions need more descriptors (ulimit -n)");
        }
        Pair pair = Pair.start(LogServer.class, HEAP, SubscriberReader.class, new Pair.Arguments() {
            @Override
            public List<String> ofServer(Path counters) {
                return List.of(counters.toString(), setup.toString());
            }

            @Override
            public List<String> ofReader(Line port, Path counters) {
                return List.of(port.text("number"), port.text("others"), counters.toString(), setup.toString());
            }
        });
        return new LogPair(setup, pair);
    }

    Setup setup() {
        return setup;
    }

    Line publish(Run run) throws IOException, InterruptedException {
        return pair.server().ask(run.toLine(), "published", run.maxSeconds());
    }

    /**
     * Has the server's heap collected, so that sessions and queues are where those of a server are that runs for long:
     * in the old generation, where the collector looks after each reference that is written to them.
     */
    void settle() throws IOException, InterruptedException {
        pair.server().ask(Line.of("settle"), "settled", MAX_SETTLE_SECONDS);
    }

    /**
     * Has all that stall leave, whether the server has ended them or not, and as many come in their place: as slow, and
     * sent nothing yet.
     */
    void renewStalled() throws IOException, InterruptedException {
        pair.askBoth(Line.of("renew"), "renewed", MAX_RENEW_SECONDS);
    }

    /** Ends the server's work, and checks that all memory came back. */
    void end() throws IOException, InterruptedException {
        pair.end();
    }

    @Override
    public void close() {
        pair.close();
    }
}
