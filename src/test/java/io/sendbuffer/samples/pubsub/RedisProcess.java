/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A redis-server that keeps nothing, on a port of the loopback address. */
final class RedisProcess implements AutoCloseable {
    private static final String RELEASE = "v=7.0.";

    private final Process process;
    private final int port;

    private RedisProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Skips the test where there is none of the release whose answers ours are. */
    static RedisProcess start() throws Exception {
        assumeInstalled("redis-server");
        String version = run(List.of("redis-server", "--version"));
        assumeTrue(version.contains(RELEASE), "redis-server is not of the release 7.0: " + version);
        int port = freePort();
        Process process = new ProcessBuilder(
                        "redis-server", "--port", String.valueOf(port), "--bind", "127.0.0.1", "--save", "")
                .redirectErrorStream(true)
                .start();
        String line;
        do {
            line = process.inputReader(StandardCharsets.UTF_8).readLine();
            assertTrue(line != null, "redis-server has ended");
        } while (!line.contains("Ready to accept connections"));
        return new RedisProcess(process, port);
    }

    /** Skips the test where a program is not installed. */
    static void assumeInstalled(String program) throws Exception {
        boolean isInstalled;
        try {
            run(List.of(program, "--version"));
            isInstalled = true;
        } catch (IOException e) { // no such program
            isInstalled = false;
        }
        assumeTrue(isInstalled, program + " is not installed (Debian: redis-server, redis-tools)");
    }

    /** What a program writes, its errors included, until it ends. */
    static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), command::toString);
        return output;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
}
