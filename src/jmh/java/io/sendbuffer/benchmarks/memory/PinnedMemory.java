/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.memory;

import io.sendbuffer.benchmarks.result.Result;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much memory receivers that stalled keep, beside the bytes that they hold: some of the messages that were sent,
 * each held by all of them. The other messages are in flight for a moment, as those of receivers that read.
 */
final class PinnedMemory {
    private static final List<String> CONTENDERS =
            List.of("sendbuffer", "sendbuffer-unmoved", "netty-adaptive", "netty-pooled");

    /** Where the chunks of what is not moved would be more than a pool takes. */
    private static final List<String> CONTENDERS_OF_MANY = List.of("sendbuffer", "netty-adaptive", "netty-pooled");

    private static final int RECEIVERS = 10;

    /** Messages in flight, as in the fan-out. */
    private static final int IN_FLIGHT = 64;

    /** The default of a pool. */
    private static final int CHUNK_BYTES = 128 << 10;

    private final MemorySettings settings;
    private final Pattern pattern;
    private final int count;
    private final int receiverCount;

    /** With a number of messages that are held, and of receivers that hold each. */
    private PinnedMemory(MemorySettings settings, Pattern pattern, int count, int receiverCount) {
        this.settings = settings;
        this.pattern = pattern;
        this.count = count;
        this.receiverCount = receiverCount;
    }

    /**
     * What is sent, again and again.
     *
     * @param oneOf what one message is held of, in words
     * @param bytes of the message that is held
     * @param others bytes of each of the messages sent with it, none of which is held
     */
    record Pattern(String oneOf, int bytes, List<Integer> others) {
        private static final int OTHER_BYTES = 8 << 10;

        /** One of n messages of a size. */
        static Pattern oneOf(int messages, int bytes) {
            return new Pattern(messages == 1 ? "1 message" : messages + " messages", bytes, nOf(messages - 1, bytes));
        }

        /**
         * One in each chunk. The others are larger: otherwise the heap would have an object for each 64 bytes that are
         * kept, and be as large as what they keep.
         */
        static Pattern oneOfAChunk(int bytes) {
            List<Integer> others = new ArrayList<>(nOf(CHUNK_BYTES / OTHER_BYTES - 1, OTHER_BYTES));
            others.add(OTHER_BYTES - bytes);
            return new Pattern("128 KiB", bytes, List.copyOf(others));
        }

        private static List<Integer> nOf(int count, int bytes) {
            return Collections.nCopies(count, bytes);
        }
    }

    static List<Result> measure(MemorySettings settings) {
        List<Result> results = new ArrayList<>();
        for (Pattern pattern :
                List.of(Pattern.oneOf(1, 32), Pattern.oneOf(10, 32), Pattern.oneOf(100, 32), Pattern.oneOfAChunk(64))) {
            PinnedMemory job = new PinnedMemory(settings, pattern, settings.held(), RECEIVERS);
            CONTENDERS.forEach(contender -> results.addAll(job.measure(contender)));
        }
        if (settings.heldByOne() > 0) {
            PinnedMemory job = new PinnedMemory(settings, Pattern.oneOfAChunk(64), settings.heldByOne(), 1);
            CONTENDERS_OF_MANY.forEach(contender -> results.addAll(job.measure(contender)));
        }
        return results;
    }

    private List<Result> measure(String contender) {
        List<Double> ratios = new ArrayList<>();
        List<Double> pinned = new ArrayList<>();
        List<Double> reserved = new ArrayList<>();
        double held = (double) count * pattern.bytes();
        for (int round = 0; round < settings.rounds(); round++) {
            Kept kept = keep(contender, new Random(settings.seed() + round));
            ratios.add(kept.pinnedBytes / held);
            pinned.add((double) kept.pinnedBytes);
            reserved.add((double) kept.reservedBytes);
        }
        return List.of(
                result(contender, "pinned", "ratio", ratios),
                result(contender, "pinnedBytes", "B", pinned),
                result(contender, "reservedBytes", "B", reserved));
    }

    private record Kept(long pinnedBytes, long reservedBytes) {}

    private Kept keep(String contender, Random random) {
        try (StalledReceivers receivers = StalledReceivers.named(contender, receiverCount)) {
            Queue<Object> inFlight = new ArrayDeque<>(IN_FLIGHT);
            for (int i = 0; i < count; i++) {
                sendOnce(receivers, inFlight, random.nextInt(pattern.others.size() + 1));
            }
            inFlight.forEach(receivers::release);
            receivers.settle();
            Kept kept = new Kept(receivers.pinnedBytes(), receivers.reservedBytes());
            receivers.end(count);
            return kept;
        }
    }

    /** Sends all messages of the pattern. */
    private void sendOnce(StalledReceivers receivers, Queue<Object> inFlight, int placeOfHeld) {
        for (int i = 0; i <= pattern.others.size(); i++) {
            boolean isHeld = i == placeOfHeld;
            int bytes = isHeld ? pattern.bytes : pattern.others.get(i < placeOfHeld ? i : i - 1);
            if (inFlight.size() == IN_FLIGHT) {
                receivers.release(inFlight.remove());
            }
            Object message = receivers.message(bytes);
            inFlight.add(message);
            if (isHeld) {
                receivers.hold(message);
            }
        }
    }

    private Result result(String contender, String metric, String unit, List<Double> samples) {
        SortedMap<String, String> params = new TreeMap<>();
        params.put("bytes", String.valueOf(pattern.bytes));
        params.put("held", String.valueOf(count));
        params.put("oneOf", pattern.oneOf);
        params.put("receivers", String.valueOf(receiverCount));
        params.put("seed", String.valueOf(settings.seed()));
        return new Result("memory", "pinned", params, contender, metric, unit, samples);
    }
}
