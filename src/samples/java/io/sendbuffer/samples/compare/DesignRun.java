/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs one design through its phases: warm-up, flat out, fixed rate. */
final class DesignRun {
    private static final int WARM_UP = 0;
    private static final int FLAT_OUT = 1;
    private static final int FIXED_RATE = 2;

    /** Latency is compared at a load that the slowest design, which runs first, sustains easily. */
    private static final double SHARE_OF_SLOWEST = 0.5;

    private static final long MAX_WAIT_FOR_RELEASE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final CompareSettings settings;
    private final ClientProcess clients;
    private final BroadcastDesign design;
    private final Publisher publisher;
    private final Progress progress = new Progress();
    private final List<String> failures = new ArrayList<>();

    DesignRun(CompareSettings settings, ClientProcess clients, BroadcastDesign design) {
        this.settings = settings;
        this.clients = clients;
        this.design = design;
        this.publisher = new Publisher(design, settings.messageBytes(), settings.tick(), progress);
    }

    /**
     * Runs all phases.
     *
     * @param messagesPerSecond the fixed rate, or 0 for the first design, which sets it
     */
    DesignResult run(double messagesPerSecond) throws IOException, InterruptedException {
        System.out.println(design.name());
        design.open(clients.connect(settings.clients()));
        warmUp();

        progress.begin("flat out, " + settings.seconds() + " s:");
        SenderMeter meter = new SenderMeter(design.helperThreads());
        long copiedBefore = design.copiedBytes();
        long start = System.nanoTime();
        meter.start();
        long published = publisher.publishFlatOut(FLAT_OUT, nanosOf(settings.seconds()));
        long cpuNanos = meter.cpuNanos();
        long allocated = meter.allocatedBytes();
        PhaseResult flatOut = awaitAll(FLAT_OUT, published);
        double seconds = (System.nanoTime() - start) / 1e9;
        progress.end(String.format(
                "broadcasts: %,.0f/s, %,.0f deliveries/s", published / seconds, flatOut.messages() / seconds));

        double rate = messagesPerSecond > 0 ? messagesPerSecond : SHARE_OF_SLOWEST * published / seconds;
        PhaseResult atRate = runAtRate(rate);
        checkReleased();
        double each = (double) published * settings.clients();
        return new DesignResult(
                design.name(),
                flatOut.messages() / seconds,
                published / seconds,
                cpuNanos / each,
                (design.copiedBytes() - copiedBefore) / (double) (published + atRate.messages() / settings.clients()),
                allocated / each,
                rate,
                atRate,
                failures);
    }

    private void warmUp() throws IOException, InterruptedException {
        progress.begin("warm-up:");
        awaitAll(WARM_UP, publisher.publishFlatOut(WARM_UP, nanosOf(settings.seconds()) / 2));
        progress.end("");
    }

    private PhaseResult runAtRate(double messagesPerSecond) throws IOException, InterruptedException {
        progress.begin(String.format("%,.0f broadcasts/s, %d s:", messagesPerSecond, settings.seconds()));
        long published = publisher.publishAtRate(FIXED_RATE, nanosOf(settings.seconds()), messagesPerSecond);
        PhaseResult result = awaitAll(FIXED_RATE, published);
        progress.end(String.format("p99 %,.0f µs", result.p99Micros()));
        return result;
    }

    private PhaseResult awaitAll(int phase, long published) throws IOException, InterruptedException {
        PhaseResult result = clients.awaitPhase(phase);
        long expected = published * settings.clients();
        if (result.messages() != expected || result.errors() != 0) {
            failures.add(String.format(
                    "%s: the clients got %,d of %,d messages, %,d of them wrong",
                    design.name(), result.messages(), expected, result.errors()));
        }
        return result;
    }

    private void checkReleased() {
        long start = System.nanoTime();
        while (design.outstandingBuffers() > 0 && System.nanoTime() - start < MAX_WAIT_FOR_RELEASE_NANOS) {
            Thread.onSpinWait();
        }
        if (design.outstandingBuffers() > 0) {
            failures.add(design.name() + ": " + design.outstandingBuffers() + " buffers did not come back");
        }
    }

    private static long nanosOf(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
