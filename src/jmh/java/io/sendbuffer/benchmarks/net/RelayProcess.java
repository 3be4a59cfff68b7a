/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server that is no Java program. It ends with this process, however that ends. */
public final class RelayProcess implements AutoCloseable {
    /** Says the server's process id, and ends the server when its own input ends. */
    private static final String SHELL = "\"$@\" > /dev/null & echo $!; cat > /dev/null; kill $!";

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Process shell;
    private final long pid;

    private RelayProcess(Process shell, long pid) {
        this.shell = shell;
        this.pid = pid;
    }

    public static RelayProcess start(List<String> command) throws IOException {
        List<String> all = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
        all.addAll(command);
        Process shell = new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said =
                new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.US_ASCII));
        return new RelayProcess(shell, Long.parseLong(said.readLine()));
    }

    /** Whether a command is there, and ends without an error. */
    public static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) { // no such command
            return false;
        }
    }

    /** One that is free now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Connects to the server as soon as it listens. */
    @SuppressWarnings("ThreadSleep") // for another process, which cannot notify this one
    public static SocketChannel connect(int port) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (true) {
            try {
                SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return channel;
            } catch (IOException e) {
                if (System.nanoTime() - start > START_NANOS) {
                    throw new IOException("the server does not listen", e);
                }
            }
            Thread.sleep(10);
        }
    }

    public long pid() {
        return pid;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        shell.getOutputStream().close();
        shell.waitFor(5, TimeUnit.SECONDS);
    }
}
