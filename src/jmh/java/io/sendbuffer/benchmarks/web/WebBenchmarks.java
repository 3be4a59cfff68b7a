/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Command;
import io.sendbuffer.benchmarks.result.Result;
import java.util.List;

/** The command: what a broadcast of JSON to WebSocket clients costs a server, beside its peers. */
public final class WebBenchmarks {
    private WebBenchmarks() {}

    /** Ends the process if an option is wrong, or something was lost. */
    public static void main(String[] args) throws InterruptedException {
        Command.main(args, WebSettings.OPTIONS, WebSettings.SWITCHES, options -> {
            List<Result> results = WebJob.run(WebSettings.parse(options), System.out);
            WebTable.print(results, System.out);
            WebGoals.print(results, System.out);
            return results;
        });
    }
}
