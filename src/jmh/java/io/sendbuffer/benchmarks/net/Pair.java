/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server process and the reader that is connected to it. */
public final class Pair implements AutoCloseable {
    private static final int START_SECONDS = 60;

    /** Other descriptors that a JVM opens. */
    private static final int OTHER_DESCRIPTORS = 300;

    /**
     * Committed from the start: otherwise a contender that allocates would pay for pages touched for the first time.
     */
    private static final List<String> SERVER_HEAP = List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch");

    /** A reader creates no garbage; direct memory may take as much again. */
    private static final List<String> READER_HEAP = List.of("-Xms64m", "-Xmx512m");

    private final Fork server;
    private final Fork reader;
    private final long servingPid;

    private Pair(Fork server, Fork reader, long servingPid) {
        this.server = server;
        this.reader = reader;
        this.servingPid = servingPid;
    }

    /** The arguments of the two processes. */
    public interface Arguments {
        List<String> ofServer(Path counters);

        /**
         * Those of the reader.
         *
         * @param port what the server has said about its ports
         */
        List<String> ofReader(Line port, Path counters);
    }

    /** Starts both, and returns when they are connected. */
    public static Pair start(String contender, Mode mode, int sessions, int loops, Class<? extends Reader> readerMain)
            throws IOException, InterruptedException {
        String count = String.valueOf(sessions);
        return start(Server.class, SERVER_HEAP, readerMain, new Arguments() {
            @Override
            public List<String> ofServer(Path counters) {
                return List.of(contender, mode.toString(), count, String.valueOf(loops), counters.toString());
            }

            @Override
            public List<String> ofReader(Line port, Path counters) {
                return List.of(port.text("number"), count, counters.toString(), port.text("greeting"));
            }
        });
    }

    /** Starts a server of another kind with the usual heap, and its reader. */
    public static Pair start(Class<?> serverMain, Class<? extends Reader> readerMain, Arguments arguments)
            throws IOException, InterruptedException {
        return start(serverMain, SERVER_HEAP, readerMain, arguments);
    }

    /** Starts a server of another kind, and its reader. */
    public static Pair start(
            Class<?> serverMain, List<String> serverHeap, Class<? extends Reader> readerMain, Arguments arguments)
            throws IOException, InterruptedException {
        Path file = Files.createTempFile("sendbuffer-benchmark", ".counters");
        try {
            Files.write(file, new byte[SharedCounters.SIZE]);
            return start(serverMain, serverHeap, readerMain, arguments, file);
        } finally {
            Files.delete(file); // both have mapped it, or failed
        }
    }

    private static Pair start(
            Class<?> serverMain,
            List<String> serverHeap,
            Class<? extends Reader> readerMain,
            Arguments arguments,
            Path counters)
            throws IOException, InterruptedException {
        Fork server = new Fork(serverMain, serverHeap, arguments.ofServer(counters));
        try {
            Line port = server.await("port", START_SECONDS);
            Fork reader = new Fork(readerMain, READER_HEAP, arguments.ofReader(port, counters));
            try {
                reader.await("connected", START_SECONDS);
                server.await("ready", START_SECONDS);
                return new Pair(server, reader, port.has("pid") ? port.longNumber("pid") : server.pid());
            } catch (IOException | InterruptedException | RuntimeException e) {
                reader.close();
                throw e;
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Whether a process may have enough descriptors; a JVM raises its limit to the hard limit. */
    public static boolean descriptorsSuffice(int sessions) {
        return !(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
                || system.getMaxFileDescriptorCount() >= sessions + OTHER_DESCRIPTORS;
    }

    public Fork server() {
        return server;
    }

    /** The process that serves the sessions: the server, or one that it has started. */
    public long servingPid() {
        return servingPid;
    }

    public Fork reader() {
        return reader;
    }

    /** Gives both the same order, which they carry out together, and waits for their answers. */
    public void askBoth(Line order, String answer, long seconds) throws IOException, InterruptedException {
        server.tell(order);
        reader.tell(order);
        reader.await(answer, seconds);
        server.await(answer, seconds);
    }

    /** Ends the server's work, and checks that all memory came back. */
    public void end() throws IOException, InterruptedException {
        long outstanding = server.ask(Line.of("end"), "ended", START_SECONDS).longNumber("outstandingBuffers");
        if (outstanding != 0) {
            throw new IOException(outstanding + " buffers were not given back");
        }
    }

    @Override
    public void close() {
        server.close();
        reader.close();
    }
}
