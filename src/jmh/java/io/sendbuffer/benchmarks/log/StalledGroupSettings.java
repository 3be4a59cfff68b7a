/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.log;

import io.sendbuffer.benchmarks.net.NettyTransport;
import io.sendbuffer.benchmarks.net.Options;
import io.sendbuffer.benchmarks.net.Resp;
import java.util.ArrayList;
import java.util.List;

/**
 * How many members of a group stall, and for how long.
 *
 * @param contenders that are compared; {@code sendbuffer-skip} only on request
 * @param readers how many members read; as many others never do
 * @param bytes of a message
 * @param kernelBytes of the kernel's buffer at each end of a connection that stalls
 * @param seconds how long each server publishes, in all
 * @param slices in how many parts; each so short that no server ends those that stall within it
 * @param warmupMillis before the first one, again and again until all that stall are behind
 */
public record StalledGroupSettings(
        List<String> contenders, int readers, int bytes, int kernelBytes, int seconds, int slices, int warmupMillis) {
    /** The cap of the pool. */
    static final long MAX_MEMORY = 64 << 20;

    /** What a server without a cap may take before its run ends: the machine is not for it alone. */
    static final long MAX_MEMORY_OF_PEER = 4L << 30;

    public StalledGroupSettings {
        contenders = List.copyOf(contenders);
    }

    /** A quarter of an hour. */
    static StalledGroupSettings standard() throws InterruptedException {
        return new StalledGroupSettings(contendersHere(), 1000, 64, 16 << 10, 60, 12, 2000);
    }

    /** Seconds. */
    static StalledGroupSettings quick() throws InterruptedException {
        return new StalledGroupSettings(contendersHere(), 20, 64, 16 << 10, 1, 3, 200);
    }

    static StalledGroupSettings parse(Options options) throws Options.Wrong, InterruptedException {
        StalledGroupSettings preset = options.has("--quick") ? quick() : standard();
        List<String> contenders = options.list("--contenders", preset.contenders);
        List<String> there = new ArrayList<>(preset.contenders);
        there.add(Setup.SKIP);
        for (String contender : contenders) {
            if (!there.contains(contender)) {
                throw new Options.Wrong(
                        "--contenders: no contender " + contender + " here; there are " + String.join(",", there));
            }
        }
        return new StalledGroupSettings(
                contenders,
                options.number("--readers", preset.readers, 1, 12_000),
                options.number("--bytes", preset.bytes, Long.BYTES, 64 << 10),
                options.number("--kernel-kib", preset.kernelBytes >> 10, 4, 16 << 10) << 10,
                options.number("--seconds", preset.seconds, 1, 3600),
                options.number("--slices", preset.slices, 1, 1000),
                preset.warmupMillis);
    }

    private static List<String> contendersHere() throws InterruptedException {
        String netty = (NettyTransport.EPOLL.whyNot() == null ? NettyTransport.EPOLL : NettyTransport.NIO).contender();
        List<String> contenders =
                new ArrayList<>(List.of(Setup.GROUP, Setup.DEFAULTS, netty, netty + Setup.AS_GUIDES, Resp.SAMPLE));
        if (Resp.isInstalled(Resp.REDIS)) {
            contenders.add(Resp.REDIS);
        }
        return contenders;
    }

    int sliceMillis() {
        return seconds * 1000 / slices;
    }
}
