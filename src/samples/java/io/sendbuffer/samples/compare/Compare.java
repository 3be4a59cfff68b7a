/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs the comparison and prints its table; see {@link CompareSettings#USAGE}. */
public final class Compare {
    private Compare() {}

    /** The command. */
    public static void main(String[] args) {
        if (CommandLine.asksForHelp(args)) {
            System.out.println(CompareSettings.USAGE);
            return;
        }
        try {
            System.exit(run(CompareSettings.parse(args)) ? 0 : 1);
        } catch (WrongArgument e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("failed: " + e.getMessage());
            System.exit(1);
        } catch (InterruptedException e) {
            System.err.println("interrupted");
            System.exit(1);
        }
    }

    private static boolean run(CompareSettings settings) throws IOException, InterruptedException {
        List<DesignResult> results = new ArrayList<>();
        try (ClientProcess clients = new ClientProcess()) {
            double fixedRate = 0;
            for (DesignSource source : DESIGNS) {
                try (BroadcastDesign design = source.create()) {
                    DesignResult result = new DesignRun(settings, clients, design).run(fixedRate);
                    fixedRate = result.fixedRate();
                    results.add(result);
                }
            }
        }
        ResultTable.print(settings, results, System.out);
        List<String> failures =
                results.stream().flatMap(result -> result.failures().stream()).toList();
        failures.forEach(failure -> System.err.println("FAILED " + failure));
        if (failures.isEmpty()) {
            System.out.println("Every client got every byte in order; every buffer came back.");
        }
        return failures.isEmpty();
    }

    interface DesignSource {
        BroadcastDesign create() throws IOException;
    }

    /** The slowest first: it sets the rate at which latency is compared. */
    static final List<DesignSource> DESIGNS = List.of(
            () -> new CopyPerClient(false),
            () -> new CopyPerClient(true),
            () -> new SharedBuffer(false),
            () -> new SharedBuffer(true),
            () -> new SharedLog(false),
            () -> new SharedLog(true));
}
