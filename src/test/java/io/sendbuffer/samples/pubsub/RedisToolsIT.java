/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.pubsub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample as a user starts it, with Redis's own tools as its clients. Skipped where these are not installed. */
@Timeout(120)
class RedisToolsIT {
    private static final Pattern READY = Pattern.compile("ready on port (\\d+), Ctrl-C ends");

    private final List<Process> processes = new ArrayList<>();
    private String port = "";

    @BeforeEach
    void start() throws Exception {
        Process server = started(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                PubSub.class.getName(),
                "--port",
                "0");
        Matcher ready = READY.matcher(server.inputReader(StandardCharsets.UTF_8).readLine());
        assertTrue(ready.matches());
        port = ready.group(1);
    }

    @AfterEach
    void endAll() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process started(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    private String cli(String... words) throws Exception {
        RedisProcess.assumeInstalled("redis-cli");
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", port));
        command.addAll(List.of(words));
        return RedisProcess.run(command);
    }

    @Test
    void shouldAnswerRedisCli() throws Exception {
        assertEquals("PONG\n", cli("PING"));
        assertEquals("a \\ b\n", cli("PING", "a \\ b"));
        assertEquals("0\n", cli("PUBLISH", "news", "x"));
        assertEquals(
                "client-output-buffer-limit\nnormal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60\n",
                cli("CONFIG", "GET", "client-output-buffer-limit"));
        assertEquals("OK\n", cli("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"));
        assertTrue(
                cli("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb").startsWith("ERR CONFIG SET failed"));
        assertTrue(cli("GET", "x").startsWith("ERR unknown command 'GET'"));
    }

    @Test
    void shouldDeliverInOrderWhatRedisCliPublishesThroughAPipe() throws Exception {
        RedisProcess.assumeInstalled("redis-cli");
        int count = 20_000;
        Process byChannel = started("redis-cli", "-p", port, "SUBSCRIBE", "news");
        Process byPattern = started("redis-cli", "-p", port, "PSUBSCRIBE", "n?ws*");
        BufferedReader channelLines = byChannel.inputReader(StandardCharsets.UTF_8);
        BufferedReader patternLines = byPattern.inputReader(StandardCharsets.UTF_8);
        expect(channelLines, "subscribe", "news", "1");
        expect(patternLines, "psubscribe", "n?ws*", "1");
        Process publisher = started("redis-cli", "-p", port, "--pipe");
        try (OutputStream out = publisher.getOutputStream()) {
            StringBuilder pipeline = new StringBuilder();
            for (int i = 0; i < count; i++) {
                pipeline.append(RedisInputs.command("PUBLISH", "news", "text " + i));
            }
            out.write(pipeline.toString().getBytes(StandardCharsets.US_ASCII));
        }
        for (int i = 0; i < count; i++) {
            expect(channelLines, "message", "news", "text " + i);
            expect(patternLines, "pmessage", "n?ws*", "news", "text " + i);
        }
        String said = new String(publisher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // The end of the pipe is an ECHO, which is no command here, and is answered with an error.
        assertTrue(said.contains("replies: " + count) || said.contains("replies: " + (count + 1)), said);
    }

    private static void expect(BufferedReader lines, String... expected) throws Exception {
        for (String line : expected) {
            assertEquals(line, lines.readLine());
        }
    }

    @Test
    void shouldServeRedisBenchmarkWithAndWithoutAPipeline() throws Exception {
        RedisProcess.assumeInstalled("redis-benchmark");
        Process subscriber = started("redis-cli", "-p", port, "SUBSCRIBE", "c");
        BufferedReader lines = subscriber.inputReader(StandardCharsets.UTF_8);
        expect(lines, "subscribe", "c", "1");
        for (String pipeline : List.of("1", "32")) {
            String said = RedisProcess.run(List.of(
                    "redis-benchmark", "-p", port, "-q", "-n", "20000", "-P", pipeline, "PUBLISH", "c", "text"));
            assertTrue(said.contains("requests per second"), said);
            for (int i = 0; i < 20_000; i++) {
                expect(lines, "message", "c", "text");
            }
        }
        String pings = RedisProcess.run(List.of("redis-benchmark", "-p", port, "-q", "-n", "10000", "-t", "ping"));
        assertTrue(pings.contains("PING_INLINE") && pings.contains("PING_MBULK"), pings);
    }
}
