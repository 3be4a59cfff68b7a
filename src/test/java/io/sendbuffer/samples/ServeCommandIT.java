/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.samples.serve.Serve;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server as a user starts it: a process with arguments, a console, signals and an exit code. */
@Timeout(60)
class ServeCommandIT {
    private static final int ENDED_BY_SIGTERM = 128 + 15;
    private static final Pattern LISTENING = Pattern.compile("listening on localhost:(\\d+), Ctrl-C ends");

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endAll() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS) // has no signal that lets a process say goodbye
    void shouldServeUntilItIsTerminated() throws Exception {
        Process server = start("--port", "0");
        BufferedReader console = server.inputReader(StandardCharsets.UTF_8);
        Matcher listening = LISTENING.matcher(console.readLine());
        assertTrue(listening.matches());
        try (LineClient first = new LineClient(Integer.parseInt(listening.group(1)));
                LineClient second = new LineClient(Integer.parseInt(listening.group(1)))) {
            second.expect("* welcome, 2 here; type a line and all others see it");
            second.send("hi\n");
            first.expect("* welcome, 1 here; type a line and all others see it", "* #2 joined, 2 here", "#2: hi");
            server.toHandle().destroy(); // Process.destroy would close its streams too
            first.expect("* server is closing");
            second.expect("* server is closing");
            first.expectEnd();
            second.expectEnd();
        }
        List<String> rest = console.lines().toList();
        assertTrue(rest.get(0).startsWith("#1 connected from "), rest::toString);
        assertTrue(rest.get(1).startsWith("#2 connected from "), rest::toString);
        assertEquals(List.of("closed: 2 clients, 1 lines, 0 buffers outstanding"), rest.subList(2, rest.size()));
        assertEquals("", errorsOf(server));
        assertEquals(ENDED_BY_SIGTERM, exitCodeOf(server));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --prot 80            | unknown option --prot; there are --port, --host,
                    80                   | unknown option 80; there are --port, --host,
                    --port               | --port needs a value
                    --port http          | --port must be a whole number from 0 to 65535, was http
                    --port 65536         | --port must be a whole number from 0 to 65535, was 65536
                    --port -1            | --port must be a whole number from 0 to 65535, was -1
                    --max-line 0         | --max-line must be a whole number from 1 to 65536, was 0
                    --max-connections 0  | --max-connections must be a whole number from 1 to 100000, was 0
                    --queue-limit 4000   | --queue-limit must be a whole number from 4160 to 1073741824, was 4000
                    --max-memory 1       | --max-memory must be a whole number from 1048576 to 1073741824, was 1
                    """)
    void shouldSayWhatIsRightAboutAWrongArgument(String args, String message) throws Exception {
        assertFails(2, message, start(args.split(" ")));
    }

    @Test
    void shouldSayThatThePortIsInUse() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            String port = String.valueOf(other.getLocalPort());
            assertFails(1, "cannot listen on localhost:" + port + ": ", start("--port", port));
        }
    }

    @Test
    void shouldSayThatTheHostIsUnknown() throws Exception {
        assertFails(1, "cannot listen on nowhere.invalid:7777: ", start("--host", "nowhere.invalid"));
    }

    @Test
    void shouldHelp() throws Exception {
        Process help = start("--port", "0", "--help");
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(text.contains("--max-connections N"), text);
        assertEquals(0, exitCodeOf(help));
    }

    /** One line on the error stream, nothing else anywhere. */
    private static void assertFails(int exitCode, String message, Process process) throws Exception {
        String errors = errorsOf(process);
        assertTrue(errors.startsWith(message), errors);
        assertEquals(1, errors.lines().count(), errors);
        assertEquals(0, process.getInputStream().readAllBytes().length);
        assertEquals(exitCode, exitCodeOf(process));
    }

    private Process start(String... args) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                classPath,
                Serve.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        processes.add(process);
        return process;
    }

    private static String errorsOf(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int exitCodeOf(Process process) throws InterruptedException {
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the process does not end");
        return process.exitValue();
    }
}
