/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.web;

import io.sendbuffer.benchmarks.net.Server;
import java.nio.file.Path;

/**
 * The process of a server: {@link Server} with one of the {@link WebContenders}. Started with its name, the number of
 * clients, whether it deflates, and the file of the counters.
 */
final class WebHost {
    private WebHost() {}

    public static void main(String[] args) {
        int clients = Integer.parseInt(args[1]);
        boolean deflates = Boolean.parseBoolean(args[2]);
        Server.run(() -> WebContenders.create(args[0], clients, deflates), clients, Path.of(args[3]));
    }
}
