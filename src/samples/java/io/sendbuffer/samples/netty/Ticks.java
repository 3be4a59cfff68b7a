/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.netty;

import io.sendbuffer.SendBuffer;
import io.sendbuffer.SendBufferPool;
import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends ticks to every client that connects, until Ctrl-C: try it with {@code nc localhost 7777} in several terminals.
 */
public final class Ticks {
    private static final String USAGE = """
            Sends numbered ticks to all clients of a Netty server. Try it with "nc localhost 7777" in several terminals.
            Ctrl-C ends it.

              --port N        where to listen on localhost, 0 to 65535, 0 for any free port (default 7777)
              --per-second N  ticks in a second, 1 to 1000 (default 1)
              --help          this text""";

    private Ticks() {}

    /** The command. */
    public static void main(String[] args) throws InterruptedException {
        if (CommandLine.asksForHelp(args)) {
            System.out.println(USAGE);
            return;
        }
        try {
            CommandLine line = CommandLine.parse(args, List.of("--port", "--per-second"));
            run(line.number("--port", 7777, 0, 65_535), line.number("--per-second", 1, 1, 1000));
        } catch (WrongArgument e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void run(int port, int perSecond) throws InterruptedException {
        try (SendBufferPool pool = SendBufferPool.builder().build();
                NettyBroadcast server = new NettyBroadcast(pool)) {
            InetSocketAddress address = server.listen(new InetSocketAddress("localhost", port));
            System.out.printf("listening on localhost:%d, Ctrl-C ends%n", address.getPort());
            for (long number = 1; true; number++) {
                try (SendBuffer tick = pool.acquire(64)) { // a slice of off-heap memory, ours
                    tick.putAscii("tick " + number + "\n"); // written once
                    server.broadcast(tick.seal()); // Netty takes a reference of its own
                } // our reference ends here; the last client's write frees the slice
                TimeUnit.NANOSECONDS.sleep(TimeUnit.SECONDS.toNanos(1) / perSecond);
            }
        }
    }
}
