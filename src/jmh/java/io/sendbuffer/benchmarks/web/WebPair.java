/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Pair;
import io.sendbuffer.benchmarks.net.ProcessTasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A contender's server and its clients. */
final class WebPair implements AutoCloseable {
    private static final int ANSWER_SECONDS = 60;

    private final Pair pair;
    private final int clients;

    /** The messages, and the bytes, that all clients have received. */
    private record Counts(long messages, long bytes) {}

    private WebPair(Pair pair, int clients) {
        this.pair = pair;
        this.clients = clients;
    }

    static WebPair start(String contender, int clients, boolean deflates) throws IOException, InterruptedException {
        String count = String.valueOf(clients);
        Pair pair = Pair.start(WebHost.class, WebReader.class, new Pair.Arguments() {
            @Override
            public List<String> ofServer(Path counters) {
                return List.of(contender, count, String.valueOf(deflates), counters.toString());
            }

            @Override
            public List<String> ofReader(Line port, Path counters) {
                return List.of(port.text("number"), count, counters.toString(), port.text("greeting"));
            }
        });
        return new WebPair(pair, clients);
    }

    /**
     * Runs a cell.
     *
     * @return the server's answer, and the bytes of a message on the wire; if there were any, and the server's memory
     * @throws IOException if a client has not received what the others have
     */
    Line run(Line order, long maxSeconds) throws IOException, InterruptedException {
        Counts before = count();
        Line result = pair.server().ask(order, "result", maxSeconds);
        Counts after = count();
        return result.with("wire", (double) (after.bytes - before.bytes) / (after.messages - before.messages))
                .with("resident", ProcessTasks.residentBytes(pair.servingPid()));
    }

    private Counts count() throws IOException, InterruptedException {
        Line counted = pair.reader().ask(Line.of("count"), "counted", ANSWER_SECONDS);
        long least = counted.longNumber("least");
        if (least != counted.longNumber("most") || least * clients != counted.longNumber("seen")) {
            throw new IOException("not all clients have received the same: " + counted);
        }
        return new Counts(counted.longNumber("messages"), counted.longNumber("bytes"));
    }

    /** Closes the clients, ends the server's work, and checks that all memory came back. */
    void end() throws IOException, InterruptedException {
        pair.reader().ask(Line.of("close"), "closed", ANSWER_SECONDS);
        pair.end();
    }

    @Override
    public void close() {
        pair.close();
    }
}
