/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.gate;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.DiskWriteCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;
import org.openjdk.jcstress.vm.CompileMode;

/**
 * Runs race tests one after the other in this JVM, without jcstress's initial probing of the JVM and its choice of JVM
 * flags.
 *
 * <p>It also runs tests with more actors than the machine has processors. jcstress plans no runs of those, because it
 * requires a processor for each actor; but its generated code runs on fewer as well, if the actors yield while they
 * wait for each other. Preemption then produces the interleavings that a third processor would.
 *
 * <p>Prints the count of planned runs, as jcstress does, and a line for each class of races, and stores a result file
 * in the working directory.
 *
 * <p>Usage: {@code InProcessRun NAMES [arguments of the runner]}, where NAMES is a comma-separated list. With the
 * arguments of {@link Pace#until} each race continues, beyond its iterations, until it has enough samples.
 */
public final class InProcessRun {
    private InProcessRun() {}

    /** Runs the tests one after the other. */
    public static void main(String[] args) throws Exception {
        List<String> tests = List.of(args[0].split(","));
        List<String> settings = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
        List<String> until = Pace.takenFrom(settings);
        Options paired = options(settings);
        Options crowded = options(settings, "-spinStyle", "THREAD_YIELD");
        Pace pace = Pace.of(paired.getIterations(), until);
        System.out.printf("%d planned; in process%n", tests.size());
        DiskWriteCollector collector = new DiskWriteCollector(paired.getResultFile());
        Suite suite = new Suite();
        for (String test : tests) {
            suite.begin(test);
            TestInfo info = TestList.getInfo(test);
            Options options = info.threads() > Runtime.getRuntime().availableProcessors() ? crowded : paired;
            TestResult result = run(config(options, info), pace);
            suite.add(test, result);
            collector.add(result);
            if (result.status() != Status.NORMAL) {
                pace = pace.withoutMore(); // an actor that still spins takes a processor from all later races
            }
        }
        suite.print();
        collector.close();
    }

    /** The races of one class, for a line of progress. */
    private static final class Suite {
        private String name = "";
        private int tests;
        private long samples;
        private long startNanos = System.nanoTime();

        /** Before a test runs: one of another class ends this suite. */
        void begin(String test) {
            String nameOfTest = test.substring(0, test.lastIndexOf('.'));
            if (!nameOfTest.equals(name)) {
                print();
                name = nameOfTest;
                tests = 0;
                samples = 0;
            }
        }

        void add(String test, TestResult result) {
            tests++;
            samples += result.getTotalCount();
            if (result.status() != Status.NORMAL) {
                System.out.printf("%s: %s%n", test, result.status());
            }
        }

        void print() {
            long nanos = System.nanoTime() - startNanos;
            startNanos += nanos;
            if (tests > 0) {
                System.out.printf("%s: %d races, %,d samples, %.1f s%n", name, tests, samples, nanos / 1e9);
            }
        }
    }

    private static Options options(List<String> settings, String... more) throws IOException {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        Options options = new Options(all.toArray(String[]::new));
        if (!options.parse()) {
            throw new IllegalArgumentException("not the runner's arguments: " + all);
        }
        return options;
    }

    static TestConfig config(Options options, TestInfo info) {
        return new TestConfig(options, info, 0, List.of(), CompileMode.UNIFIED, anywhere(info.threads()));
    }

    /** No actor is bound to a processor. */
    private static SchedulingClass anywhere(int actors) {
        SchedulingClass anywhere = new SchedulingClass(AffinityMode.NONE, actors, NodeType.PACKAGE);
        for (int actor = 0; actor < actors; actor++) {
            anywhere.setNode(actor, -1);
            anywhere.setCore(actor, -1);
        }
        return anywhere;
    }

    private static TestResult run(TestConfig config, Pace pace)
            throws ReflectiveOperationException, InterruptedException {
        try {
            ForkedTestConfig strides = new ForkedTestConfig(config);
            Runner<?> runner = (Runner<?>) Class.forName(config.generatedRunnerName)
                    .getConstructor(ForkedTestConfig.class)
                    .newInstance(strides);
            return new Race<>(runner, strides, config).run(pace);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(config.name + " cannot be started", e.getCause());
        }
    }
}
