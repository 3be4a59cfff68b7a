/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.OverrunPolicy;
import io.sendbuffer.benchmarks.net.Line;
import java.util.Locale;

/**
 * A server, its subscribers, and what both have to know of them.
 *
 * @param contender {@code sendbuffer-log}, {@code sendbuffer} for a group, {@code sendbuffer-defaults},
 *     {@code sendbuffer-skip}, {@code netty-nio} or {@code netty-epoll}, the same with {@code -guide}, {@code pubsub}
 *     or {@code redis}
 * @param policy of the subscriptions, or of the queues of a group: end, skip or hold
 * @param readers how many sessions are subscribed and read
 * @param others how many more sessions there are
 * @param role what those do
 * @param kernelBytes of the kernel's buffer at each end of a connection that stalls; 0 for what the system gives, as
 *     the others have it
 * @param bytes of a message, 8 or more
 * @param retentionBytes of the log, or what a queue of a group may hold
 * @param maxMemory of the pool, 0 for its default; of a server that is another process, what ends the run
 */
record Setup(
        String contender,
        String policy,
        int readers,
        int others,
        Role role,
        int kernelBytes,
        int bytes,
        long retentionBytes,
        long maxMemory) {
    static final String LOG = "sendbuffer-log";
    static final String GROUP = "sendbuffer";

    /** A group too, on a loop with all its defaults: those that stall are ended after its write timeout. */
    static final String DEFAULTS = "sendbuffer-defaults";

    /** A group too, the queues of which drop their oldest message, so that those that stall are not parked. */
    static final String SKIP = "sendbuffer-skip";

    /** What a contender of Netty's is called that broadcasts as its guides do. */
    static final String AS_GUIDES = "-guide";

    /** What the sessions are for that the measurement does not wait for. */
    enum Role {
        /** Subscribed, and never read. */
        STALLED,

        /** Not subscribed at first; what they get is read, and not counted. */
        IDLE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Setup parse(String text) {
        Line line = Line.parse(text);
        return new Setup(
                line.text("contender"),
                line.text("policy"),
                line.number("readers"),
                line.number("others"),
                Role.valueOf(line.text("role").toUpperCase(Locale.ROOT)),
                line.number("kernelBytes"),
                line.number("bytes"),
                line.longNumber("retentionBytes"),
                line.longNumber("maxMemory"));
    }

    /** For the command line of a process; {@link #parse} is its reverse. */
    @Override
    public String toString() {
        return Line.of("setup")
                .with("contender", contender)
                .with("policy", policy)
                .with("readers", readers)
                .with("others", others)
                .with("role", role)
                .with("kernelBytes", kernelBytes)
                .with("bytes", bytes)
                .with("retentionBytes", retentionBytes)
                .with("maxMemory", maxMemory)
                .toString();
    }

    OverrunPolicy overrunPolicy() {
        return switch (policy) {
            case "end" -> OverrunPolicy.end();
            case "skip" -> OverrunPolicy.skip();
            case "hold" -> OverrunPolicy.hold();
            default -> throw new IllegalArgumentException("no policy " + policy + "; there are end, skip, hold");
        };
    }
}
