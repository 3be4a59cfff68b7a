/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Flags for every measuring JVM, so that the libraries in the comparison run at their best. */
public final class PeerFlags {
    private static final int MIN_JDK_THAT_ASKS = 24;

    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";
    private static final String NO_LEAK_DETECTION = "disabled";

    private PeerFlags() {}

    /** Flags for the command line of a JVM of this version. */
    public static List<String> ofJvm() {
        List<String> flags = new ArrayList<>();
        // Netty tracks one buffer in 128 by default: some 20% of a buffer's life, and all of its garbage.
        flags.add("-D" + LEAK_DETECTION + "=" + NO_LEAK_DETECTION);
        if (Runtime.version().feature() >= MIN_JDK_THAT_ASKS) {
            // For Netty's native libraries, and its use of Unsafe.
            flags.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        return flags;
    }

    /** Sets what can still be set in this JVM, before Netty is loaded. */
    public static void setHere() {
        System.setProperty(LEAK_DETECTION, NO_LEAK_DETECTION);
    }
}
