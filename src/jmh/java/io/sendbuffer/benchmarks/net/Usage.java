/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks.net;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The resources that the process has used so far. All Java threads count except the caller, which gives the orders; the
 * JVM's own threads, those of the compiler and the collector, count only in the process's CPU time.
 *
 * @param cpuNanos of the threads, without their wait for the reader
 * @param waitingNanos the CPU time of the wait that was excluded
 * @param processCpuNanos of the whole process, waiting and orders included
 * @param allocatedBytes on the heap; negative of another process
 * @param contextSwitches without those of the wait for the reader; negative where the system does not report them
 */
public record Usage(
        long nanoTime,
        long cpuNanos,
        long waitingNanos,
        long processCpuNanos,
        long allocatedBytes,
        long contextSwitches) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Call it when nothing is in flight. */
    static Usage now(Pause pause) {
        long self = Thread.currentThread().getId();
        long[] ids = Arrays.stream(THREADS.getAllThreadIds())
                .filter(id -> id != self)
                .toArray();
        long cpu = Arrays.stream(THREADS.getThreadCpuTime(ids)).sum() - pause.cpuNanos();
        long allocated = Arrays.stream(THREADS.getThreadAllocatedBytes(ids)).sum();
        long switches = ProcessTasks.contextSwitches(ProcessHandle.current().pid());
        return new Usage(
                System.nanoTime(),
                cpu,
                pause.cpuNanos(),
                SYSTEM.getProcessCpuTime(),
                allocated,
                switches < 0 ? switches : switches - pause.parks());
    }

    /** Of another process: all of its threads, where Linux reports them. */
    static Usage ofProcess(long pid) {
        long cpu = ProcessTasks.cpuNanos(pid);
        return new Usage(System.nanoTime(), cpu, 0, cpu, -1, ProcessTasks.contextSwitches(pid));
    }

    /** The CPU time of the JVM's own threads, as a fraction of that of the Java threads. */
    double ownThreadsPartSince(Usage before) {
        double java = cpuNanos - before.cpuNanos + waitingNanos - before.waitingNanos;
        return (processCpuNanos - before.processCpuNanos - java) / java;
    }
}
