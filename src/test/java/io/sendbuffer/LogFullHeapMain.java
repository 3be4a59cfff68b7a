/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * The program that {@link LogFullHeapTest} runs in a JVM with a small heap: one step in the life of a log, taken in a
 * {@link FullHeapSweep}. Exits with status 1 if anything is lost.
 */
final class LogFullHeapMain {
    private LogFullHeapMain() {}

    /** Takes the step that the argument names. */
    public static void main(String[] arguments) {
        LogStep step = LogStep.valueOf(arguments[0]);
        FullHeapSweep.sweepAndExit(step.name(), () -> scenarioOf(step), step.needsHeap(), step.needsNoHeap());
    }

    private static FullHeapSweep.Scenario scenarioOf(LogStep step) {
        LogScenario scenario = new LogScenario();
        return new FullHeapSweep.Scenario() {
            @Override
            public void prepare() {
                step.prepare(scenario);
            }

            @Override
            public void take() {
                boolean returned = false;
                try {
                    step.take(scenario);
                    returned = true;
                } finally {
                    scenario.failed |= !returned;
                }
            }

            @Override
            public void requireContinues() {
                scenario.requireContinues();
            }

            @Override
            public boolean failed() {
                return scenario.failed;
            }

            @Override
            public void close() {
                scenario.close();
            }
        };
    }
}
