/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.result;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where, when and with what a set of results was measured: figures of different machines must not be compared.
 *
 * @param date when the run began, in UTC
 * @param set which set ran, such as {@code short}
 * @param seconds how long it took
 * @param jdk name and version of the JVM
 * @param os name and version of the operating system
 * @param cpu model of the processor
 * @param cores how many processors the JVM may use
 * @param versions of the library and of those it is compared with
 */
public record Machine(
        String date,
        String set,
        long seconds,
        String jdk,
        String os,
        String cpu,
        int cores,
        SortedMap<String, String> versions) {

    /** The artifacts with their versions in the report, by their familiar names. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            "sendbuffer", "io.sendbuffer/sendbuffer",
            "Netty", "io.netty/netty-transport",
            "Jetty", "org.eclipse.jetty/jetty-io",
            "JMH", "org.openjdk.jmh/jmh-core",
            "JOL", "org.openjdk.jol/jol-core");

    public Machine {
        versions = new TreeMap<>(versions); // Gson reads a map of its own kind
    }

    /** This machine, and this JVM. */
    public static Machine ofRun(String set, Instant began, Duration took) throws IOException {
        return new Machine(
                began.truncatedTo(ChronoUnit.SECONDS).toString(),
                set,
                took.toSeconds(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                cpuModel(),
                Runtime.getRuntime().availableProcessors(),
                versionsOnClassPath());
    }

    private static String cpuModel() throws IOException {
        Path cpus = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpus)) {
            for (String line : Files.readAllLines(cpus, StandardCharsets.UTF_8)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch"); // ARM reports no name, other systems have no such file
    }

    private static SortedMap<String, String> versionsOnClassPath() throws IOException {
        SortedMap<String, String> versions = new TreeMap<>();
        for (Map.Entry<String, String> artifact : ARTIFACTS.entrySet()) {
            versions.put(artifact.getKey(), versionOf(artifact.getValue()));
        }
        return versions;
    }

    private static String versionOf(String artifact) throws IOException {
        String resource = "/META-INF/maven/" + artifact + "/pom.properties";
        try (InputStream in = Machine.class.getResourceAsStream(resource)) {
            if (in == null) {
                return "?"; // run from classes, not from the jar
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "?");
        }
    }
}
