/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process, whose heap was touched from the start.
 *
 * @param heap bytes in use on the heap, after a collection
 * @param other resident bytes of the whole process, but what the JVM keeps of classes and of compiled code; negative
 *     where the system does not say
 */
record ProcessMemory(long heap, long other, int threads) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    static ProcessMemory now() throws IOException {
        System.gc();
        System.gc(); // what references and cleaners still kept
        long code = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.NON_HEAP)
                .mapToLong(ProcessMemory::committed)
                .sum();
        return new ProcessMemory(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                residentBytes() - code,
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static long committed(MemoryPoolMXBean pool) {
        return pool.getUsage().getCommitted();
    }

    private static long residentBytes() throws IOException {
        if (!Files.exists(STATUS)) {
            return Long.MIN_VALUE / 2;
        }
        String line = Files.readAllLines(STATUS).stream()
                .filter(text -> text.startsWith(RESIDENT))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
    }
}
