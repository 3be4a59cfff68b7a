package io.sendbuffer.benchmarks;

import java.util.Arrays;

/** The command line of the benchmarks. */
public final class Benchmarks {
    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        String command = args.length == 0 ? "--help" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (command) {
            case "jmh" -> org.openjdk.jmh.Main.main(rest);
            case "fanout" -> io.sendbuffer.benchmarks.fanout.FanOut.main(rest);
            case "latency" -> io.sendbuffer.benchmarks.latency.Latency.main(rest);
            default -> System.out.println("usage: jmh [JMH's own arguments] | fanout [options] | latency [options]");
        }
    }
}
