/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.live;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.io.IOException;

/** Runs the server until Ctrl-C; see {@link LiveSettings#USAGE}. */
public final class Live {
    private Live() {}

    /** The command. */
    public static void main(String[] args) throws InterruptedException {
        if (CommandLine.asksForHelp(args)) {
            System.out.println(LiveSettings.USAGE);
            return;
        }
        try {
            serve(LiveSettings.parse(args));
        } catch (WrongArgument e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void serve(LiveSettings settings) throws InterruptedException {
        try {
            LiveServer server = LiveServer.start(settings);
            System.out.printf("http://localhost:%d/%n", server.port());
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
        } catch (IOException e) {
            System.err.printf("cannot listen on port %d: %s%n", settings.port(), e.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join(); // forever: Ctrl-C ends the process, and the hook closes the server first
    }
}
