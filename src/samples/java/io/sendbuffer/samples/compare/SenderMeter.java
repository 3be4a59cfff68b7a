/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.samples.compare;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** The CPU time and the heap allocation of the sending threads: the publisher, which is the caller, and its helpers. */
final class SenderMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final List<Long> ids = new ArrayList<>();
    private long cpuNanosAtStart;
    private long allocatedAtStart;

    SenderMeter(List<String> helperThreads) {
        ids.add(Thread.currentThread().getId());
        for (long id : threads.getAllThreadIds()) {
            var info = threads.getThreadInfo(id);
            if (info != null && helperThreads.contains(info.getThreadName())) {
                ids.add(id);
            }
        }
    }

    void start() {
        cpuNanosAtStart = cpuNanosNow();
        allocatedAtStart = allocatedNow();
    }

    long cpuNanos() {
        return cpuNanosNow() - cpuNanosAtStart;
    }

    long allocatedBytes() {
        return allocatedNow() - allocatedAtStart;
    }

    private long cpuNanosNow() {
        return ids.stream().mapToLong(threads::getThreadCpuTime).sum();
    }

    private long allocatedNow() {
        return ids.stream().mapToLong(threads::getThreadAllocatedBytes).sum();
    }
}
