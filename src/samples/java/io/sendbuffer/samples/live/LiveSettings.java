/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.live;

import io.sendbuffer.samples.CommandLine;
import io.sendbuffer.samples.CommandLine.WrongArgument;
import java.util.List;

/**
 * The settings of the page's server, which listens on this machine alone.
 *
 * @param port where to listen, 0 for any free port
 * @param objects how many move
 */
public record LiveSettings(int port, int objects) {
    /** What {@code --help} prints. */
    public static final String USAGE = """
            Serves a page with moving objects, 30 updates a second, on this machine alone: open http://localhost:8080/ in
            several windows, and make one of them slow. Ctrl-C ends it.

              --port N     where to listen, 0 to 65535, 0 for any free port (default 8080)
              --objects N  how many move, 1 to 1000 (default 300)
              --help       this text""";

    /** Takes the settings from the command line. */
    public static LiveSettings parse(String... args) throws WrongArgument {
        CommandLine line = CommandLine.parse(args, List.of("--port", "--objects"));
        return new LiveSettings(line.number("--port", 8080, 0, 65_535), line.number("--objects", 300, 1, 1_000));
    }
}
