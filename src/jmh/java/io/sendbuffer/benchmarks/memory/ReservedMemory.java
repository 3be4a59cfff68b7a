/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much memory a pool holds for a steady number of live buffers, each of which is replaced again and again: the
 * oldest first, as in sending, or a random one, which is the worst case of a pool that reuses whole chunks.
 */
final class ReservedMemory {
    private static final List<String> CONTENDERS = List.of("sendbuffer", "netty-adaptive", "netty-pooled", "jetty");

    private final MemorySettings settings;
    private final String order;

    private ReservedMemory(MemorySettings settings, String order) {
        this.settings = settings;
        this.order = order;
    }

    static List<Result> measure(MemorySettings settings) {
        List<Result> results = new ArrayList<>();
        for (String order : List.of("fifo", "random")) {
            ReservedMemory job = new ReservedMemory(settings, order);
            CONTENDERS.forEach(contender -> results.addAll(job.measure(contender)));
            double chunk = CountedPool.chunkBytesOfSendBuffer();
            results.add(job.result("sendbuffer", "chunkBytes", "B", List.of(chunk)));
        }
        return results;
    }

    private List<Result> measure(String contender) {
        List<Double> bytes = new ArrayList<>();
        for (int round = 0; round < settings.rounds(); round++) {
            bytes.add((double) reservedBytes(contender, new Random(settings.seed() + round)));
        }
        double live = (double) settings.alive() * settings.bytes();
        List<Double> ratios = bytes.stream().map(reserved -> reserved / live).toList();
        return List.of(result(contender, "reserved", "ratio", ratios), result(contender, "reservedBytes", "B", bytes));
    }

    private long reservedBytes(String contender, Random random) {
        Object[] buffers = new Object[settings.alive()];
        try (CountedPool pool = CountedPool.named(contender)) {
            for (int i = 0; i < buffers.length; i++) {
                buffers[i] = pool.acquire(settings.bytes());
            }
            for (int i = 0; i < settings.replaces(); i++) {
                int replaced = order.equals("fifo") ? i % buffers.length : random.nextInt(buffers.length);
                pool.release(buffers[replaced]);
                buffers[replaced] = pool.acquire(settings.bytes());
            }
            long reserved = pool.reservedBytes(buffers);
            Arrays.stream(buffers).forEach(pool::release);
            return reserved;
        }
    }

    private Result result(String contender, String metric, String unit, List<Double> samples) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("alive", String.valueOf(settings.alive()));
        params.put("bytes", String.valueOf(settings.bytes()));
        params.put("replaces", String.valueOf(settings.replaces()));
        params.put("order", order);
        params.put("seed", String.valueOf(settings.seed()));
        return new Result("memory", "reserved", params, contender, metric, unit, samples);
    }
}
