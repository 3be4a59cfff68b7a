/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.util.List;

/** What the command line says. */
record PubSubSettings(int port, long maxMemory) {
    static final String USAGE = """
            A server that speaks the publish and subscribe part of RESP2, on the loopback address. Options:
              --port N        where to listen (6380); 0 for any
              --max-memory N  MiB of messages at most, for all clients together (256)
              --help          this text""";

    private static final int MAX_PORT = 65_535;
    private static final int MAX_MEMORY = 1 << 16;

    static PubSubSettings parse(String[] args) throws WrongArgument {
        CommandLine line = CommandLine.parse(args, List.of("--port", "--max-memory"));
        return new PubSubSettings(
                line.number("--port", 6380, 0, MAX_PORT), (long) line.number("--max-memory", 256, 1, MAX_MEMORY) << 20);
    }
}
