/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import io.sendbuffer.benchmarks.PeerFlags;
import io.sendbuffer.samples.pubsub.PubSub;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The protocol of Redis, as far as a channel is published to, and the servers that speak it. */
public final class Resp {
    public static final String REDIS = "redis";

    /** The sample of this library. */
    public static final String SAMPLE = "pubsub";

    /** What {@link #putPublish} puts beside a message, at most. */
    public static final int MAX_BYTES_BESIDE = 64;

    /** Descriptors of a server's own, and the publisher. */
    private static final int MORE_CLIENTS = 100;

    private Resp() {}

    /** Whether a server speaks this protocol. */
    public static boolean isSpokenBy(String name) {
        return name.equals(REDIS) || name.equals(SAMPLE);
    }

    /**
     * What starts a server.
     *
     * @param clients how many are to connect
     * @param limits of subscribers, as in {@code client-output-buffer-limit}; empty for the server's own
     * @throws UnsupportedOperationException if it is not installed
     */
    static List<String> command(String name, int port, int clients, String limits) throws InterruptedException {
        return name.equals(REDIS) ? redis(port, clients, limits) : sample(port);
    }

    private static List<String> redis(int port, int clients, String limits) throws InterruptedException {
        if (!isInstalled(REDIS)) {
            throw new UnsupportedOperationException("redis-server is not installed (Debian: redis-server)");
        }
        List<String> command = new ArrayList<>(List.of(
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--maxclients",
                String.valueOf(clients + MORE_CLIENTS),
                "--loglevel",
                "warning",
                "--save",
                ""));
        if (!limits.isEmpty()) {
            command.addAll(List.of("--client-output-buffer-limit", limits));
        }
        return command;
    }

    private static List<String> sample(int port) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms256m", "-Xmx256m"));
        command.addAll(PeerFlags.ofJvm());
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), PubSub.class.getName(), "--port", String.valueOf(port)));
        return command;
    }

    /** Starts a server with its own limits; it listens a moment later. */
    public static RelayProcess start(String name, int port, int clients) throws IOException, InterruptedException {
        return RelayProcess.start(command(name, port, clients, ""));
    }

    /** Whether a server can be started here. */
    public static boolean isInstalled(String name) throws InterruptedException {
        return name.equals(SAMPLE) || RelayProcess.succeeds(List.of("redis-server", "--version"));
    }

    /** Subscribes to the channel that is published to. Returns when that is confirmed. */
    public static void subscribe(SocketChannel client) throws IOException {
        Greeting.SUBSCRIBE.exchange(client);
    }

    /** What a subscriber receives of a message of that size. */
    public static int wireBytes(int bytes) {
        return ascii("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$" + bytes + "\r\n").length + bytes + 2;
    }

    /** Puts a command that publishes a message. */
    public static void putPublish(ByteBuffer target, long stamp, byte[] body) {
        target.put(ascii("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$" + (Long.BYTES + body.length) + "\r\n"));
        target.putLong(stamp).put(body).put(ascii("\r\n"));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
