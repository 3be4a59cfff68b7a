/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.io.IOException;

/** Runs the server until Ctrl-C; see {@link ServeSettings#USAGE}. */
public final class Serve {
    private Serve() {}

    /** The command. */
    public static void main(String[] args) throws InterruptedException {
        if (CommandLine.asksForHelp(args)) {
            System.out.println(ServeSettings.USAGE);
            return;
        }
        try {
            serve(ServeSettings.parse(args));
        } catch (WrongArgument e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void serve(ServeSettings settings) throws InterruptedException {
        try {
            BroadcastServer server = BroadcastServer.start(settings, System.out);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
        } catch (IOException e) {
            System.err.printf("cannot listen on %s:%d: %s%n", settings.host(), settings.port(), e.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join(); // forever: Ctrl-C ends the process, and the hook closes the server first
    }
}
