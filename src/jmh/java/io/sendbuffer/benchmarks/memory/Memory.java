/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.result.Result;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** The memory suite. */
public final class Memory {
    private Memory() {}

    public static List<Result> run(MemorySettings settings, PrintStream log) throws Exception {
        List<Result> results = new ArrayList<>();
        // The heap first: the less the JVM has loaded, the fewer unrelated objects are reachable.
        log.println("      heap per queued message");
        results.addAll(HeapPerMessage.measure(settings));
        log.println("      heap per idle session");
        results.addAll(HeapPerSession.measure(settings));
        log.println("      memory reserved for what is alive");
        results.addAll(ReservedMemory.measure(settings));
        log.println("      memory pinned by what stalled receivers hold");
        results.addAll(PinnedMemory.measure(settings));
        return results;
    }
}
