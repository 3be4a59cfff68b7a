/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.io.IOException;

/** Runs the server until Ctrl-C; see {@link PubSubSettings#USAGE}. */
public final class PubSub {
    private PubSub() {}

    /** The command. */
    public static void main(String[] args) throws InterruptedException {
        if (CommandLine.asksForHelp(args)) {
            System.out.println(PubSubSettings.USAGE);
            return;
        }
        try {
            PubSubServer server = PubSubServer.start(PubSubSettings.parse(args), System.out);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "close"));
        } catch (WrongArgument e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("cannot listen: " + e.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join(); // forever: Ctrl-C ends the process, and the hook closes the server first
    }
}
