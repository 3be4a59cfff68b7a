/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import org.jspecify.annotations.Nullable;

/**
 * The program that {@link LogFullHeapTest} runs in a JVM with a small heap, which it really fills: one step in the life
 * of a log is taken with room for nothing, then for 16 bytes, for 32 and so on, until the step succeeds. So each of its
 * allocations fails once. Then there is memory again, and the log has to continue. Exits with status 1 if anything is
 * lost.
 */
final class LogFullHeapMain {
    private static final int MAX_UNITS = 4_000;

    private static final @Nullable Object[] BALLAST = new Object[400_000];
    private static int filled;
    private static int mostFilled;

    private LogFullHeapMain() {}

    /** Takes the step that the argument names. */
    public static void main(String[] arguments) throws Exception {
        new AssertionError("printed on purpose").printStackTrace(); // loads what prints errors
        LogStep step = LogStep.valueOf(arguments[0]);
        for (int i = 0; i < 3; i++) {
            run(step, -1); // links and loads all of it
        }
        for (int i = 0; i < 3; i++) {
            fillTheHeap(); // uses up the first errors, whose traces would be garbage: room for a small object
            emptyTheHeap();
        }
        int failed = 0;
        int units = 0;
        while (!run(step, units)) {
            failed++;
            units += 1 + units / 8;
            require(units < MAX_UNITS, "it never succeeds");
        }
        require(failed > 0 || !step.needsHeap(), step + " never failed");
        require(failed == 0 || !step.needsNoHeap(), step + " failed " + failed + " times");
        require(mostFilled < BALLAST.length, "the heap was full");
        System.out.println(step + ": failed " + failed + " times, passed");
        System.exit(0); // the full heap may have hurt what else runs here
    }

    /** Returns false if an allocation of the step failed. */
    private static boolean run(LogStep step, int units) throws Exception {
        LogScenario scenario = new LogScenario();
        step.prepare(scenario);
        boolean returned = false;
        if (units >= 0) {
            fillTheHeap();
            free(units);
        }
        try {
            step.take(scenario);
            returned = true;
        } catch (OutOfMemoryError e) {
            scenario.failed = true;
        } finally {
            emptyTheHeap();
        }
        try {
            scenario.requireContinues();
        } catch (AssertionError e) {
            throw new AssertionError(step + " with room for " + units + " units", e);
        }
        scenario.close();
        return returned && !scenario.failed;
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
