package io.sendbuffer.benchmarks.net;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * What the process has used until now. Of the Java threads all count but the caller, which gives the orders; the JVM's
 * own threads, those of the compiler and the collector, are in the process's CPU time alone.
 *
 * @param cpuNanos of the threads, without their waiting for the reader
 * @param waitingNanos that was left out
 * @param processCpuNanos of everything, waiting and orders included
 * @param contextSwitches without those of waiting for the reader; negative where the system does not tell
 */
record Usage(
        long nanoTime,
        long cpuNanos,
        long waitingNanos,
        long processCpuNanos,
        long allocatedBytes,
        long contextSwitches) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** To be taken when nothing is in flight. */
    static Usage now(Pause pause) {
        long self = Thread.currentThread().getId();
        long[] ids = Arrays.stream(THREADS.getAllThreadIds())
                .filter(id -> id != self)
                .toArray();
        long cpu = Arrays.stream(THREADS.getThreadCpuTime(ids)).sum() - pause.cpuNanos();
        long allocated = Arrays.stream(THREADS.getThreadAllocatedBytes(ids)).sum();
        long switches = ContextSwitches.ofProcess();
        return new Usage(
                System.nanoTime(),
                cpu,
                pause.cpuNanos(),
                SYSTEM.getProcessCpuTime(),
                allocated,
                switches < 0 ? switches : switches - pause.parks());
    }

    /** What the JVM's own threads took, as a part of what the Java threads took. */
    double ownThreadsPartSince(Usage before) {
        double java = cpuNanos - before.cpuNanos + waitingNanos - before.waitingNanos;
        return (processCpuNanos - before.processCpuNanos - java) / java;
    }
}
