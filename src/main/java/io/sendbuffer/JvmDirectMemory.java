/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** Asks this JVM. Needs the modules java.management and jdk.management, which a server may do without. */
final class JvmDirectMemory {
    private JvmDirectMemory() {}

    /** The limit of this JVM, {@link DirectMemory#UNKNOWN} where the JVM cannot be asked for it. */
    static DirectMemory get() {
        return Holder.OF_THIS_JVM;
    }

    private static final class Holder {
        static final DirectMemory OF_THIS_JVM = find();

        private static DirectMemory find() {
            try {
                return Beans.directMemory();
            } catch (Throwable e) {
                // No such module, no such flag, another JVM: the pool does without a prediction.
                return DirectMemory.UNKNOWN;
            }
        }
    }

    /** A class of its own, so that a missing module fails where the failure is caught. */
    private static final class Beans {
        private static final String FLAG = "MaxDirectMemorySize";

        static DirectMemory directMemory() {
            for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
                if (pool.getName().equals("direct")) {
                    // The total capacity, not the memory used, is what java.nio.Bits compares with its limit.
                    return new DirectMemory(limit(), pool::getTotalCapacity, CollectionRequests.ofThisJvm());
                }
            }
            return DirectMemory.UNKNOWN;
        }

        private static long limit() {
            HotSpotDiagnosticMXBean flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            long limit = Long.parseLong(flags.getVMOption(FLAG).getValue());
            return limit > 0 ? limit : Runtime.getRuntime().maxMemory();
        }
    }
}
