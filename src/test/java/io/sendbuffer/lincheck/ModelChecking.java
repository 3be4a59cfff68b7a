/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.lincheck;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * How the model checks run: bounded, and the same each time, since Lincheck draws the schedules, and the scenarios that
 * are not given, from fixed seeds of its own.
 *
 * <p>A model is a class with the operations of the thing under test. A scenario is a few operations on each of a few
 * threads, such as {@code "send; send send | close"}: one send first, then two threads. A number is an argument, as in
 * {@code release:2}; otherwise the argument is the number of the thread, counted from 1, or 0 before the threads start.
 * Lincheck runs a scenario under many schedules, switching threads at accesses to shared memory, and looks for an order
 * of the operations in which the specification, a plain sequential class, gives the same results.
 *
 * <p>It assumes sequential consistency: finding a missing release or acquire is left to the stress tests.
 */
public final class ModelChecking {
    private static final int SCHEDULES = 100;
    private static final int SCHEDULES_TO_REJECT = 5_000;
    private static final int RANDOM_SCENARIOS = 6;
    private static final int SCHEDULES_OF_RANDOM_SCENARIO = 100;

    /** A wrong result, or a wrong state at the end: not a timeout, nor a failure of the checker itself. */
    private static final Pattern WRONG_RESULT =
            Pattern.compile("= (Invalid execution results|Validation function \\w+ has failed) =");

    /** It recurses, which looks like a loop without an end, and touches nothing that is shared. */
    private static final String STACK_PROBE = "io.sendbuffer.StackRoom";

    private final String[] ignored;

    private ModelChecking(String... ignored) {
        this.ignored = ignored;
    }

    /**
     * Switches threads at every access to shared memory, except for accesses by these classes and by what they call.
     */
    public static ModelChecking ignoring(Class<?>... classes) {
        return new ModelChecking(Stream.concat(Stream.of(SentMessages.class), Arrays.stream(classes))
                .map(Class::getName)
                .toArray(String[]::new));
    }

    /** Fails, with the schedule that led there, if the model does anything that its specification does not allow. */
    public void assertKeeps(Class<?> model, Class<?> specification, String... scenarios) {
        configured(model, specification, scenarios).check(model);
    }

    /** Fails unless the checker finds that a model does something that its specification does not allow. */
    public void assertRejects(Class<?> model, Class<?> specification, String... scenarios) {
        ModelCheckingOptions options = configured(model, specification, scenarios)
                .invocationsPerIteration(SCHEDULES_TO_REJECT)
                .minimizeFailedScenario(false);
        LincheckAssertionError found = assertThrows(LincheckAssertionError.class, () -> options.check(model));
        String report = String.valueOf(found.getMessage());
        assertTrue(WRONG_RESULT.matcher(report).find(), report);
    }

    /**
     * As {@link #assertKeeps}, with random scenarios: three operations on each of two threads, two on each of three.
     */
    public void assertKeepsAtRandom(Class<?> model, Class<?> specification) {
        random(specification).threads(2).actorsPerThread(3).check(model);
        random(specification).threads(3).actorsPerThread(2).check(model);
    }

    private ModelCheckingOptions random(Class<?> specification) {
        return optionsFor(specification)
                .actorsBefore(0)
                .actorsAfter(0)
                .iterations(RANDOM_SCENARIOS)
                .invocationsPerIteration(SCHEDULES_OF_RANDOM_SCENARIO);
    }

    private ModelCheckingOptions configured(Class<?> model, Class<?> specification, String... scenarios) {
        ModelCheckingOptions options = optionsFor(specification).iterations(0).invocationsPerIteration(SCHEDULES);
        for (String scenario : scenarios) {
            options.addCustomScenario(parse(model, scenario));
        }
        return options;
    }

    private ModelCheckingOptions optionsFor(Class<?> specification) {
        ModelCheckingOptions options = new ModelCheckingOptions().sequentialSpecification(specification);
        options.addGuarantee(forClasses(ignored).allMethods().ignore());
        options.addGuarantee(forClasses(STACK_PROBE).allMethods().ignore());
        options.addGuarantee(
                forClasses(MeteredWire.class.getName()).methods("take", "taken").ignore());
        return options;
    }

    private static ExecutionScenario parse(Class<?> model, String scenario) {
        int before = scenario.indexOf(';');
        List<List<Actor>> threads = new ArrayList<>();
        for (String operations : scenario.substring(before + 1).split("\\|", -1)) {
            threads.add(actors(model, operations, threads.size() + 1));
        }
        return new ExecutionScenario(
                actors(model, scenario.substring(0, Math.max(0, before)), 0), threads, List.of(), null);
    }

    private static List<Actor> actors(Class<?> model, String operations, int thread) {
        List<Actor> actors = new ArrayList<>();
        for (String operation : operations.trim().split(" +", -1)) {
            if (!operation.isEmpty()) {
                actors.add(actor(model, operation, thread));
            }
        }
        return actors;
    }

    private static Actor actor(Class<?> model, String operation, int thread) {
        int colon = operation.indexOf(':');
        String name = colon < 0 ? operation : operation.substring(0, colon);
        int argument = colon < 0 ? thread : Integer.parseInt(operation, colon + 1, operation.length(), 10);
        Method method = Arrays.stream(model.getMethods())
                .filter(candidate -> candidate.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation " + name + " in " + model));
        return new Actor(method, method.getParameterCount() == 0 ? List.of() : List.of(argument));
    }
}
