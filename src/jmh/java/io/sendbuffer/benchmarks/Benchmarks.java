/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks;

import io.sendbuffer.benchmarks.fanout.FanOut;
import io.sendbuffer.benchmarks.latency.Latency;
import io.sendbuffer.benchmarks.log.LogBenchmarks;
import io.sendbuffer.benchmarks.pubsub.PubSubBenchmarks;
import io.sendbuffer.benchmarks.report.BenchmarkRun;
import io.sendbuffer.benchmarks.report.ReportFiles;
import io.sendbuffer.benchmarks.report.RunOptions;
import io.sendbuffer.benchmarks.report.SetOfRuns;
import io.sendbuffer.benchmarks.report.Suites;
import io.sendbuffer.benchmarks.report.WrongArgument;
import io.sendbuffer.benchmarks.tls.TlsBenchmarks;
import io.sendbuffer.benchmarks.web.WebBenchmarks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The command line of the benchmarks. */
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        String command = args.length == 0 ? "--help" : args[0];
        List<String> rest = args.length == 0 ? List.of() : List.of(args).subList(1, args.length);
        PeerFlags.setHere();
        int exitCode;
        try {
            exitCode = run(command, rest);
        } catch (WrongArgument e) {
            System.err.println(e.getMessage() + " (--help lists the commands)");
            exitCode = 2;
        }
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static int run(String command, List<String> rest) throws Exception {
        if (command.equals("help")
                || asksForHelp(command)
                || (!command.equals("jmh") && rest.stream().anyMatch(Benchmarks::asksForHelp))) {
            System.out.print(usage());
            return 0;
        }
        if (command.equals("jmh")) {
            org.openjdk.jmh.Main.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("cells")) {
            FanOut.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("rates")) {
            Latency.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("log")) {
            LogBenchmarks.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("pubsub")) {
            PubSubBenchmarks.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("tls")) {
            TlsBenchmarks.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("web")) {
            WebBenchmarks.main(rest.toArray(new String[0]));
            return 0;
        }
        if (command.equals("report")) {
            return report(rest);
        }
        if (SetOfRuns.named(command).isPresent() || Suites.names().contains(command)) {
            RunOptions options = RunOptions.parse(command, rest);
            return BenchmarkRun.run(options, System.out) ? 0 : 1;
        }
        throw new WrongArgument("unknown command: " + command);
    }

    private static boolean asksForHelp(String argument) {
        return argument.equals("--help") || argument.equals("-h");
    }

    private static int report(List<String> rest) throws WrongArgument {
        if (rest.size() > 1) {
            throw new WrongArgument("report takes one directory");
        }
        ReportFiles files = new ReportFiles(rest.isEmpty() ? RunOptions.DEFAULT_DIRECTORY : Path.of(rest.get(0)));
        try {
            files.makeAgain();
            files.print(System.out);
            return 0;
        } catch (IOException e) {
            System.err.println("failed: " + e.getMessage());
            return 1;
        }
    }

    private static String usage() {
        return """
            usage: java -jar benchmarks.jar COMMAND

              short [OPTION...]          what the table of goals needs: all suites, in minutes
              medium [OPTION...]         all suites with a good part of their parameters, once: half an hour
              full [OPTION...]           all suites with all their parameters, several times: more than an hour
              SUITE [short|medium|full] [OPTION...]
                                         one suite alone: %s
              report [DIR]               makes the page and the table again from DIR/results.json
              jmh [ARGUMENT...]          JMH's own command line (the suite adds a heap that is there from the start,
                                         and Netty's flags)
              cells [OPTION...]          fan-out with cells of your choice, or --medium, --full, --quick (a look):
                                           --sessions 10,100 --bytes 64 --messages 1,32 --modes inline,loop
                                           --loops 1,2 --contenders floor,copy,sendbuffer,sendbuffer-log,
                                           netty-nio[-tick],netty-epoll[-tick],netty-io_uring,pubsub,redis,node-ws[-tick]
                                           --rounds 2 --turns 10 --warmup-ms 600 --measure-ms 70 --strace --out FILE
                                           --window 4000 ticks in flight: a backlog (default: little enough for none)
              rates [OPTION...]          latency with rates of your choice, or --medium, --full, --quick (a look):
                                           --percents 10,50,80 of what the slowest peer sustains, or of --rate TICKS
                                           --rounds 2 --turns 8 --start-ms 600 --warmup-ms 100 --measure-ms 800,
                                           --sessions, --modes, --contenders and --out as above
              log [OPTION...]            what a log is for, with --publisher, --stalled, --stalled-group, --churn, or
                                         all of them in 25 minutes; --quick (a look):
                                           publisher, its CPU time: --sessions 10,100,1000,10000 --rate 1000
                                           --turns 6 --warmup-ms 1000 --measure-ms 500
                                           stalled, as many as read: --readers 1000 --seconds 60 --slices 12
                                           --kernel-kib 16 --retention-kib 8192
                                           stalled-group, likewise, beside Netty and Redis: --readers 1000
                                           --seconds 60 --slices 12 --kernel-kib 16
                                           --contenders sendbuffer,sendbuffer-defaults,netty-epoll,
                                           netty-epoll-guide,pubsub,redis; also sendbuffer-skip
                                           churn, beside those that stay: --joins 100000 --idle 1000
                                           --subscribers 100 --churn-seconds 20 --slices 10
                                           --bytes 64 (stalled: 512) and --out FILE for all
              pubsub [OPTION...]         the sample beside redis-server: --cpu of a delivery, --stalled subscribers, or
                                         both in three minutes; --quick (a look):
                                           --readers 100 --bytes 64 --turns 12 --warmup-ms 8000 --measure-ms 300
                                           --seconds 12 --slices 12 --kernel-kib 16 --out FILE
              tls [OPTION...]            TLS 1.3, beside Netty's SslHandler with the JDK's engine: the CPU time of a
                                         delivery, and the memory of a client; --quick (a look):
                                           --clients 1000 --bytes 64,1024 --messages 32,1 --windows 0,1 (in flight;
                                           0: many) --turns 6 --warmup-ms 2000 --measure-ms 300 --out FILE
                                           --contenders sendbuffer-tls,blocking-tls,netty-tls-guide,netty-tls[-tick]
              web [OPTION...]            a broadcast of JSON to WebSocket clients, beside Netty, Jetty, Java-WebSocket
                                         and Node's ws, in ten minutes; --quick (a look):
                                           --clients 100,1000 --bytes 64,1024 --messages 1,32
                                           --encodings plain,deflated --slices 10 --seconds 1 in all of them
                                           --window 1: ticks in flight
                                           --warmup-ms 1500 --out FILE --contenders sendbuffer,sendbuffer-inline,
                                           netty,netty-expert,netty-expert-tick,jetty,java-websocket,node-ws
              --help                     this text

              --out DIR                  where results.json, report.html, report.md and figures.md go
                                         (%s; of a suite alone, a directory in it)
              --skip-missing             leave out a microbenchmark that is not there; else it is an error

            Exit code: 0 if all ran, 1 if something failed, 2 if the command line is wrong. A goal that is not met
            is no failure.
            """.formatted(String.join(", ", Suites.names()), RunOptions.DEFAULT_DIRECTORY);
    }
}
