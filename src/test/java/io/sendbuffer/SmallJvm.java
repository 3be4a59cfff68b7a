/*
 * Copyright 2026 the sendbuffer authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.sendbuffer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sendbuffer.session.ForkedJvm;
import java.io.IOException;
import java.util.List;

/** Runs a case of {@link SmallJvmMain} in a JVM of its own. */
final class SmallJvm {
    private SmallJvm() {}

    /** Returns when the case has passed. */
    static void requirePasses(List<String> flags, String... args) throws IOException, InterruptedException {
        String output = ForkedJvm.run(flags, SmallJvmMain.class, args);
        assertTrue(output.endsWith("passed\n"), output);
        System.out.print(output);
    }
}
