/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.util.List;

/**
 * What to compare.
 *
 * @param clients connections from the second process
 * @param messageBytes bytes of a message
 * @param tick messages published in one go
 * @param seconds length of each measured phase
 */
record CompareSettings(int clients, int messageBytes, int tick, int seconds) {
    static final String USAGE = """
            Broadcasts the same messages to clients in a second process, in six designs, and compares them.
            Ends with exit code 0 only if every client got every byte in order and every buffer came back.

              --clients N   connections, 1 to 10000 (default 200)
              --bytes N     bytes of a message, 64 to 65536 (default 128)
              --tick N      messages published in one go, 1 to 1024 (default 32)
              --seconds N   length of each measured phase, 1 to 600 (default 3)
              --help        this text""";

    static CompareSettings parse(String[] args) throws WrongArgument {
        CommandLine line = CommandLine.parse(args, List.of("--clients", "--bytes", "--tick", "--seconds"));
        return new CompareSettings(
                line.number("--clients", 200, 1, 10_000),
                line.number("--bytes", 128, 64, 65_536),
                line.number("--tick", 32, 1, 1_024),
                line.number("--seconds", 3, 1, 600));
    }
}
