/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.Line;
import io.sendbuffer.benchmarks.net.Shape;
import io.sendbuffer.benchmarks.net.SharedCounters;
import io.sendbuffer.benchmarks.net.Window;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The runs that a server makes on request. Each ends when the readers have received exactly what was published. */
final class Runs {
    private static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** A quarter of a second of the usual rate: what many subscribers take to be written once. */
    private static final long MAX_TICKS_PACED = 256;

    private final Host host;
    private final Setup setup;
    private final SharedCounters counters;
    private final ExecutorService publishing = thread("publisher");
    private final ExecutorService churning = thread("churn");

    Runs(Host host, Setup setup, SharedCounters counters) {
        this.host = host;
        this.setup = setup;
        this.counters = counters;
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    Line publish(Run run) throws Exception {
        Window window = window(run);
        Publisher publisher = new Publisher(host, window, run, setup.bytes());
        PoolSampler sampler = new PoolSampler(host);
        long loopBefore = host.loopCpuNanos();
        long begun = System.nanoTime();
        Future<Integer> joins = churning.submit(churnOf(run));
        await(publishing.submit(publisher::publish), sampler);
        int joined = joins.get();
        window.drain();
        double seconds = (System.nanoTime() - begun) / 1e9;
        counters.requireNoMore(); // the loop has ended its turn by then
        Line answer = Line.of("published")
                .with("messages", publisher.ticks())
                .with("rate", publisher.ticks() / seconds)
                .with("throughput", publisher.ticks() * setup.readers() / seconds)
                .with("cpu", publisher.cpuNanosOfATick())
                .with("loop", host.loopCpuNanos() - loopBefore)
                .with("joins", joined)
                .with("sessions", host.sessionCount());
        sampler.describe(answer);
        host.describe(answer);
        return answer;
    }

    private Window window(Run run) {
        Shape shape = new Shape(setup.readers(), host.wireBytes(setup.bytes()), 1);
        return run.rate() == 0 ? new Window(counters, shape) : new Window(counters, shape, MAX_TICKS_PACED);
    }

    private Callable<Integer> churnOf(Run run) {
        if (run.joins() == 0) {
            return () -> 0;
        }
        Churn churn = host.churn(run);
        return churn::run;
    }

    private static void await(Future<?> publishing, PoolSampler sampler)
            throws ExecutionException, InterruptedException {
        do {
            sampler.sample();
            LockSupport.parkNanos(SAMPLE_NANOS);
        } while (!publishing.isDone());
        publishing.get();
        sampler.sample();
    }
}
