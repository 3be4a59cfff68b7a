/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.benchmarks.PeerFlags;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A Java process that takes orders and answers them, and is never left running. */
public final class Fork implements AutoCloseable {
    private static final Line ENDED = Line.of("ended-early");

    private final String name;
    private final Process process;
    private final PrintStream orders;
    private final BlockingQueue<Line> answers = new LinkedBlockingQueue<>();

    Fork(Class<?> main, List<String> heap, List<String> args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(heap);
        command.addAll(PeerFlags.ofJvm());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(args);
        name = main.getSimpleName() + " " + String.join(" ", args);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread pump = new Thread(this::pump, "answers of " + name);
        pump.setDaemon(true);
        pump.start();
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Sends an order and waits for the answer, at most for the given time.
     *
     * @throws UnsupportedOperationException if this machine lacks what the contender needs
     */
    public Line ask(Line order, String answer, long seconds) throws IOException, InterruptedException {
        tell(order);
        return await(answer, seconds);
    }

    /** Sends an order, the answer to which is awaited later. */
    void tell(Line order) {
        orders.println(order);
    }

    Line await(String answer, long seconds) throws IOException, InterruptedException {
        Line line = answers.poll(seconds, TimeUnit.SECONDS);
        if (line == null) {
            throw new IOException(name + ": no \"" + answer + "\" within " + seconds + " s");
        }
        if (line.name().equals("missing")) {
            throw new UnsupportedOperationException(line.text("cause"));
        }
        if (!line.name().equals(answer)) {
            throw new IOException(name + ": " + (line.has("cause") ? line.text("cause") : line));
        }
        return line;
    }

    private void pump() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String text;
            while ((text = reader.readLine()) != null) {
                if (text.startsWith(Line.MARK)) {
                    answers.add(Line.parse(text.substring(Line.MARK.length())));
                } else {
                    System.err.println(text);
                }
            }
        } catch (IOException e) {
            System.err.println(name + ": " + e);
        }
        answers.add(ENDED);
    }

    @Override
    public void close() {
        orders.close(); // the end of its input ends the process
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
