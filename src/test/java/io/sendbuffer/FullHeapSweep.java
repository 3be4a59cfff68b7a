/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes a step in a heap that is really full: with room for nothing, then for 16 bytes, for 32 and so on, until the
 * step succeeds. So each of its allocations fails once. Then there is memory again, and what the step worked on has to
 * continue. For programs that tests run in a JVM with a small heap, with these {@link #FLAGS}.
 */
final class FullHeapSweep {
    static final List<String> FLAGS =
            List.of("-Xmx16m", "-XX:+UseSerialGC", "-XX:-UseTLAB", "-XX:MarkSweepDeadRatio=0", "-Xint");

    private static final int MAX_UNITS = 4_000;

    private static final @Nullable Object[] BALLAST = new Object[400_000];
    private static int filled;
    private static int mostFilled;

    private FullHeapSweep() {}

    /** What a step works on: a new one for each time. */
    interface Scenario {
        /** With memory. */
        void prepare();

        /** With little or none. An OutOfMemoryError may leave this, or show in another way. */
        void take();

        /** With memory again: nothing is lost. */
        void requireContinues();

        /** True if an allocation of the step failed, though no error left it. */
        boolean failed();

        /** Ends everything: nothing is outstanding. */
        void close();
    }

    /**
     * Sweeps, and exits the JVM, since the full heap may have hurt what else runs here.
     *
     * @param needsHeap true if an allocation of the step has to fail: the heap is really full
     * @param needsNoHeap true if no allocation of the step may fail, since there is none
     */
    static void sweepAndExit(String name, Supplier<Scenario> scenarios, boolean needsHeap, boolean needsNoHeap) {
        new AssertionError("printed on purpose").printStackTrace(); // loads what prints errors
        for (int i = 0; i < 3; i++) {
            run(name, scenarios, -1); // links and loads all of it
        }
        for (int i = 0; i < 3; i++) {
            fillTheHeap(); // uses up the first errors, whose traces would be garbage: room for a small object
            emptyTheHeap();
        }
        int failed = 0;
        int units = 0;
        while (!run(name, scenarios, units)) {
            failed++;
            units += 1 + units / 8;
            require(units < MAX_UNITS, "it never succeeds");
        }
        require(failed > 0 || !needsHeap, name + " never failed");
        require(failed == 0 || !needsNoHeap, name + " failed " + failed + " times");
        require(mostFilled < BALLAST.length, "the heap was full");
        System.out.println(name + ": failed " + failed + " times, passed");
        System.exit(0);
    }

    /** Returns false if an allocation of the step failed. */
    private static boolean run(String name, Supplier<Scenario> scenarios, int units) {
        Scenario scenario = scenarios.get();
        scenario.prepare();
        boolean returned = false;
        if (units >= 0) {
            fillTheHeap();
            free(units);
        }
        try {
            scenario.take();
            returned = true;
        } catch (OutOfMemoryError e) {
            returned = false;
        } finally {
            emptyTheHeap();
        }
        try {
            scenario.requireContinues();
            scenario.close();
        } catch (AssertionError e) {
            throw new AssertionError(name + " with room for " + units + " units", e);
        }
        return returned && !scenario.failed();
    }

    /** First with large pieces, then with the smallest object there is, of 16 bytes, until no error makes room. */
    private static void fillTheHeap() {
        fillWith(1 << 14);
        int before;
        do {
            before = filled;
            fillWith(0);
        } while (filled > before);
        mostFilled = Math.max(mostFilled, filled);
    }

    private static void fillWith(int bytes) {
        try {
            while (true) {
                BALLAST[filled] = bytes == 0 ? new Object() : new byte[bytes];
                filled++;
            }
        } catch (OutOfMemoryError e) {
            BALLAST[filled] = null;
        }
    }

    private static void free(int units) {
        for (int i = 0; i < units && filled > 0; i++) {
            BALLAST[--filled] = null;
        }
    }

    private static void emptyTheHeap() {
        while (filled > 0) {
            BALLAST[--filled] = null;
        }
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
