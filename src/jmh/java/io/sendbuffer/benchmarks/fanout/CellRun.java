/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.fanout;

import io.sendbuffer.benchmarks.net.Pair;
import java.io.IOException;

/** The work on a cell in a round. */
interface CellRun {
    /** How often each contender's turn comes. */
    int turns();

    /**
     * Makes a server run a cell, and records the result.
     *
     * @param first whether it is this process's first turn with this cell
     * @return the figure that the progress shows
     */
    String run(Pair pair, Cell cell, String contender, boolean first, Measurements measurements)
            throws IOException, InterruptedException;
}
