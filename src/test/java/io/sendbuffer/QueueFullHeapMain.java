/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

/**
 * The program that {@link QueueFullHeapTest} runs in a JVM with a small heap: one step, taken in a
 * {@link FullHeapSweep}. Exits with status 1 if anything is lost.
 */
final class QueueFullHeapMain {
    private QueueFullHeapMain() {}

    /** Takes the step that the argument names. */
    public static void main(String[] arguments) {
        QueueFullHeapStep step = QueueFullHeapStep.valueOf(arguments[0]);
        FullHeapSweep.sweepAndExit(step.name(), step::scenario, true, false);
    }
}
