/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** The server's handle on the second process: starts it, makes it connect, and receives its results. */
final class ClientProcess implements AutoCloseable {
    private static final String ENDED = "ended";
    private static final int MAX_WAIT_SECONDS = 60;

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(64);

    ClientProcess() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:MaxDirectMemorySize=64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Clients.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::readLines, "client-process-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Opens connections from the second process to this one. */
    List<SocketChannel> connect(int count) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), count);
            commands.println(server.socket().getLocalPort() + " " + count);
            List<SocketChannel> channels = new ArrayList<>(count);
            while (channels.size() < count) {
                SocketChannel channel = server.accept();
                channel.socket().setTcpNoDelay(true);
                channels.add(channel);
            }
            return channels;
        }
    }

    /** Waits until every client has received the last message of a phase. */
    PhaseResult awaitPhase(int phase) throws IOException, InterruptedException {
        String line = lines.poll(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new IOException("the clients did not get everything within " + MAX_WAIT_SECONDS + " s");
        }
        if (line.equals(ENDED)) {
            throw new IOException("the clients ended early; their message is above");
        }
        PhaseResult result = PhaseResult.parse(line);
        if (result.phase() != phase) {
            throw new IOException("the clients report phase " + result.phase() + " instead of " + phase);
        }
        return result;
    }

    private void readLines() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                if (PhaseResult.isOne(line)) {
                    lines.put(line);
                } else {
                    System.out.println("clients: " + line);
                }
            }
            lines.put(ENDED);
        } catch (IOException e) {
            System.err.println("cannot read from the clients: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        commands.close(); // the end of its input ends the process
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
