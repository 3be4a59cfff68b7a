/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.serve;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.util.List;

/**
 * The settings of the server.
 *
 * @param host name or address to listen on
 * @param port where to listen, 0 for any free port
 * @param maxLine largest length of a line in bytes, without its line ending
 * @param maxConnections largest number of connections at a time
 * @param queueLimit largest backlog of one client, in bytes
 * @param maxMemory largest size of all messages together, in bytes
 */
public record ServeSettings(String host, int port, int maxLine, int maxConnections, int queueLimit, int maxMemory) {
    /** What {@code --help} prints. */
    public static final String USAGE = """
            Serves lines: what one client types, all others see. Try it with "nc localhost 7777" in several terminals.
            Ctrl-C ends it.

              --port N             where to listen, 0 to 65535, 0 for any free port (default 7777)
              --host NAME          name or address to listen on (default localhost)
              --max-line N         bytes of a line, 1 to 65536 (default 4096)
              --max-connections N  connections at a time, 1 to 100000 (default 1000)
              --queue-limit N      bytes that may wait for one client before it is disconnected,
                                   max-line + 64 to 1073741824 (default 1048576)
              --max-memory N       bytes of all messages together, 1048576 to 1073741824 (default 67108864)
              --help               this text""";

    private static final int MIB = 1 << 20;
    private static final int GIB = 1 << 30;

    /** The bytes that the server adds to a line: an empty queue has room for any line. */
    private static final int AROUND_A_LINE = 64;

    /** Takes the settings from the command line. */
    public static ServeSettings parse(String... args) throws WrongArgument {
        CommandLine line = CommandLine.parse(
                args, List.of("--port", "--host", "--max-line", "--max-connections", "--queue-limit", "--max-memory"));
        int maxLine = line.number("--max-line", 4096, 1, 65_536);
        return new ServeSettings(
                line.text("--host", "localhost"),
                line.number("--port", 7777, 0, 65_535),
                maxLine,
                line.number("--max-connections", 1000, 1, 100_000),
                line.number("--queue-limit", MIB, maxLine + AROUND_A_LINE, GIB),
                line.number("--max-memory", 64 * MIB, MIB, GIB));
    }
}
