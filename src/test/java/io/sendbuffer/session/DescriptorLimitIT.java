/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that runs out of file descriptors: no busy loop, no flood of errors, and it accepts again when some are
 * free.
 */
@DisabledOnOs(OS.WINDOWS) // has no limit of descriptors that a process could lower
@Timeout(60)
class DescriptorLimitIT {
    private static final int DESCRIPTORS = 150;
    private static final int CLIENTS = 250;
    private static final long OBSERVED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The server retries every 100 ms. */
    private static final int MAX_ERRORS_PER_SECOND = 12;

    @ParameterizedTest
    @ValueSource(strings = {"loop", "async", "blocking"})
    void shouldWaitForDescriptorsWithoutABusyLoop(String kind) throws Exception {
        Process process = start(kind);
        List<SocketChannel> clients = new ArrayList<>();
        try (BufferedReader answers =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
                OutputStream questions = process.getOutputStream()) {
            int port = (int) numbers(answers)[0];
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(connect(port));
            }
            Await.until("it ran out", () -> ask(questions, answers)[0] > 0);

            long[] before = ask(questions, answers);
            long start = System.nanoTime();
            Await.until("a second has passed", () -> System.nanoTime() - start > OBSERVED_NANOS);
            long[] after = ask(questions, answers);

            long seconds = 1 + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            assertTrue(
                    after[0] - before[0] <= MAX_ERRORS_PER_SECOND * seconds, () -> "errors: " + (after[0] - before[0]));
            assertTrue(after[1] - before[1] < 500 * seconds, () -> "CPU: " + (after[1] - before[1]) + " ms");
            assertTrue(after[2] > 0, "the sessions that it had stay open");

            CloseHelper.closeAll(clients);
            Await.until("their ends were noticed", () -> ask(questions, answers)[2] == 0);
            SocketChannel last = connect(port);
            clients.add(last);
            assertEquals(1, last.read(ByteBuffer.allocate(1)), "greeted");
        } finally {
            CloseHelper.closeAll(clients);
            process.destroy();
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        }
    }

    private static Process start(String kind) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command = "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"";
        return new ProcessBuilder(
                        "sh",
                        "-c",
                        command,
                        java,
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LimitedServer.class.getName(),
                        kind)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static SocketChannel connect(int port) throws IOException {
        return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static long[] ask(OutputStream questions, BufferedReader answers) {
        try {
            questions.write('\n');
            questions.flush();
            return numbers(answers);
        } catch (IOException e) {
            throw new AssertionError("the server is gone", e);
        }
    }

    private static long[] numbers(BufferedReader answers) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new AssertionError("the server is gone");
        }
        return Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    }
}
