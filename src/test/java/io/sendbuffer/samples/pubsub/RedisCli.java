/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Redis's own client. Skips the test where it is not installed. */
public final class RedisCli {
    private final int port;

    public RedisCli(int port) throws Exception {
        RedisProcess.assumeInstalled("redis-cli");
        this.port = port;
    }

    private List<String> commandLine(String... words) {
        List<String> line = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
        line.addAll(List.of(words));
        return line;
    }

    /** What it prints. */
    public String run(String... words) throws Exception {
        return RedisProcess.run(commandLine(words));
    }

    /** One that has subscribed. */
    public Subscriber subscribe(String channel) throws IOException {
        Process process = new ProcessBuilder(commandLine("SUBSCRIBE", channel))
                .redirectErrorStream(true)
                .start();
        Subscriber subscriber = new Subscriber(process);
        subscriber.expect("subscribe", channel, "1");
        return subscriber;
    }

    /** A client that prints what it gets. */
    public static final class Subscriber implements AutoCloseable {
        private final Process process;
        private final BufferedReader lines;

        Subscriber(Process process) {
            this.process = process;
            this.lines = process.inputReader(StandardCharsets.UTF_8);
        }

        public void expect(String... expected) throws IOException {
            for (String line : expected) {
                assertEquals(line, lines.readLine());
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
