/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.session.soak;

import io.sendbuffer.session.Faults;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Decides, by a seed, when a fault occurs, and counts how often each one did. Thread-safe. */
final class SoakFaults {
    /** A fault that never occurred yet occurs soon. */
    private static final int ONE_OF_AT_FIRST = 4;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final SoakTally tally;
    private final long seed;
    private final AtomicLong draws = new AtomicLong();
    private final Map<SoakFault, LongAdder> counts = new EnumMap<>(SoakFault.class);
    private final Map<SoakFault, AtomicLong> lastNanos = new EnumMap<>(SoakFault.class);
    private final Map<String, LongAdder> thrown = new ConcurrentHashMap<>();

    SoakFaults(SoakTally tally, SplittableRandom random) {
        this.tally = tally;
        this.seed = random.nextLong();
        for (SoakFault fault : SoakFault.values()) {
            counts.put(fault, new LongAdder());
            lastNanos.put(fault, new AtomicLong(System.nanoTime()));
        }
    }

    /** True if this call is to have the fault. Never true once the run is over. */
    boolean now(SoakFault fault) {
        if (!tally.isRunning()) {
            return false;
        }
        int oneOf = count(fault) == 0 ? Math.min(ONE_OF_AT_FIRST, fault.oneOf) : fault.oneOf;
        if (draw(oneOf) != 0 || !isDue(fault)) {
            return false;
        }
        came(fault);
        return true;
    }

    /** Counts a fault that the soak did not draw. */
    void came(SoakFault fault) {
        adder(fault).increment();
    }

    private boolean isDue(SoakFault fault) {
        if (fault.millisBetween == 0) {
            return true;
        }
        AtomicLong last = lastNanos.get(fault);
        long now = System.nanoTime();
        long before = last == null ? now : last.get();
        return last != null
                && now - before >= TimeUnit.MILLISECONDS.toNanos(fault.millisBetween)
                && last.compareAndSet(before, now);
    }

    /** Returns something to throw. */
    Throwable make(SoakFault fault) {
        Throwable made = SoakThrown.KINDS.get(draw(SoakThrown.KINDS.size())).apply(fault);
        thrown.computeIfAbsent(made.getClass().getSimpleName(), name -> new LongAdder())
                .increment();
        return made;
    }

    /** Throws if this call is to have the fault. */
    void hit(SoakFault fault) {
        if (now(fault)) {
            throw Faults.<RuntimeException>sneaky(make(fault));
        }
    }

    private int draw(int bound) {
        long mixed = seed + draws.incrementAndGet() * GOLDEN;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return (int) Long.remainderUnsigned(mixed ^ (mixed >>> 31), bound);
    }

    private LongAdder adder(SoakFault fault) {
        LongAdder count = counts.get(fault);
        if (count == null) {
            throw new AssertionError(fault);
        }
        return count;
    }

    long count(SoakFault fault) {
        return adder(fault).sum();
    }

    /** The faults that should have occurred, and did not. */
    List<SoakFault> missing() {
        return Stream.of(SoakFault.values()).filter(fault -> count(fault) == 0).toList();
    }

    /** One line for each fault, and one for what was thrown. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder("faults:");
        counts.forEach((fault, count) ->
                lines.append(System.lineSeparator()).append(String.format("  %-28s %,9d", fault, count.sum())));
        return lines.append(System.lineSeparator())
                .append("  thrown ")
                .append(new TreeMap<>(thrown))
                .toString();
    }
}
