/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Turns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All servers of a job: all connected, and all but the one that is measured idle. Closing it ends their processes. */
final class LogPairs implements AutoCloseable {
    private final List<LogPair> pairs = new ArrayList<>();

    private LogPairs() {}

    static LogPairs start(List<Setup> setups) throws IOException, InterruptedException {
        LogPairs started = new LogPairs();
        boolean all = false;
        try {
            for (Setup setup : setups) {
                started.pairs.add(LogPair.start(setup));
            }
            all = true;
            return started;
        } finally {
            if (!all) {
                started.close();
            }
        }
    }

    /** In the order of a turn, from 1 on. */
    List<LogPair> inTurn(int turn) {
        return Turns.order(pairs, turn);
    }

    /** Ends the work of all, and checks that all memory came back. */
    void end() throws IOException, InterruptedException {
        for (LogPair pair : pairs) {
            pair.end();
        }
    }

    @Override
    public void close() {
        pairs.forEach(LogPair::close);
    }
}
